"""Two sequences beside each other: whole, true, and soon, whatever they are."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.prompt.alignment import Stretch, stretches

LETTERS = st.text(alphabet="abcd", max_size=30)


@given(one=LETTERS, other=LETTERS)
def test_stretches_are_both_sequences_whole(one: str, other: str) -> None:
    found = list(stretches(one, other))
    assert "".join(one[each.begin : each.end] for each in found) == one
    assert "".join(other[each.other_begin : each.other_end] for each in found) == other
    for each in found:
        alike = one[each.begin : each.end] == other[each.other_begin : each.other_end]
        assert alike if each.same else not alike
    assert all(first.same != second.same for first, second in itertools.pairwise(found))


@given(LETTERS)
def test_what_is_the_same_is_one_stretch(text: str) -> None:
    assert list(stretches(text, text)) == ([Stretch(True, 0, len(text), 0, len(text))] if text else [])


def test_what_stands_once_holds_what_is_around_it() -> None:
    one, other = ["f", "{", "x", "}", "g", "{", "x", "}"], ["h", "{", "x", "}", "f", "{", "x", "}", "g", "{", "x", "}"]
    assert [one[each.begin : each.end] for each in stretches(one, other) if each.same] == [one]


def _lines(kind: str) -> tuple[list[str], list[str]]:
    dice, count = random.Random(1), 40_000
    numbered = [str(number) for number in range(count)]
    match kind:
        case "all alike":
            return ["\n"] * count, ["x", *["\n"] * count, "y"]
        case "every second one is new":
            return numbered, [line if number % 2 else f"new {line}" for number, line in enumerate(numbered)]
        case "each stands twice":
            return numbered + numbered, [
                f"{line}{'' if number % 2 else 'n'}" for number, line in enumerate(numbered * 2)
            ]
        case "shuffled":
            return numbered, dice.sample(numbered, count)
        case _:
            few = [str(dice.randrange(20)) for _ in range(2 * count)]
            return few[:count], few[count:]


@pytest.mark.parametrize(
    "kind", ["all alike", "every second one is new", "each stands twice", "shuffled", "few of many"]
)
def test_long_sequences_take_no_longer_than_they_may(kind: str) -> None:
    one, other = _lines(kind)
    begun = time.perf_counter()
    found = list(stretches(one, other))
    assert time.perf_counter() - begun < 10  # a slow machine; minutes when nothing bounds it
    assert sum(each.end - each.begin for each in found) == len(one)
    if kind == "every second one is new":
        assert sum(each.same for each in found) == len(one) // 2
