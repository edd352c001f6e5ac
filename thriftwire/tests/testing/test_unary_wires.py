"""A check is worth what it catches: machines broken on purpose must fail it."""

from __future__ import annotations

import contextlib

import pytest

from thriftwire.errors import LocalProtocolError
from thriftwire.events import Event, Headers, Message
from thriftwire.states import Role
from thriftwire.testing import unary_wires as kit
from thriftwire.testing.pair import Pair
from thriftwire.testing.samples import Check
from thriftwire.ttheader.unary import UnaryMachine


class Lax(UnaryMachine):
    """Swallows what it should refuse."""

    def send(self, event: Event) -> None:
        with contextlib.suppress(LocalProtocolError):
            super().send(event)


class Silent(UnaryMachine):
    """Never says headers."""

    def receive(self, data: bytes) -> list[Event]:
        return [event for event in super().receive(data) if not isinstance(event, Headers)]


class Backward(UnaryMachine):
    """Answers the last request first, oneway or not, and keeps its connection whatever happens."""

    @property
    def closing(self) -> bool:
        return False

    def outgoing(self) -> bytes:
        self._out.reverse()
        return super().outgoing()

    def receive(self, data: bytes) -> list[Event]:
        events = super().receive(data)
        for call in self._calls.values():
            if call.oneway:
                self._order.append(call)
                call.oneway = False
        return [event for event in events if isinstance(event, Message)] or events


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        (kit.a_call_is_one_message_each_way, Silent),
        (kit.a_second_message_is_refused, Lax),
        (kit.a_side_may_not_end_without_its_message, Lax),
        (kit.pipelined_requests_are_answered_in_order, Backward),
        (kit.a_oneway_call_has_no_reply, Backward),
        (kit.a_client_that_gives_up_drops_the_reply, Backward),
    ],
)
def test_what_is_broken_is_caught(check: Check, broken: type[UnaryMachine]) -> None:
    with pytest.raises(AssertionError):
        check(lambda: Pair(broken(Role.CLIENT), broken(Role.SERVER), streaming=False))


def test_every_check_is_tried_above() -> None:
    assert len(kit.UNARY_WIRES) == 6
