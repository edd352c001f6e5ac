"""The place where connections to vendors are made and kept for the next request."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import defaultdict
from typing import Any, Final, NamedTuple

import aiohappyeyeballs

from promptwire.llm.vendor_connection import PIECE_BYTES, Connection

RECEIVE_BUFFER: Final = 32 * 1024  # of the kernel, which doubles it; what is read in one turn is never more
EYEBALLS_S: Final = 0.25  # before another address of the same name is tried beside the first (RFC 8305 §8)
IDLE_S: Final = 15.0  # a kept connection is closed after so long; vendors close theirs after a minute or more


class Place(NamedTuple):
    """Where connections lead."""

    host: str
    port: int
    tls: bool


class Pool:
    """The connections of a process, those in use and those that wait."""

    def __init__(self) -> None:
        self._idle: defaultdict[Place, list[Connection]] = defaultdict(list)
        self._timers: dict[Connection, asyncio.TimerHandle] = {}
        self._open: dict[asyncio.Future[None], Connection] = {}  # by what says that they are closed
        self._buffer = memoryview(bytearray(PIECE_BYTES))
        self._tls: ssl.SSLContext | None = None

    async def take(self, place: Place, within_s: float | None = None) -> Connection:
        """A connection to ``place``: a kept one if there is any, else one made ``within_s``.

        Raises OSError, and TimeoutError.
        """
        kept = self._idle[place]
        while kept:
            connection = kept.pop()
            self._timers.pop(connection).cancel()
            if connection.reusable:
                return connection
        async with asyncio.timeout(within_s):
            connection = await self._connect(place)
        self._open[connection.closed] = connection
        connection.closed.add_done_callback(self._open.pop)
        return connection

    def give_back(self, place: Place, connection: Connection) -> None:
        """A request is over: keep its connection if it can be used again, close it at once if not."""
        if not connection.reusable:
            connection.abort()
            return
        self._idle[place].append(connection)
        loop = asyncio.get_running_loop()
        self._timers[connection] = loop.call_later(IDLE_S, self._expire, place, connection)

    async def close(self) -> None:
        """Close every connection."""
        for timer in self._timers.values():
            timer.cancel()
        self._idle.clear()
        self._timers.clear()
        for connection in self._open.values():
            connection.abort()
        if self._open:
            await asyncio.wait(self._open)

    def _expire(self, place: Place, connection: Connection) -> None:
        del self._timers[connection]
        with contextlib.suppress(ValueError):
            self._idle[place].remove(connection)
        connection.abort()

    async def _connect(self, place: Place) -> Connection:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        link = await aiohappyeyeballs.start_connection(  # pyright: ignore[reportUnknownMemberType]
            found, happy_eyeballs_delay=EYEBALLS_S, interleave=1, socket_factory=_socket
        )
        try:
            tls = self._context() if place.tls else None
            name = place.host if place.tls else None
            made = loop.create_connection(lambda: Connection(self._buffer), sock=link, ssl=tls, server_hostname=name)
            _, connection = await made
        except BaseException:
            link.close()
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def _socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket with a small receive buffer: an answer is slow, and what nobody reads should stay with its vendor."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made
