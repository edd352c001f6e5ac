"""Server-sent events come out whole, however the bytes were cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire import sse
from promptwire.sse import EventSplitter, EventTooLong

STREAM = (
    "\ufeff: a comment\n\n"
    'event: delta\nid: 7\ndata: {"a": "héllo 你好 🦊"}\n\n'
    "data:no space\n\n\n\n"
    "data: first\ndata: second\ndata\n\n"
    "retry: 10\n\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = ['{"a": "héllo 你好 🦊"}'.encode(), b"no space", b"first\nsecond\n", b"[DONE]"]


def events(pieces: list[bytes]) -> list[bytes]:
    splitter = EventSplitter()
    found = [event for piece in pieces for event in splitter.feed(piece)]
    return found + splitter.close()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_any_cut_and_any_newline_give_the_same_events(size: int, newline: bytes) -> None:
    stream = STREAM.replace(b"\n", newline)
    assert events([stream[at : at + size] for at in range(0, len(stream), size)]) == EVENTS


@given(st.data())
def test_random_cuts_and_mixed_newlines_give_the_same_events(data: st.DataObject) -> None:
    newlines = iter(data.draw(st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=20, max_size=20)))
    stream = b"".join(next(newlines) if byte == 10 else bytes([byte]) for byte in STREAM)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    assert events([stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]) == EVENTS


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: a\r\n\r") == [b"a"]
    assert splitter.feed(b"\ndata: b\r\n\r\n") == [b"b"]


def test_a_last_event_without_its_blank_line_still_counts() -> None:
    assert events([b"data: a\n\ndata: [DONE]"]) == [b"a", b"[DONE]"]


def test_an_event_without_end_is_refused() -> None:
    splitter = EventSplitter()
    with pytest.raises(EventTooLong):
        for _ in range(sse.MAX_EVENT_BYTES // 2**16 + 1):
            splitter.feed(b"x" * 2**16)
