"""The place for the frames of a kept run: numbered, the latest of them, at little more than their own bytes.

A token's frame is fifty bytes and would take twice that as an object of its own, for every run and as long as it is
kept; so all but the last few are put together in blocks, which are forgotten as wholes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

BLOCK: Final = 4 * 1024  # bytes of frames that are put together
OVERHEAD: Final = 8  # bytes that a frame costs beside its own


class _Block(NamedTuple):
    data: bytes
    ends: array[int]  # where each frame ends

    def frame(self, index: int) -> bytes:
        return self.data[self.ends[index - 1] if index else 0 : self.ends[index]]


class Frames:
    """Frames by number, from 1; ``first`` is the number of the first that is kept, ``last`` that of the last."""

    def __init__(self) -> None:
        self.first, self.last = 1, 0
        self.start = self.end = 0  # bytes: of what is no longer kept, and of all there ever was
        self._blocks: list[_Block] = []
        self._firsts: list[int] = []  # the number of the first frame of each block
        self._open: list[bytes] = []
        self._open_bytes = 0

    def add(self, data: bytes) -> None:
        """The next frame."""
        self.last += 1
        self.end += len(data) + OVERHEAD
        self._open.append(data)
        self._open_bytes += len(data)
        if self._open_bytes > BLOCK:
            self._firsts.append(self.last - len(self._open) + 1)
            self._blocks.append(_Block(b"".join(self._open), array("I", accumulate(map(len, self._open)))))
            self._open.clear()
            self._open_bytes = 0

    def keep(self, size: int) -> None:
        """Forget the oldest, until what is left takes no more than ``size``; a block is forgotten as a whole."""
        while self.end - self.start > size and self._blocks:
            block = self._blocks.pop(0)
            del self._firsts[0]
            self.first += len(block.ends)
            self.start += len(block.data) + OVERHEAD * len(block.ends)

    def frame(self, number: int) -> bytes:
        """The frame of a number from ``first`` to ``last``."""
        opened = number - (self.last - len(self._open) + 1)
        if opened >= 0:
            return self._open[opened]
        at = bisect_right(self._firsts, number) - 1
        return self._blocks[at].frame(number - self._firsts[at])

    def position(self, number: int) -> int:
        """How many bytes there had been with the frame of this number; of one that is forgotten, what is not kept."""
        return self.start + sum(len(self.frame(each)) + OVERHEAD for each in range(self.first, number + 1))
