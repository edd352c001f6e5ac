"""The place for the frames of a kept run: numbered, the latest of them, at a fraction of their own bytes.

A token's frame is fifty bytes and would take twice that as an object of its own, for every run and as long as it is
kept; so all but the last few are put together in blocks, which are forgotten as wholes. Frames are much alike: a block
that readers are done with is packed, at 0.1 us a frame, and takes a sixth.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

BLOCK: Final = 4 * 1024  # bytes of frames that are put together
OVERHEAD: Final = 8  # bytes that a frame counts beside its own
PLAIN: Final = 4  # blocks that are not packed: whoever reads along is never further behind
_ITEM: Final = array("I").itemsize


class _Block(NamedTuple):
    data: bytes
    ends: array[int]  # where each frame ends

    def frame(self, index: int) -> bytes:
        return self.data[self.ends[index - 1] if index else 0 : self.ends[index]]

    def packed(self) -> bytes:
        sizes = array("I", (end - start for start, end in zip((0, *self.ends), self.ends, strict=False)))
        return zlib.compress(self.data + sizes.tobytes(), 1)


def _unpacked(packed: bytes, count: int) -> _Block:
    whole = zlib.decompress(packed)
    size = len(whole) - count * _ITEM
    return _Block(whole[:size], array("I", accumulate(array("I", whole[size:]))))


class _Kept(NamedTuple):
    """A block's place: the number of its first frame, what it counts, and the block, packed or not."""

    first: int
    frames: int
    size: int
    block: _Block | bytes


class Frames:
    """Frames by number, from 1; ``first`` is the number of the first that is kept, ``last`` that of the last."""

    def __init__(self) -> None:
        self.first, self.last = 1, 0
        self.start = self.end = 0  # bytes: of what is no longer kept, and of all there ever was
        self._blocks: list[_Kept] = []
        self._open: list[bytes] = []
        self._open_bytes = 0
        self._read: tuple[int, _Block] | None = None  # the packed block that was read last, by its first number

    def add(self, data: bytes) -> None:
        """The next frame."""
        self.last += 1
        self.end += len(data) + OVERHEAD
        self._open.append(data)
        self._open_bytes += len(data)
        if self._open_bytes > BLOCK:
            self._close()

    def keep(self, size: int) -> None:
        """Forget the oldest, until what is left takes no more than ``size``; a block is forgotten as a whole."""
        while self.end - self.start > size and self._blocks:
            block = self._blocks.pop(0)
            self.first += block.frames
            self.start += block.size

    def frame(self, number: int) -> bytes:
        """The frame of a number from ``first`` to ``last``."""
        opened = number - (self.last - len(self._open) + 1)
        if opened >= 0:
            return self._open[opened]
        kept = self._blocks[bisect_right(self._blocks, number, key=_first) - 1]
        return self._block(kept).frame(number - kept.first)

    def position(self, number: int) -> int:
        """How many bytes there had been with the frame of this number; of one that is forgotten, what is not kept."""
        at, begin = self.start, self.first
        for block in self._blocks:
            if block.first + block.frames - 1 > number:
                break
            at, begin = at + block.size, block.first + block.frames
        return at + sum(len(self.frame(each)) + OVERHEAD for each in range(begin, number + 1))

    def _close(self) -> None:
        """Put the last frames together, and pack those that readers are done with."""
        opened, blocks = self._open, self._blocks
        count = len(opened)
        block = _Block(b"".join(opened), array("I", accumulate(map(len, opened))))
        blocks.append(_Kept(self.last - count + 1, count, self._open_bytes + OVERHEAD * count, block))
        opened.clear()
        self._open_bytes = 0
        if len(blocks) > PLAIN and isinstance(block := blocks[-PLAIN - 1].block, _Block):
            blocks[-PLAIN - 1] = blocks[-PLAIN - 1]._replace(block=block.packed())

    def _block(self, kept: _Kept) -> _Block:
        if isinstance(kept.block, _Block):
            return kept.block
        if self._read is None or self._read[0] != kept.first:
            self._read = kept.first, _unpacked(kept.block, kept.frames)
        return self._read[1]


def _first(kept: _Kept) -> int:
    return kept.first
