"""The tables themselves, and the walk of a call's two sides through them."""

from __future__ import annotations

from itertools import product

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.events import End, Event, Headers, Message, Open, Reset
from thriftwire.states import JOINT, TOLERATED, TRANSITIONS, Role, Sides, State

KINDS: tuple[type[Event], ...] = (Open, Headers, Message, End, Reset)


CELLS = [(role, state, kind) for role in Role for state, kind in product(TRANSITIONS[role], KINDS)]


def sides(role: Role, *, local: State, remote: State) -> Sides:
    made = Sides(role)
    made.local, made.remote = local, remote
    return made


@pytest.mark.parametrize("role", Role)
def test_every_state_has_a_row(role: Role) -> None:
    assert set(TRANSITIONS[role]) | ({State.OPENED} if role is Role.CLIENT else set()) == set(State)


@pytest.mark.parametrize(("role", "state", "kind"), CELLS)
def test_sending_moves_by_the_tables_and_by_nothing_else(role: Role, state: State, kind: type[Event]) -> None:
    call = sides(role, local=state, remote=State.SENDING)
    target = TRANSITIONS[role][state].get(kind)
    if target is None:
        with pytest.raises(LocalProtocolError, match=kind.__name__):
            call.send(kind)
        assert (call.local, call.remote) == (state, State.SENDING)
    else:
        call.send(kind)
        assert call.local is target
        moved = JOINT.get((role, target), State.SENDING) if target is not state else State.SENDING
        assert call.remote is moved


@pytest.mark.parametrize(("peer", "state", "kind"), CELLS)
def test_receiving_is_as_strict_but_for_what_is_tolerated(peer: Role, state: State, kind: type[Event]) -> None:
    call = sides(peer.peer, local=State.SENDING, remote=state)
    target = TRANSITIONS[peer][state].get(kind)
    forgiven = TOLERATED.get((peer, state), {})
    if target is not None:
        assert call.receive(kind)
        assert call.remote is target
    elif kind in forgiven:
        assert call.receive(kind) is (forgiven[kind] is not None)
        assert call.remote is (forgiven[kind] or state)
    else:
        with pytest.raises(RemoteProtocolError, match=kind.__name__):
            call.receive(kind)


def test_what_is_tolerated_is_not_also_legal() -> None:
    for (role, state), row in TOLERATED.items():
        assert not set(row) & set(TRANSITIONS[role][state])


def test_messages_keep_a_sending_side_where_it_is() -> None:
    """Machines rely on this to pass messages without a look at the tables."""
    assert all(TRANSITIONS[role][State.SENDING][Message] is State.SENDING for role in Role)


def test_an_open_moves_both_sides() -> None:
    client, server = Sides(Role.CLIENT), Sides(Role.SERVER)
    client.send(Open)
    assert server.receive(Open)
    assert (client.local, client.remote) == (server.remote, server.local) == (State.SENDING, State.OPENED)


def test_a_half_close_closes_nothing() -> None:
    call = sides(Role.CLIENT, local=State.SENDING, remote=State.SENDING)
    call.send(End)
    assert not call.closed


@pytest.mark.parametrize(("role", "kind"), [(Role.CLIENT, Reset), (Role.SERVER, End), (Role.SERVER, Reset)])
def test_a_reset_and_a_servers_end_close_both_sides(role: Role, kind: type[Event]) -> None:
    ours = sides(role, local=State.SENDING, remote=State.SENDING)
    ours.send(kind)
    theirs = sides(role.peer, local=State.SENDING, remote=State.SENDING)
    assert theirs.receive(kind)
    assert ours.closed
    assert theirs.closed
