"""Seeded corruption."""

from __future__ import annotations

import pytest

from thriftwire.events import Event
from thriftwire.states import Role
from thriftwire.testing.mutation import mutations, survive
from thriftwire.ttheader.streaming import StreamingMachine


def test_the_same_seed_gives_the_same_corruption() -> None:
    seeds = [b"hello world", b"\x00\x01\x02"]
    first, second = (list(mutations(seeds, 50, seed=3)) for _ in range(2))
    assert first == second
    assert first != list(mutations(seeds, 50, seed=4))
    assert sum(data not in seeds for data in first) > 40


def test_a_machine_that_lets_another_error_escape_is_caught() -> None:
    class Careless(StreamingMachine):
        def receive(self, data: bytes) -> list[Event]:
            raise KeyError(data)

    with pytest.raises(KeyError):
        survive(lambda: Careless(Role.SERVER), mutations([b"x"], 1, seed=1))


def test_refusals_are_counted() -> None:
    assert survive(lambda: StreamingMachine(Role.SERVER), iter([b"GET / HTTP/1.1\r\n", b""])) == 1
