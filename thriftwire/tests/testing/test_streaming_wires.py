"""A check is worth what it catches: machines broken on purpose must fail it."""

from __future__ import annotations

import pytest

from thriftwire.errors import LocalProtocolError
from thriftwire.events import End, Event, Message, Reset
from thriftwire.states import Role
from thriftwire.testing import streaming_wires as kit
from thriftwire.testing.pair import Pair
from thriftwire.testing.samples import Check
from thriftwire.ttheader.streaming import StreamingMachine


class Mute(StreamingMachine):
    """Drops empty and large messages, and every reset."""

    def receive(self, data: bytes) -> list[Event]:
        return [event for event in super().receive(data) if not self._lost(event)]

    @staticmethod
    def _lost(event: Event) -> bool:
        return isinstance(event, Reset) or (isinstance(event, Message) and len(event.payload) in (0, 1 << 20))


class Repeating(StreamingMachine):
    """Gives every call the same id."""

    def new_call_id(self) -> int:
        return 1


class Leaky(StreamingMachine):
    """Never forgets a call."""

    @property
    def live_calls(self) -> int:
        return 1


class Undead(StreamingMachine):
    """Never sees an end."""

    def receive(self, data: bytes) -> list[Event]:
        return [event for event in super().receive(data) if not isinstance(event, End)]


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        (kit.both_sides_stream_at_will, Mute),
        (kit.calls_interleave, Repeating),
        (kit.a_servers_end_ends_both_sides, Undead),
        (kit.a_reset_ends_the_call_at_once, Leaky),
        (kit.a_reset_tells_the_server, Mute),
        (kit.a_large_message_arrives_whole, Mute),
        (kit.a_server_may_end_without_headers, Undead),
    ],
)
def test_what_is_broken_is_caught(check: Check, broken: type[StreamingMachine]) -> None:
    with pytest.raises((AssertionError, LocalProtocolError)):
        check(lambda: Pair(broken(Role.CLIENT), broken(Role.SERVER)))


def test_every_check_is_tried_above() -> None:
    assert len(kit.STREAMING_WIRES) == 7
