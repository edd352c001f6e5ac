"""A connection keeps little for a reader who takes nothing, and not for ever; one who takes a little is waited for."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from gateway.test_sse import CHAT, endless
from gateway.typist import Typist, Wire, hosted, soon
from promptwire.gateway.link import Link
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
    """The application: nobody asks it."""


def made(transport: Slow) -> Link:
    """A connection on it, with little patience."""
    config = Config(_nothing, lifespan="off", log_config=None)
    config.load()
    link = Link(config=config, server_state=ServerState(), app_state={}, unread_s=0.01)
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
