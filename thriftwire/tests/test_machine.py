"""Every wire has the whole face, in both roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from thriftwire.grpc.connection import GRPCMachine
from thriftwire.machine import Machine
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

WIRES: list[Callable[[Role], Machine]] = [StreamingMachine, UnaryMachine, GRPCMachine]
FACE = {name for name in vars(Machine) if not name.startswith("_")}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("make", WIRES, ids=lambda make: make.__name__)
def test_the_face_is_whole(make: Callable[[Role], Machine], role: Role) -> None:
    machine = make(role)
    assert set(dir(machine)) >= FACE
    assert (machine.closing, machine.live_calls, machine.accepts_calls) == (False, 0, role is Role.CLIENT)


@pytest.mark.parametrize("make", WIRES, ids=lambda make: make.__name__)
def test_each_member_is_documented(make: Callable[[Role], Machine]) -> None:
    assert all(getattr(vars(make).get(name), "__doc__", None) for name in FACE)


@pytest.mark.parametrize("make", WIRES, ids=lambda make: make.__name__)
def test_outgoing_empties_the_buffer(make: Callable[[Role], Machine]) -> None:
    machine = make(Role.CLIENT)
    machine.outgoing()
    assert machine.outgoing() == b""


@pytest.mark.parametrize("make", WIRES, ids=lambda make: make.__name__)
def test_an_end_of_silence_is_no_mistake(make: Callable[[Role], Machine]) -> None:
    machine = make(Role.CLIENT)
    assert machine.receive_eof() == []
    assert machine.closing
    assert not machine.accepts_calls


@pytest.mark.parametrize("make", WIRES, ids=lambda make: make.__name__)
def test_a_probe_is_taken_for_nothing(make: Callable[[Role], Machine]) -> None:
    client, server = make(Role.CLIENT), make(Role.SERVER)
    for _ in range(20):
        client.probe()
        server.probe()
        there, back = client.outgoing(), server.outgoing()
        assert (server.receive(there) if there else []) == []
        assert (client.receive(back) if back else []) == []
    assert not client.closing
    assert not server.closing
