"""The five events are values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any, assert_never

import pytest

from thriftwire.events import BizStatus, End, Event, Failure, Headers, Message, Open, Reset

EVENTS: list[Event] = [
    Open(call_id=1, service="S", method="M"),
    Headers(call_id=1),
    Message(1, b"x"),
    End(call_id=1),
    Reset(call_id=1, failure=Failure(12007, "gone")),
]


def name(event: Event) -> str:
    match event:
        case Open(call_id=_, method=method):
            return f"open {method}"
        case Headers():
            return "headers"
        case Message(call_id, payload):
            return f"message {call_id} {payload!r}"
        case End():
            return "end"
        case Reset(failure=failure):
            return f"reset {failure.code}"
        case _:
            assert_never(event)


def test_a_match_over_them_is_exhaustive() -> None:
    assert list(map(name, EVENTS)) == ["open M", "headers", "message 1 b'x'", "end", "reset 12007"]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_they_do_not_change(event: Any) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError)):
        event.call_id = 2


def test_they_are_equal_by_value() -> None:
    assert Message(1, b"x") == Message(1, b"x") != Message(2, b"x")
    assert End(call_id=1, biz=BizStatus(5, "m", {"k": "v"})) == End(call_id=1, biz=BizStatus(5, "m", {"k": "v"}))


def test_nothing_is_shared_between_two_that_say_nothing() -> None:
    first, second = Open(call_id=1, service="", method=""), Open(call_id=2, service="", method="")
    assert first.transient is not second.transient
    assert (first.streaming, first.oneway, first.timeout_ms, first.caller) == (True, False, None, "")
