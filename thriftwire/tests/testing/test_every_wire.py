"""A check is worth what it catches: machines broken on purpose must fail it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.events import End, Event, Failure, Message, Open
from thriftwire.states import Role
from thriftwire.testing import every_wire as kit
from thriftwire.testing.pair import Pair
from thriftwire.testing.samples import Check
from thriftwire.ttheader.streaming import StreamingMachine


class Lax(StreamingMachine):
    """Swallows what it should refuse."""

    def send(self, event: Event) -> None:
        with contextlib.suppress(LocalProtocolError):
            super().send(event)


class Forgetful(StreamingMachine):
    """Loses the caller's name, the failure's text and the business extra."""

    def send(self, event: Event) -> None:
        match event:
            case Open():
                event = replace(event, caller="")
            case End(failure=Failure()):
                event = replace(event, failure=Failure(6, ""))
            case End(biz=biz) if biz is not None:
                event = replace(event, biz=biz._replace(extra={}))
            case _:
                pass
        super().send(event)


class Hasty(StreamingMachine):
    """Sees nothing in single bytes, keeps calls at the end, and takes calls for ever."""

    @property
    def accepts_calls(self) -> bool:
        return True

    def receive(self, data: bytes) -> list[Event]:
        events = super().receive(data)
        return events if len(data) > 1 else []

    def receive_eof(self) -> list[Event]:
        return []


class Trusting(StreamingMachine):
    """Lets another error escape, and takes garbage for silence."""

    def receive(self, data: bytes) -> list[Event]:
        try:
            return super().receive(data)
        except RemoteProtocolError as error:
            if data.startswith(b"GET"):
                return []
            raise KeyError from error


class Abrupt(StreamingMachine):
    """Drops messages once shut down."""

    def send(self, event: Event) -> None:
        if not (self._draining and isinstance(event, Message)):
            super().send(event)


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        (kit.what_the_tables_forbid_is_refused, Lax),
        (kit.an_opening_arrives_as_it_was_sent, Forgetful),
        (kit.a_failure_arrives_whole, Forgetful),
        (kit.a_business_status_arrives_whole_or_is_refused, Forgetful),
        (kit.a_business_status_of_zero_is_refused, Lax),
        (kit.the_end_of_the_peer_ends_every_call, Hasty),
        (kit.garbage_is_a_remote_protocol_error, Trusting),
        (kit.corrupted_bytes_raise_nothing_else, Trusting),
        (kit.any_chunk_size_gives_the_same_events, Hasty),
        (kit.after_shutdown_a_server_finishes_what_is_live, Abrupt),
        (kit.after_shutdown_a_client_opens_nothing, Hasty),
    ],
)
def test_what_is_broken_is_caught(check: Check, broken: type[StreamingMachine]) -> None:
    with pytest.raises((AssertionError, LookupError)):
        check(lambda: Pair(broken(Role.CLIENT), broken(Role.SERVER)))


def test_every_check_is_tried_above() -> None:
    assert len(kit.EVERY_WIRE) == 11
