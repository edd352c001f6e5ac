"""A connection keeps little for a reader who takes nothing, and not for ever; one who takes a little is waited for."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any, cast

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from gateway.test_sse import CHAT, endless
from gateway.typist import Typist, Wire, hosted, soon
from promptwire.gateway.link import BURST, Link, Turn, wire_of
from promptwire.gateway.link import Wire as Line
from promptwire.plan import UNSENT


class Slow(asyncio.Transport):
    """A connection whose reader takes a byte between each two looks, ``takes`` times."""

    def __init__(self, takes: int) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.takes, self.looks = takes, 0
        self.aborted = asyncio.Event()

    def get_write_buffer_size(self) -> int:
        self.looks += 1
        return 1_000_000 - min(self.looks // 2, self.takes)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def is_closing(self) -> bool:
        return self.aborted.is_set()

    def close(self) -> None: ...

    def abort(self) -> None:
        self.aborted.set()


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The application: it answers nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass


def made(transport: Slow, turn: Turn | None = None) -> Link:
    """A connection on it, with little patience; its server's ``turn``, if there are others."""
    config = Config(_nothing, lifespan="off", log_config=None)
    config.load()
    link = Link(config=config, server_state=ServerState(), app_state={}, turn=turn or Turn(), unread_s=0.01)
    link.connection_made(transport)
    return link


async def test_a_reader_who_takes_a_little_now_and_then_is_waited_for() -> None:
    transport = Slow(takes=5)
    made(transport).pause_writing()
    await soon(transport.aborted)
    assert transport.looks == 2 * (transport.takes + 1)


async def test_one_who_goes_on_in_time_keeps_the_connection() -> None:
    transport = Slow(takes=0)
    link = made(transport)
    link.pause_writing()
    link.resume_writing()
    with pytest.raises(TimeoutError):
        await soon(transport.aborted, 0.1)
    link.pause_writing()
    link.connection_lost(None)
    with pytest.raises(TimeoutError):
        await soon(transport.aborted, 0.1)


async def test_the_run_of_one_who_takes_nothing_ends_as_if_they_had_left(typist: Typist) -> None:
    typist.answer = endless
    async with hosted(typist, unread_s=0.1) as host:
        wire = await Wire.to(host)
        wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await wire.post("/api/chat", CHAT)
        await soon(typist.left, 20)
        assert typist.running == 0
        wire.leave()


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not say")
async def test_the_kernel_takes_little_of_what_the_reader_has_no_room_for(typist: Typist) -> None:
    async with hosted(typist) as host:
        wire = await Wire.to(host)
        await wire.post("/api/chat", CHAT)
        await wire.until(b"event: done")
        (link,) = host.site.server_state.connections
        told: Any = link.transport.get_extra_info("socket")
        assert told.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT
        wire.leave()


class Noting(Slow):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__(takes=0)
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))


def wired(transport: Slow, turn: Turn | None = None) -> tuple[Link, Line]:
    """A connection on it, asked for something, and the way past the server that its answer has."""
    link = made(transport, turn)
    link.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    line = wire_of(cast("Scope", link.scope))
    assert line is not None
    return link, line


async def test_what_is_written_in_one_turn_leaves_together_at_its_end() -> None:
    one, other, turn = Noting(), Noting(), Turn()
    (_, to_one), (_, to_other) = wired(one, turn), wired(other, turn)
    to_one.write(b"a")
    to_other.write(b"b" * 17)
    to_one.write(b"cd")
    assert one.written == other.written == []
    await asyncio.sleep(0)
    assert one.written == [b"acd"] and other.written == [b"b" * 17]


async def test_the_server_writes_in_order_with_it() -> None:
    transport = Noting()
    link, line = wired(transport)
    link.transport.write(b"head\r\n")
    line.write(b"a")
    link.transport.write(b"0\r\n\r\n")
    await asyncio.sleep(0)
    assert transport.written == [b"head\r\na0\r\n\r\n"]
    line.write(b"b")
    link.transport.close()
    assert transport.written[1:] == [b"b"]


async def test_much_that_the_server_writes_leaves_at_once() -> None:
    transport = Noting()
    link, line = wired(transport)
    line.write(b"a")
    link.transport.write(b"x" * BURST)
    assert transport.written == [b"a" + b"x" * BURST]
    assert not line.full


async def test_nothing_is_written_to_one_who_is_gone() -> None:
    transport = Noting()
    _, line = wired(transport)
    line.write(b"a")
    transport.abort()
    await asyncio.sleep(0)
    assert transport.written == []


async def test_it_is_full_after_a_burst_and_while_the_reader_takes_too_little() -> None:
    transport = Noting()
    link, line = wired(transport)
    line.write(b"x" * BURST)
    assert not line.full
    line.write(b"x")
    assert line.full
    link.pause_writing()
    await asyncio.sleep(0)
    assert line.full
    link.resume_writing()
    assert not line.full


def test_the_answer_to_a_head_has_no_body_to_write() -> None:
    assert wire_of({"type": "http", "method": "HEAD", "extensions": {"promptwire.wire": object()}}) is None
    assert wire_of({"type": "http", "method": "GET"}) is None
