"""Bytes gone wrong: seeded mutations of good input, and the promise that only RemoteProtocolError escapes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from thriftwire.errors import RemoteProtocolError
from thriftwire.machine import Machine
from thriftwire.testing.pair import chunked

_INTERESTING = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\x10\x00", b"\x80\x01", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")


def mutations(seeds: Sequence[bytes], count: int, *, seed: int) -> Iterator[bytes]:
    """``count`` corruptions of ``seeds``, the same for the same ``seed``."""
    dice = random.Random(seed)  # noqa: S311 - reproducible on purpose
    for _ in range(count):
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 1, 1, 2, 4))):
            _corrupt(data, dice, seeds)
        yield bytes(data)


def _corrupt(data: bytearray, dice: random.Random, seeds: Sequence[bytes]) -> None:
    at = dice.randint(0, len(data))
    end = min(len(data), at + dice.randint(1, 8))
    match dice.randrange(6):
        case 0 if at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        case 1:
            data[at : at + 1] = dice.choice(_INTERESTING)
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end]
        case 4:
            data[at:at] = dice.randbytes(dice.randint(1, 8))
        case _:
            other = dice.choice(seeds)
            data[at:] = other[dice.randint(0, len(other)) :]


def survive(make_machine: Callable[[], Machine], inputs: Iterator[bytes], *, chunk: int = 0) -> int:
    """Feed each input to a fresh machine, then the end; returns how many the machine refused.

    Anything but RemoteProtocolError escapes: that is the failure.
    """
    refused = 0
    for data in inputs:
        machine = make_machine()
        try:
            for piece in chunked(data, chunk):
                machine.receive(piece)
            machine.receive_eof()
        except RemoteProtocolError:
            refused += 1
        machine.outgoing()
    return refused
