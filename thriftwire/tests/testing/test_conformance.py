"""The kit picks the checks by the wire, and runs them all."""

from __future__ import annotations

import pytest

from thriftwire.events import Event, Headers
from thriftwire.states import Role
from thriftwire.testing import Pair, check_machine, checks
from thriftwire.testing.every_wire import EVERY_WIRE
from thriftwire.testing.streaming_wires import STREAMING_WIRES
from thriftwire.testing.unary_wires import UNARY_WIRES
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine


class Forgetful(StreamingMachine):
    """Loses the application's headers."""

    def send(self, event: Event) -> None:
        super().send(Headers(call_id=event.call_id) if isinstance(event, Headers) else event)


def test_a_broken_machine_fails() -> None:
    with pytest.raises(AssertionError):
        check_machine(lambda: Pair(Forgetful(Role.CLIENT), Forgetful(Role.SERVER)))


def test_sound_machines_pass() -> None:
    check_machine(lambda: Pair(StreamingMachine(Role.CLIENT), StreamingMachine(Role.SERVER)))
    check_machine(lambda: Pair(UnaryMachine(Role.CLIENT), UnaryMachine(Role.SERVER), streaming=False))


def test_checks_are_chosen_by_the_wire() -> None:
    assert checks(streaming=True) == EVERY_WIRE + STREAMING_WIRES
    assert checks(streaming=False) == EVERY_WIRE + UNARY_WIRES
