"""Frames are the same whether they stand alone, in a block, or behind forgotten ones."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from promptwire.gateway.frames import BLOCK, OVERHEAD, Frames


@given(st.lists(st.integers(1, BLOCK), max_size=40), st.integers(0, 20 * BLOCK))
def test_what_is_kept_is_what_was_added(sizes: list[int], kept: int) -> None:
    frames, added = Frames(), [bytes([at % 256]) * size for at, size in enumerate(sizes)]
    for data in added:
        frames.add(data)
    frames.keep(kept)
    assert frames.last == len(added)
    assert [frames.frame(number) for number in range(frames.first, frames.last + 1)] == added[frames.first - 1 :]
    assert frames.end == sum(len(data) + OVERHEAD for data in added)
    for number in range(frames.first - 1, frames.last + 1):
        assert frames.position(number) == sum(len(data) + OVERHEAD for data in added[:number])


def test_the_oldest_are_forgotten_and_the_newest_never() -> None:
    frames = Frames()
    for _ in range(1000):
        frames.add(b"x" * 100)
    frames.keep(20_000)
    assert frames.end - frames.start <= 20_000
    assert frames.first > 800
    frames.keep(0)
    assert frames.last == 1000
    assert frames.end - frames.start <= BLOCK + 100 + 50 * OVERHEAD


def test_what_was_read_along_takes_a_fraction_of_its_bytes() -> None:
    frames = Frames()
    tracemalloc.start()
    try:
        for number in range(20_000):
            frames.add(b'id: %d\nevent: delta\ndata: {"text":"word%d "}\n\n' % (number + 1, number * 7919 % 1000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < (frames.end - frames.start) / 4
    assert frames.frame(7000) == b'id: 7000\nevent: delta\ndata: {"text":"word%d "}\n\n' % (6999 * 7919 % 1000)
