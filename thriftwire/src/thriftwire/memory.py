"""Connections inside one process, addresses ``memory:name``: for tests that want the whole stack and no sockets.

A memory connection behaves as TCP does where it matters: bytes arrive later, in order and in the pieces written; a
reader that pauses stops its writer at the high-water mark; closing delivers what is written first, aborting does not.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Final, TypeVar

SCHEME: Final = "memory:"
_HIGH_WATER: Final = 64 * 1024

_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)
_listeners: dict[str, MemoryListener] = {}
_names = itertools.count(1)


class MemoryListener(asyncio.AbstractServer):
    """Accepts connections to one memory address until it is closed."""

    def __init__(self, address: str, protocol: Callable[[], asyncio.Protocol]) -> None:
        self.address, self.protocol = address, protocol
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Accept no more; connections made stay."""
        if _listeners.get(self.address) is self:
            del _listeners[self.address]

    async def wait_closed(self) -> None:
        """Nothing to wait for."""

    def is_serving(self) -> bool:
        """Connections are accepted."""
        return _listeners.get(self.address) is self

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop it was made on."""
        return self._loop


def listen(address: str, protocol: Callable[[], asyncio.Protocol]) -> MemoryListener:
    """Accept connections to ``memory:name``; without a name, to a free one. Raises OSError when the name is taken."""
    if address == SCHEME:
        address = f"{SCHEME}{next(_names)}"
    if address in _listeners:
        raise OSError(f"{address} is in use")
    _listeners[address] = MemoryListener(address, protocol)
    return _listeners[address]


async def connect(address: str, protocol: Callable[[], _Protocol]) -> _Protocol:
    """Connect to ``memory:name``. Raises ConnectionRefusedError when nobody listens there."""
    listener = _listeners.get(address)
    if listener is None:
        raise ConnectionRefusedError(f"nobody listens on {address}")
    there, back = _Pipe(), _Pipe()
    client = protocol()
    MemoryTransport(listener.protocol(), reads=there, writes=back, name=address, peer=SCHEME)
    MemoryTransport(client, reads=back, writes=there, name=SCHEME, peer=address)
    await asyncio.sleep(0)
    return client


def _nothing() -> None:
    """Nobody is there yet."""


class _Pipe:
    """One direction of a connection: what is written and not yet read."""

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.ended = False  # no more is written
        self.broken = False  # the writer is gone without a word
        self.deserted = False  # nobody reads any more
        self.arrived: Callable[[], None] = _nothing  # tells the reader
        self.taken: Callable[[], None] = _nothing  # tells the writer

    def put(self, data: bytes) -> None:
        """Write."""
        if not self.ended and not self.deserted:
            self.pieces.append(data)
            self.size += len(data)
            self.arrived()

    def take(self) -> bytes:
        """Read one piece."""
        data = self.pieces.popleft()
        self.size -= len(data)
        return data

    def end(self) -> None:
        """Write no more."""
        self.ended = True
        self.arrived()

    def break_off(self) -> None:
        """Write no more, and lose what is not read."""
        self.pieces.clear()
        self.size, self.ended, self.broken = 0, True, True
        self.arrived()

    def desert(self) -> None:
        """Read no more."""
        self.pieces.clear()
        self.size, self.deserted = 0, True
        self.taken()


class MemoryTransport(asyncio.Transport):
    """One end of a memory connection."""

    def __init__(self, protocol: asyncio.Protocol, *, reads: _Pipe, writes: _Pipe, name: str, peer: str) -> None:
        super().__init__({"sockname": name, "peername": peer})
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._reads, self._writes = reads, writes
        reads.arrived, writes.taken = self._schedule, self._balance
        self._reading = True
        self._due = False  # a delivery is scheduled
        self._told_end = False
        self._closing = False
        self._gone = False
        self._writer_paused = False
        self._high, self._low = _HIGH_WATER, _HIGH_WATER // 4
        protocol.connection_made(self)

    # Writing

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; lost when the connection is closing."""
        if data and not self._closing:
            self._writes.put(bytes(data))
            self._balance()

    def write_eof(self) -> None:
        """Send nothing more."""
        self._writes.end()

    def can_write_eof(self) -> bool:
        """As TCP can."""
        return True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """When the protocol is paused and resumed."""
        self._high = _HIGH_WATER if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Low and high."""
        return self._low, self._high

    def get_write_buffer_size(self) -> int:
        """Bytes the other end has not read."""
        return self._writes.size

    def _balance(self) -> None:
        """Pause or resume the protocol by what the other end has not read; when closing, be gone once it has."""
        if self._gone:
            return
        if self._closing:
            if not self._writes.size:
                self._lose(None)
        elif not self._writer_paused and self._writes.size > self._high:
            self._writer_paused = True
            self._protocol.pause_writing()
        elif self._writer_paused and self._writes.size <= self._low:
            self._writer_paused = False
            self._protocol.resume_writing()

    # Reading

    def is_reading(self) -> bool:
        """Neither paused nor closing."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Let what arrives wait."""
        self._reading = False

    def resume_reading(self) -> None:
        """Read what has arrived."""
        self._reading = True
        self._schedule()

    def _schedule(self) -> None:
        if not self._due and not self._gone:
            self._due = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._due = False
        if self._reads.broken and not self._gone:
            self._closing = True
            self._writes.desert()
            self._lose(ConnectionResetError("the connection was reset"))
        while self._reads.pieces and self.is_reading():
            self._protocol.data_received(self._reads.take())
            self._reads.taken()
        if self._reads.ended and not self._reads.pieces and not self._told_end and self.is_reading():
            self._told_end = True
            if not self._protocol.eof_received():
                self.close()

    # Ending

    def is_closing(self) -> bool:
        """No more is read or accepted for writing."""
        return self._closing

    def close(self) -> None:
        """Close once the other end has read what was written."""
        if not self._closing:
            self._closing = True
            self._reads.desert()
            self._writes.end()
            self._balance()

    def abort(self) -> None:
        """Close at once; the other end sees a reset and loses what it has not read."""
        if not self._gone:
            self._closing = True
            self._reads.desert()
            self._writes.break_off()
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        self._gone = True
        self._loop.call_soon(self._protocol.connection_lost, error)

    def get_protocol(self) -> asyncio.Protocol:
        """The protocol served."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Serve another protocol from now on."""
        if not isinstance(protocol, asyncio.Protocol):
            raise TypeError(f"a stream needs an asyncio.Protocol, not {protocol!r}")
        self._protocol = protocol
