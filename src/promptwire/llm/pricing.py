"""The place for what tokens cost: the price in force on a day, and a usage in US dollars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from promptwire.api.llm import Price
from promptwire.api.message import Usage

PER: Final = 1_000_000  # a price is for so many tokens


def in_force(prices: Iterable[Price], day: dt.date | None = None) -> Price | None:
    """The price of ``day`` (UTC, today by default): the last that began; None before the first."""
    today = (day or dt.datetime.now(dt.UTC).date()).isoformat()
    begun = [price for price in prices if price.since <= today]
    return max(begun, key=lambda price: price.since, default=None)


def cost(price: Price | None, usage: Usage) -> float | None:
    """What ``usage`` costs; None when there is no price."""
    if price is None:
        return None
    read = price.input if price.cache_read is None else price.cache_read
    write = price.input if price.cache_write is None else price.cache_write
    reasoning = price.output if price.reasoning is None else price.reasoning
    total = (
        usage.input_tokens * price.input
        + usage.cache_read_tokens * read
        + usage.cache_write_tokens * write
        + usage.output_tokens * price.output
        + usage.reasoning_tokens * reasoning
    )
    return total / PER


def check(prices: Iterable[Price]) -> None:
    """Raises ValueError for a price that means nothing."""
    days: set[str] = set()
    for price in prices:
        if dt.date.fromisoformat(price.since).isoformat() != price.since:
            raise ValueError(f"a price begins on a day like 2026-01-31, not {price.since!r}")
        if price.since in days:
            raise ValueError(f"two prices begin on {price.since}")
        days.add(price.since)
        amounts = (price.input, price.output, price.cache_read, price.cache_write, price.reasoning)
        if any(amount is not None and not 0 <= amount < float("inf") for amount in amounts):
            raise ValueError(f"a price of {price.since} is no amount")
