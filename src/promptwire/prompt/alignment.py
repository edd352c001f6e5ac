"""The place where two sequences are laid beside each other: which stretches stand in both, in order.

A prompt may be a megabyte of lines that are alike, and whoever compares them must not keep everybody waiting. So what
is alike at both ends is settled first, then what stands once in either (Cohen's patience diff); what is left between
is searched as far as that is soon done, and otherwise counts as other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple, TypeAlias

MOST_PAIRS: Final = 500_000  # of members that are alike: each is looked at
MOST_PLACES: Final = 4_000_000  # members of the one times members of the other

Members: TypeAlias = Sequence[Hashable]


class Stretch(NamedTuple):
    """``one[begin:end]`` beside ``other[other_begin:other_end]``: the same in both, or what is there instead."""

    same: bool
    begin: int
    end: int
    other_begin: int
    other_end: int


class _Block(NamedTuple):
    """``size`` members that are the same in both."""

    begin: int
    other_begin: int
    size: int


def stretches(one: Members, other: Members) -> Iterator[Stretch]:
    """Both sequences whole, cut where what is the same begins and ends."""
    at = other_at = 0
    for begin, other_begin, size in [*_joined(_blocks(one, other)), _Block(len(one), len(other), 0)]:
        if at < begin or other_at < other_begin:
            yield Stretch(False, at, begin, other_at, other_begin)
        at, other_at = begin + size, other_begin + size
        if size:
            yield Stretch(True, begin, at, other_begin, other_at)


def _joined(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """The blocks, those that follow one another as one."""
    last = _Block(0, 0, 0)
    for block in blocks:
        if (block.begin, block.other_begin) == (last.begin + last.size, last.other_begin + last.size):
            last = last._replace(size=last.size + block.size)
        else:
            yield last
            last = block
    yield last


def _blocks(one: Members, other: Members) -> Iterator[_Block]:
    at = other_at = 0
    for begin, other_begin in [*_single(one, other), (len(one), len(other))]:
        for block in _searched(one[at:begin], other[other_at:other_begin]):
            yield _Block(at + block.begin, other_at + block.other_begin, block.size)
        if begin < len(one) and other_begin < len(other):
            yield _Block(begin, other_begin, 1)
        at, other_at = begin + 1, other_begin + 1


def _single(one: Members, other: Members) -> list[tuple[int, int]]:
    """Where members stand that each has once, as many of them as stand in the same order in both."""
    once = {member for member, times in Counter(one).items() if times == 1}
    places = {member: place for place, member in enumerate(other)}
    counted = Counter(other)
    pairs = [(place, places[member]) for place, member in enumerate(one) if member in once and counted.get(member) == 1]
    ends: list[int] = []  # the least end, in the other, of a rising row of each length
    rows: list[tuple[int, int]] = []  # the length of the longest row that ends at each pair, and which pair that is
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        rows.append((length, number))
    wanted, row = len(ends) - 1, list[tuple[int, int]]()
    for length, number in reversed(rows):
        if length == wanted and (not row or pairs[number][1] < row[-1][1]):
            row.append(pairs[number])
            wanted -= 1
    return row[::-1]


def _searched(one: Members, other: Members) -> Iterator[_Block]:
    """What is the same in a stretch: at both ends, and between them where that is soon found."""
    shorter = min(len(one), len(other))
    head = next((index for index in range(shorter) if one[index] != other[index]), shorter)
    tail = next((index for index in range(shorter - head) if one[-1 - index] != other[-1 - index]), shorter - head)
    yield _Block(0, 0, head)
    middle, other_middle = one[head : len(one) - tail], other[head : len(other) - tail]
    if len(middle) * len(other_middle) <= MOST_PLACES and _pairs(middle, other_middle) <= MOST_PAIRS:
        for block in SequenceMatcher(None, middle, other_middle, autojunk=False).get_matching_blocks()[:-1]:
            yield _Block(head + block.a, head + block.b, block.size)
    yield _Block(len(one) - tail, len(other) - tail, tail)


def _pairs(one: Members, other: Members) -> int:
    counted = Counter(other)
    return sum(times * counted[member] for member, times in Counter(one).items())
