"""Two machines joined by nothing."""

from __future__ import annotations

import pytest

from thriftwire.events import End, Headers, Message
from thriftwire.states import Role
from thriftwire.testing.pair import Pair, chunked
from thriftwire.testing.samples import opening
from thriftwire.ttheader.streaming import StreamingMachine


@pytest.mark.parametrize(
    ("size", "pieces"),
    [(0, [b"abcde"]), (1, [b"a", b"b", b"c", b"d", b"e"]), (2, [b"ab", b"cd", b"e"]), (9, [b"abcde"])],
)
def test_chunks(size: int, pieces: list[bytes]) -> None:
    assert list(chunked(b"abcde", size)) == pieces


def test_nothing_has_no_chunks() -> None:
    assert list(chunked(b"", 0)) == []


@pytest.mark.parametrize("chunk", [0, 1])
def test_what_one_sends_the_other_sees(chunk: int) -> None:
    pair = Pair(StreamingMachine(Role.CLIENT), StreamingMachine(Role.SERVER), chunk=chunk)
    event = opening(pair)
    assert pair.send(Role.CLIENT, event, End(call_id=event.call_id)) == [event, End(call_id=event.call_id)]
    assert pair.send(Role.SERVER, Headers(call_id=1), Message(1, b"x")) == [Headers(call_id=1), Message(1, b"x")]
    assert pair.seen[Role.CLIENT] == [Headers(call_id=1), Message(1, b"x")]
    assert pair.written[Role.SERVER]
    assert pair.machine(Role.CLIENT) is pair.client
