"""A network that misbehaves: a relay between a client and any server, Kitex included, that spoils what it carries.

async with faulty(server.address, to_client=Faults(cut_after=100)) as address:
    async with thriftwire.connect(address, ECHO_SERVICE) as echo: ...
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, cast

from thriftwire import memory
from thriftwire.sockets import connect, listen
from thriftwire.testing.pair import chunked

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_GARBAGE_SIZE: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What happens to the bytes of one direction; an ``after`` counts the bytes carried before it happens.

    ``delay_s`` holds every piece back, ``chunk`` cuts pieces small. ``drop_after`` swallows the rest and keeps the
    connection, ``garbage_after`` puts 64 random bytes in between (the same for the same ``seed``), ``cut_after`` closes
    the connection, ``reset_after`` resets it.
    """

    delay_s: float = 0.0
    chunk: int = 0
    drop_after: int | None = None
    garbage_after: int | None = None
    cut_after: int | None = None
    reset_after: int | None = None
    seed: int = 1

    def in_order(self) -> deque[tuple[int, str]]:
        """When each happens, and what."""
        named = {
            "garbage": self.garbage_after,
            "drop": self.drop_after,
            "cut": self.cut_after,
            "reset": self.reset_after,
        }
        return deque(sorted((at, name) for name, at in named.items() if at is not None))


@contextlib.asynccontextmanager
async def faulty(
    address: str, *, to_server: Faults | None = None, to_client: Faults | None = None
) -> AsyncIterator[str]:
    """An address whose connections reach ``address`` with faults on the way; leaving ends them all."""
    ends: set[_End] = set()

    def accept() -> _End:
        client, server = _End(to_server or Faults(), dial=address), _End(to_client or Faults())
        client.other, server.other = server, client
        ends.update((client, server))
        return client

    own = memory.SCHEME if address.startswith(memory.SCHEME) else "127.0.0.1:0"
    listener, own = await listen(own, accept)
    try:
        yield own
    finally:
        listener.close()
        for end in ends:
            end.abort()
        await asyncio.gather(*(end.gone() for end in ends))


class _End(asyncio.Protocol):
    """One end of a relayed connection: what it reads is spoiled by its faults and written to the other end."""

    other: _End

    def __init__(self, faults: Faults, *, dial: str = "") -> None:
        self._faults, self._due = faults, faults.in_order()
        self._dice = random.Random(faults.seed)  # noqa: S311 - reproducible on purpose
        self._loop = asyncio.get_running_loop()
        self._dial = dial
        self._early: list[Callable[[], None]] | None = [] if dial else None  # what waits until the server is reached
        self._dialling: asyncio.Task[None] | None = None
        self._carried = 0
        self._swallowing = False
        self._transport: asyncio.Transport | None = None
        self._lost: asyncio.Future[None] | None = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection; the client's end reaches for the server."""
        self._transport, self._lost = cast("asyncio.Transport", transport), self._loop.create_future()
        if self._dial:
            self._dialling = self._loop.create_task(self._reach(self._dial))

    def data_received(self, data: bytes) -> None:
        """Carry it, piece by piece."""
        for piece in chunked(data, self._faults.chunk):
            self._in_time(lambda piece=piece: self._carry(piece))

    def eof_received(self) -> None:
        """Carry the end; asyncio closes this side."""
        self._in_time(self.other.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end goes the same way."""
        self._transport = None
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)
        self._in_time(self.other.abort if exc else self.other.close)

    def pause_writing(self) -> None:
        """This side's reader is slow: read no more from the other."""
        self.other.read(on=False)

    def resume_writing(self) -> None:
        """And on again."""
        self.other.read(on=True)

    # The relay

    async def _reach(self, address: str) -> None:
        try:
            await connect(address, lambda: self.other)
        except OSError:
            self.abort()
            return
        early, self._early = self._early, None
        for act in early or ():
            act()

    def _in_time(self, act: Callable[[], None]) -> None:
        if self._early is not None:
            self._early.append(act)
        elif self._faults.delay_s:
            self._loop.call_later(self._faults.delay_s, act)
        else:
            act()

    def _carry(self, data: bytes) -> None:
        while self._due and self._carried + len(data) >= self._due[0][0] and not self._swallowing:
            at, name = self._due.popleft()
            before, data = data[: at - self._carried], data[at - self._carried :]
            self._forward(before)
            self._commit(name)
        if not self._swallowing:
            self._forward(data)

    def _commit(self, name: str) -> None:
        if name == "garbage":
            self.other.write(self._dice.randbytes(_GARBAGE_SIZE))
            return
        self._swallowing = True
        if name == "cut":
            self.close()
            self.other.close()
        elif name == "reset":
            self.reset()
            self.other.reset()

    def _forward(self, data: bytes) -> None:
        self._carried += len(data)
        self.other.write(data)

    def write(self, data: bytes) -> None:
        """Send what the other end has read."""
        if self._transport is not None:
            self._transport.write(data)

    def read(self, *, on: bool) -> None:
        """Read on, or let what arrives wait."""
        if self._transport is None:
            return
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def close(self) -> None:
        """Close once everything is written."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Close so that the peer sees a reset."""
        sock = self._transport.get_extra_info("socket") if self._transport is not None else None
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        if self._dialling is not None:
            self._dialling.cancel()
        if self._transport is not None:
            self._transport.abort()

    async def gone(self) -> None:
        """Wait until nothing of this end is left."""
        if self._dialling is not None:
            await asyncio.wait((self._dialling,))
        if self._transport is not None:
            self._transport.abort()  # made while its dial was being cancelled
        if self._lost is not None:
            await self._lost
