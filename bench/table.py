"""Results as text: one line each, its cost, and the ratio to another of the same run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """What one contender spent on one load."""

    name: str
    per_message_us: float
    per_second: float


def show(title: str, results: Sequence[Result], *, base: str, unit: str, target: str = "") -> None:
    """Print one load: every contender's cost as a multiple of ``base``'s."""
    print(f"\n{title}")
    if target:
        print(f"  {target}")
    reference = next((each.per_message_us for each in results if each.name == base), None)
    width = max((len(each.name) for each in results), default=0)
    for each in results:
        ratio = f"{each.per_message_us / reference:7.2f} x" if reference else "      - "
        print(
            f"  {each.name:{width}}  {ratio}   {each.per_message_us:8.1f} us CPU per {unit}   {each.per_second:9,.0f}/s"
        )
