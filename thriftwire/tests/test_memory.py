"""Connections inside one process, compared with real ones: the same tests over a Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping
from thriftwire import memory
from thriftwire.sockets import connect, listen


class End(asyncio.Protocol):
    """Records what happens to it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.told: list[str] = []
        self.error: Exception | None = None
        self.changed = asyncio.Event()
        self.transport: Any = None
        self.keep_open = False

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self.changed.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._tell("made")

    def data_received(self, data: bytes) -> None:
        self.data += data
        self.changed.set()

    def eof_received(self) -> bool:
        self._tell("end")
        return self.keep_open

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self._tell("lost")

    def pause_writing(self) -> None:
        self._tell("pause")

    def resume_writing(self) -> None:
        self._tell("resume")

    async def until(self, *wanted: str, size: int = 0) -> None:
        async with asyncio.timeout(5):
            while not (set(wanted) <= set(self.told) and len(self.data) >= size):
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture(params=["memory", "unix"])
async def ends(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[End, End]]:
    """A client's end and a server's."""
    address = memory.SCHEME if request.param == "memory" else f"unix:{tmp_path}/socket"
    server = End()
    listener, address = await listen(address, lambda: server)
    client = await connect(address, End)
    await server.until("made")
    yield client, server
    listener.close()
    for end in (client, server):
        if "lost" not in end.told:
            end.transport.abort()
            await end.until("lost")


async def test_bytes_arrive_in_order_both_ways(ends: tuple[End, End]) -> None:
    client, server = ends
    for number in range(100):
        client.transport.write(bytes([number]))
        server.transport.write(bytes([number]))
    await client.until(size=100)
    await server.until(size=100)
    assert client.data == server.data == bytes(range(100))


async def test_a_reader_that_pauses_stops_its_writer(ends: tuple[End, End]) -> None:
    client, server = ends
    server.transport.pause_reading()
    assert not server.transport.is_reading()
    client.transport.set_write_buffer_limits(high=1000)
    for _ in range(100):
        client.transport.write(bytes(100_000))
    await client.until("pause")
    assert client.transport.get_write_buffer_size() > 1000
    assert server.data == b""
    server.transport.resume_reading()
    await client.until("resume")
    await server.until(size=10_000_000)
    assert client.told == ["made", "pause", "resume"]


async def test_closing_delivers_what_is_written(ends: tuple[End, End]) -> None:
    client, server = ends
    client.transport.write(b"last words")
    client.transport.close()
    client.transport.close()
    assert client.transport.is_closing()
    client.transport.write(b"too late")
    await server.until("end", "lost")
    await client.until("lost")
    assert server.data == b"last words"
    assert server.told == ["made", "end", "lost"]
    assert client.told == ["made", "lost"]
    assert client.error is server.error is None


async def test_a_half_closed_connection_can_still_answer(ends: tuple[End, End]) -> None:
    client, server = ends
    server.keep_open = True
    assert client.transport.can_write_eof()
    client.transport.write(b"question")
    client.transport.write_eof()
    await server.until("end")
    server.transport.write(b"answer")
    await client.until(size=6)
    server.transport.close()
    await client.until("lost")
    await server.until("lost")
    assert (server.data, client.data) == (b"question", b"answer")


async def test_aborting_tells_the_other_end(ends: tuple[End, End]) -> None:
    client, server = ends
    client.transport.abort()
    await client.until("lost")
    await server.until("lost")
    assert client.error is None
    assert client.told == ["made", "lost"]


async def test_what_a_closed_end_is_sent_is_lost(ends: tuple[End, End]) -> None:
    client, server = ends
    server.transport.pause_reading()
    client.transport.close()
    server.transport.write(b"nobody reads this")
    await client.until("lost")
    assert client.data == b""


# What only memory has


async def test_aborting_loses_what_is_not_read() -> None:
    server = End()
    listener = memory.listen("memory:abort", lambda: server)
    client = await memory.connect("memory:abort", End)
    client.transport.write(b"unread")
    client.transport.abort()
    client.transport.abort()
    await server.until("lost")
    assert server.data == b""
    assert isinstance(server.error, ConnectionResetError)
    listener.close()


async def test_names_are_taken_and_given_back() -> None:
    first = memory.listen("memory:name", End)
    assert first.is_serving()
    assert first.get_loop() is asyncio.get_running_loop()
    with pytest.raises(OSError, match="memory:name is in use"):
        memory.listen("memory:name", End)
    first.close()
    await first.wait_closed()
    assert not first.is_serving()
    with pytest.raises(ConnectionRefusedError):
        await memory.connect("memory:name", End)
    memory.listen("memory:name", End).close()


async def test_without_a_name_a_free_one_is_taken() -> None:
    one, two = memory.listen("memory:", End), memory.listen("memory:", End)
    assert one.address != two.address
    one.close()
    two.close()


async def test_addresses_are_known_to_both_ends() -> None:
    listener = memory.listen("memory:known", End)
    client = await memory.connect("memory:known", End)
    transport = client.transport
    assert transport.get_extra_info("peername") == "memory:known"
    assert transport.get_extra_info("socket") is None
    assert transport.get_write_buffer_limits() == (16 * 1024, 64 * 1024)
    assert transport.get_protocol() is client
    other = End()
    transport.set_protocol(other)
    assert transport.get_protocol() is other
    with pytest.raises(TypeError):
        transport.set_protocol(asyncio.DatagramProtocol())
    transport.abort()
    await other.until("lost")
    listener.close()


@pytest.mark.parametrize("transport", ["ttstream", "framed"])
async def test_a_server_and_its_clients_need_no_socket(transport: Any) -> None:
    async with thriftwire.Server({ECHO_SERVICE: Echo()}) as server:
        await server.stop(grace_s=0)
        await server.start("memory:")
        async with thriftwire.connect(server.address, ECHO_SERVICE, transport=transport) as echo:
            assert [pong.index async for pong in echo.repeat(Ping(times=3))] == [0, 1, 2]
            assert (await echo.ping(Ping(text="hi"))).text == "hi"
    with pytest.raises(thriftwire.ConnectError):
        async with thriftwire.connect(server.address, ECHO_SERVICE) as echo:
            await echo.ping(Ping())
