"""Tokens cost what the price of the day says, each kind apart."""

from __future__ import annotations

import datetime as dt

import pytest

from promptwire.api.llm import Price
from promptwire.api.message import Usage
from promptwire.llm.pricing import check, cost, in_force

USAGE = Usage(
    input_tokens=1_000_000,
    cache_read_tokens=2_000_000,
    cache_write_tokens=3_000_000,
    output_tokens=4_000_000,
    reasoning_tokens=5_000_000,
)


def price(since: str = "2026-01-01", **kinds: float) -> Price:
    return Price(since=since, input=1.0, output=10.0, **kinds)


def test_a_kind_without_a_price_costs_what_its_next_of_kin_costs() -> None:
    assert cost(price(), USAGE) == 1 + 2 + 3 + 40 + 50
    assert cost(price(cache_read=0.1, cache_write=2.0, reasoning=20.0), USAGE) == pytest.approx(1 + 0.2 + 6 + 40 + 100)
    assert cost(price(cache_read=0.0), Usage(cache_read_tokens=5)) == 0
    assert cost(None, USAGE) is None


def test_the_price_in_force_is_the_last_that_began() -> None:
    old, new, next_ = price("2026-01-01"), price("2026-06-01"), price("2027-01-01")
    prices = [new, next_, old]
    assert in_force(prices, dt.date(2025, 12, 31)) is None
    assert in_force(prices, dt.date(2026, 1, 1)) is old
    assert in_force(prices, dt.date(2026, 12, 31)) is new
    assert in_force([price("2999-01-01"), old]) is old


@pytest.mark.parametrize(
    ("prices", "reason"),
    [
        ([price("yesterday")], "yesterday"),
        ([price("20260101")], "a day like 2026-01-31"),
        ([price(), price()], "two prices begin on 2026-01-01"),
        ([price(cache_read=-1.0)], "no amount"),
        ([price(reasoning=float("nan"))], "no amount"),
    ],
)
def test_a_price_that_means_nothing_is_refused(prices: list[Price], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check(prices)


def test_a_price_that_means_something_passes() -> None:
    check([price("2026-01-01"), price("2026-06-01", cache_read=0.0)])
