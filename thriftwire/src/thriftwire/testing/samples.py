"""What the conformance checks are made of: sample events, calls brought to a state, and what must then hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Final

from thriftwire.errors import LocalProtocolError
from thriftwire.events import End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.states import TRANSITIONS, Role, State
from thriftwire.testing.pair import Pair

MakePair = Callable[[], Pair]
Check = Callable[[MakePair], None]

CLIENT: Final = Role.CLIENT
SERVER: Final = Role.SERVER


def opening(pair: Pair, **changes: object) -> Open:
    """An `Open` that uses everything the pair's wire carries."""
    fields: dict[str, object] = {"call_id": pair.client.new_call_id(), "service": "Echo", "method": "Say"}
    fields["streaming"] = pair.streaming
    if pair.metadata:
        fields |= {
            "transient": {"TKEY": "tval"},
            "upstream": {"UKEY": "uval"},
            "persistent": {"PKEY": "pvål"},
            "headers": {"hk": "hv"},
            "caller": "cli.svc",
            "timeout_ms": 5000,
        }
    return Open(**(fields | changes))  # pyright: ignore[reportArgumentType]


def request(pair: Pair, **changes: object) -> tuple[int, int]:
    """A whole request of one message; returns its ids at the client and at the server."""
    event = opening(pair, **changes)
    seen = pair.send(CLIENT, event, Message(event.call_id, STRUCT), End(call_id=event.call_id))
    return event.call_id, opened(seen).call_id


def opened(events: list[Event]) -> Open:
    """The `Open` that ``events`` begin with."""
    event = events[0]
    assert isinstance(event, Open), f"expected Open first, got {events}"
    return event


STRUCT = bytes.fromhex("0b00010000000568656c6c6f00")
"""A Thrift struct whose field 1 is ``hello``: unary wires walk it to find its end."""


def reach(pair: Pair, role: Role, state: State) -> int:
    """Bring one call to where ``role``'s side stands at ``state``; returns its id there."""
    if state is State.IDLE:
        return 77
    if role is CLIENT:
        return _reach_as_client(pair, state)
    call_id = request(pair)[1] if not pair.streaming else opened(pair.send(CLIENT, opening(pair))).call_id
    if state is State.SENDING:
        pair.send(SERVER, Headers(call_id=call_id))
    elif state is State.CLOSED:
        pair.send(SERVER, End(call_id=call_id, failure=Failure(6, "no")))
    return call_id


def _reach_as_client(pair: Pair, state: State) -> int:
    if state is State.DONE:
        return request(pair)[0]
    event = opening(pair)
    pair.send(CLIENT, event)
    if state is State.CLOSED:
        pair.send(CLIENT, Reset(call_id=event.call_id, failure=Failure(12007, "gone")))
    return event.call_id


def sample(kind: type[Event], call_id: int, pair: Pair) -> Event:
    """An event of ``kind`` on a call."""
    if kind is Open:
        return opening(pair, call_id=call_id)
    if kind is Message:
        return Message(call_id, STRUCT)
    if kind is Headers:
        return Headers(call_id=call_id)
    if kind is End:
        return End(call_id=call_id)
    return Reset(call_id=call_id, failure=Failure(12007, "gone"))


def illegal_cells() -> Iterator[tuple[Role, State, type[Event]]]:
    """Every (role, state, event) the tables do not allow.

    Opening is left out where a call is over: machines forget such calls, and an id may come round again.
    """
    for role, kind in product(Role, (Open, Headers, Message, End, Reset)):
        for state, row in TRANSITIONS[role].items():
            over = state is State.CLOSED and kind is Open
            unreachable = role is SERVER and state is State.DONE
            if kind not in row and not over and not unreachable:
                yield role, state, kind


def expect_empty(pair: Pair) -> None:
    """Both call tables are empty and nothing waits to be written."""
    for role in Role:
        machine = pair.machine(role)
        assert machine.live_calls == 0, f"the {role.value} still holds {machine.live_calls} calls"
        assert machine.outgoing() == b"", f"the {role.value} still has bytes to write"


def refused(pair: Pair, role: Role, event: Event) -> None:
    """Sending ``event`` raises LocalProtocolError and writes nothing."""
    machine = pair.machine(role)
    try:
        machine.send(event)
    except LocalProtocolError:
        assert machine.outgoing() == b"", f"a refused {type(event).__name__} left bytes behind"
    else:
        raise AssertionError(f"a {role.value} was allowed to send {event}")
