"""A network that misbehaves, between our own client and server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, EchoService, Ping
from thriftwire import TransportError
from thriftwire.sockets import connect
from thriftwire.testing import Faults, faulty


@pytest.fixture(params=["memory:", "127.0.0.1"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[thriftwire.Server]:
    server = thriftwire.Server({ECHO_SERVICE: Echo()})
    await server.start(request.param)
    yield server
    await server.stop(grace_s=0)


async def repeated(address: str, times: int = 3, size: int = 0) -> list[int]:
    async with thriftwire.connect(address, ECHO_SERVICE) as echo:
        return [pong.index async for pong in echo.repeat(Ping(times=times, size=size))]


async def broken(address: str, *, times: int = 3, **timeouts: float) -> Exception:
    options: Any = {"timeouts": thriftwire.Timeouts(**timeouts)} if timeouts else {}
    async with thriftwire.connect(address, ECHO_SERVICE, **options) as echo:
        with pytest.raises(thriftwire.RPCError) as caught:
            await all_of(echo, times)
    return caught.value


async def all_of(echo: EchoService, times: int) -> list[int]:
    return [pong.index async for pong in echo.repeat(Ping(times=times))]


async def test_without_faults_nothing_changes(server: thriftwire.Server) -> None:
    async with faulty(server.address) as address:
        assert address != server.address
        assert await repeated(address, 100, size=10_000) == list(range(100))


@pytest.mark.parametrize("chunk", [1, 7])
async def test_pieces_are_cut_small(server: thriftwire.Server, chunk: int) -> None:
    faults = Faults(chunk=chunk)
    async with faulty(server.address, to_server=faults, to_client=faults) as address:
        assert await repeated(address) == [0, 1, 2]


async def test_a_delay_holds_everything_back_in_order(server: thriftwire.Server) -> None:
    loop = asyncio.get_running_loop()
    faults = Faults(delay_s=0.02, chunk=50)
    began = loop.time()
    async with faulty(server.address, to_server=faults, to_client=faults) as address:
        assert await repeated(address, 20) == list(range(20))
    assert loop.time() - began >= 0.04


@pytest.mark.parametrize(
    "fault", [Faults(cut_after=60), Faults(cut_after=0), Faults(reset_after=60), Faults(garbage_after=60)], ids=str
)
async def test_a_broken_connection_is_an_error(server: thriftwire.Server, fault: Faults) -> None:
    async with faulty(server.address, to_client=fault) as address:
        assert isinstance(await broken(address), TransportError)
    assert await repeated(server.address) == [0, 1, 2]


@pytest.mark.parametrize("fault", [Faults(cut_after=60), Faults(reset_after=60), Faults(garbage_after=60)], ids=str)
async def test_a_request_that_breaks_is_an_error(server: thriftwire.Server, fault: Faults) -> None:
    async with faulty(server.address, to_server=fault) as address:
        assert isinstance(await broken(address), TransportError)
    assert await repeated(server.address) == [0, 1, 2]


async def test_what_is_dropped_is_missed_in_time(server: thriftwire.Server) -> None:
    async with faulty(server.address, to_client=Faults(drop_after=60)) as address:
        assert isinstance(await broken(address, recv_s=0.1), thriftwire.RecvTimeout)


async def test_a_server_that_is_gone_cuts_the_connection() -> None:
    async with faulty("memory:nobody") as address:
        assert isinstance(await broken(address), TransportError)


async def test_faults_come_in_their_order() -> None:
    faults = Faults(cut_after=9, garbage_after=3, drop_after=6)
    assert list(faults.in_order()) == [(3, "garbage"), (6, "drop"), (9, "cut")]


class Recorder(asyncio.Protocol):
    """Keeps what arrives and how it ended."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.transport: Any = None
        self.ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)


@pytest.mark.parametrize(
    ("faults", "arrives", "error"),
    [
        (Faults(cut_after=4), 4, None),
        (Faults(reset_after=4), 4, ConnectionResetError),
        (Faults(garbage_after=4, cut_after=8), 72, None),
    ],
    ids=str,
)
async def test_what_arrives_and_how_it_ends(faults: Faults, arrives: int, error: type[Exception] | None) -> None:
    loop = asyncio.get_running_loop()
    far = Recorder()
    listener = await loop.create_server(lambda: far, "127.0.0.1", 0)
    async with faulty(f"127.0.0.1:{listener.sockets[0].getsockname()[1]}", to_server=faults) as address:
        near = await connect(address, Recorder)
        near.transport.write(b"0123456789")
        async with asyncio.timeout(5):
            end = await far.ended
            await near.ended
    assert (type(end) if end else None) is error
    if error is None:
        assert len(far.data) == arrives
        assert far.data.startswith(b"0123")
    listener.close()
