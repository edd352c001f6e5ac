"""What the checks are made of."""

from __future__ import annotations

from typing import Any

import pytest

from thriftwire.events import End, Event, Headers, Message, Open, Reset
from thriftwire.states import TRANSITIONS, Role, State
from thriftwire.testing.pair import Pair
from thriftwire.testing.samples import expect_empty, illegal_cells, opened, opening, reach, refused, request, sample
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine


def streams() -> Pair:
    return Pair(StreamingMachine(Role.CLIENT), StreamingMachine(Role.SERVER))


def unary() -> Pair:
    return Pair(UnaryMachine(Role.CLIENT), UnaryMachine(Role.SERVER), streaming=False)


@pytest.mark.parametrize("make", [streams, unary])
@pytest.mark.parametrize(("role", "state"), [(role, state) for role in Role for state in TRANSITIONS[role]])
def test_every_state_is_reached(make: Any, role: Role, state: State) -> None:
    if (role, state) == (Role.SERVER, State.DONE):
        return  # a server's end closes the call
    pair = make()
    call_id = reach(pair, role, state)
    call = pair.machine(role)._calls.get(call_id)
    assert (call.local if call else None) is (None if state in (State.IDLE, State.CLOSED) else state)


def test_illegal_cells_are_those_absent_from_the_tables() -> None:
    cells = list(illegal_cells())
    assert (Role.SERVER, State.OPENED, Message) in cells
    assert (Role.CLIENT, State.DONE, Message) in cells
    assert not any(kind in TRANSITIONS[role][state] for role, state, kind in cells)


@pytest.mark.parametrize("kind", [Open, Headers, Message, End, Reset])
def test_samples_are_of_the_kind_asked_for(kind: type[Event]) -> None:
    event = sample(kind, 5, streams())
    assert type(event) is kind
    assert event.call_id == 5


def test_a_request_is_seen_by_the_server() -> None:
    pair = unary()
    mine, theirs = request(pair, method="Other")
    assert opened(pair.seen[Role.SERVER]).method == "Other"
    assert (mine, theirs) == (1, 1)
    with pytest.raises(AssertionError, match="still holds"):
        expect_empty(pair)


def test_an_event_that_is_allowed_is_not_refused() -> None:
    pair = streams()
    with pytest.raises(AssertionError, match="was allowed"):
        refused(pair, Role.CLIENT, opening(pair))


def test_something_else_is_not_an_opening() -> None:
    with pytest.raises(AssertionError, match="expected Open"):
        opened([End(call_id=1)])
