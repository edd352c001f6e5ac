"""Which bucket a request draws on, and what a limit may be."""

from __future__ import annotations

import pytest

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge, Subject, bucket_of, check

SUBJECT = Subject(model="m", workspace="w", key="k", user="u", scenario="debug")


@pytest.mark.parametrize(
    ("scopes", "bucket"),
    [
        ({}, "l"),
        ({"model": "m"}, "l"),
        ({"model": "other"}, None),
        ({"user": "*"}, "l|user=u"),
        ({"model": "*", "user": "*", "scenario": "debug"}, "l|model=m|user=u"),
        ({"scenario": "judge", "user": "*"}, None),
    ],
)
def test_a_scope_selects_divides_or_is_left_out(scopes: dict[str, str], bucket: str | None) -> None:
    assert bucket_of(Limit(id="l", kind="requests", amount=1, **scopes), SUBJECT) == bucket  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"window_s": -1}, {"burst": 0}, {"burst": 1}])
def test_an_impossible_limit_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        check(Limit(**({"id": "l", "kind": "requests", "amount": 1} | wrong)))  # pyright: ignore[reportArgumentType]


def test_burst_and_inflow_of_one_window_make_the_amount() -> None:
    limit = Limit(id="l", kind="tokens", amount=1000, window_s=60, burst=0.2)
    one = Charge(limit=limit, bucket="l", cost=1)
    assert 1000 * 0.2 + 60 / one.unit_s == pytest.approx(1000)
