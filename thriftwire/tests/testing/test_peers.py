"""Peers that follow a script, against our own client and server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping, Pong
from thriftwire import ApplicationError, TransportError
from thriftwire.errors import RemoteProtocolError
from thriftwire.events import End, Failure, Headers, Message, Open, Reset
from thriftwire.states import Role
from thriftwire.testing.peers import ScriptedPeer, make_machine, scripted, talking

REPEAT = ECHO_SERVICE.methods["Repeat"]
WIRES: list[Any] = ["ttstream", "ttheaderframed", "ttheader", "framed", "buffered", "grpc"]


@pytest.fixture
async def server() -> AsyncIterator[thriftwire.Server]:
    server = thriftwire.Server({ECHO_SERVICE: Echo()})
    await server.start("memory:")
    yield server
    await server.stop(grace_s=0)


async def read(address: str) -> list[int]:
    async with thriftwire.connect(address, ECHO_SERVICE) as echo:
        return [pong.index async for pong in echo.repeat(Ping(times=2))]


async def test_a_scripted_server_answers_a_client() -> None:
    async def script(peer: ScriptedPeer) -> None:
        opened = await peer.receive(Open)
        assert (opened.service, opened.method) == ("EchoService", "Repeat")
        assert REPEAT.request.decode((await peer.receive(Message)).payload).times == 2
        await peer.receive(End)
        payload = REPEAT.response.encode(Pong(index=7))
        peer.send(Headers(call_id=opened.call_id), Message(opened.call_id, payload), End(call_id=opened.call_id))

    async with scripted("ttstream", script) as address:
        assert await read(address) == [7]


async def test_a_script_may_vanish() -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.receive(Open)
        peer.abort()
        await peer.lost()

    async with scripted("ttstream", script) as address:
        with pytest.raises(TransportError):
            await read(address)


async def test_a_script_may_write_past_its_machine() -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.receive(Open)
        peer.write(b"GET / HTTP/1.1\r\n\r\n")
        await peer.lost()

    async with scripted("ttstream", script) as address:
        with pytest.raises(TransportError):
            await read(address)


async def test_what_a_script_raises_is_raised_at_the_end() -> None:
    async def script(peer: ScriptedPeer) -> None:
        await peer.receive(Reset)

    with pytest.raises(ExceptionGroup) as caught:
        async with scripted("ttstream", script) as address:
            with pytest.raises(TransportError):
                await read(address)
    assert caught.group_contains(AssertionError, match="expected Reset, came Open")


@pytest.mark.parametrize("wire", ["ttstream", "framed"])
async def test_a_scripted_client_talks_to_a_server(server: thriftwire.Server, wire: Any) -> None:
    async with talking(server.address, wire) as peer:
        call_id = peer.machine.new_call_id()
        peer.send(Open(call_id=call_id, service="EchoService", method="Nothing", streaming=wire == "ttstream"))
        peer.send(Message(call_id, b"\x00"), End(call_id=call_id))
        await peer.receive(Headers)
        end = await peer.receive(End)
        assert end.failure is not None
        assert end.failure.code in (ApplicationError.UNKNOWN_METHOD, ApplicationError.UNKNOWN_SERVICE)


async def test_a_peers_mistake_is_raised_where_it_is_read() -> None:
    async def script(peer: ScriptedPeer) -> None:
        peer.write(b"garbage, and more than fourteen bytes of it")
        await peer.lost()

    async with scripted("ttstream", script) as address, talking(address, "ttstream") as peer:
        with pytest.raises(RemoteProtocolError):
            await peer.receive(Message)


async def test_the_loss_of_a_connection_is_raised_again_and_again() -> None:
    async def script(peer: ScriptedPeer) -> None:
        peer.close()
        await peer.lost()

    async with scripted("ttstream", script) as address, talking(address, "ttstream") as peer:
        for _ in range(2):
            with pytest.raises(TransportError, match="the connection was lost"):
                await peer.receive(Message)


async def test_a_peer_may_stop_reading() -> None:
    async def script(peer: ScriptedPeer) -> None:
        opened = await peer.receive(Open)
        peer.send(Reset(call_id=opened.call_id, failure=Failure(12007, "gone")))

    async with scripted("ttstream", script) as address, talking(address, "ttstream") as peer:
        peer.pause_reading()
        peer.send(Open(call_id=1, service="S", method="M"))
        peer.resume_reading()
        assert (await peer.receive(Reset)).failure.code == 12007


@pytest.mark.parametrize("wire", WIRES)
def test_a_machine_for_every_wire(wire: Any) -> None:
    assert make_machine(wire, Role.CLIENT).accepts_calls
    assert not make_machine(wire, Role.SERVER).accepts_calls
