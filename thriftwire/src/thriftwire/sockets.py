"""The only place that touches asyncio's transports and TLS: one `Connection` drives one machine.

Outgoing bytes are written once per turn of the event loop, or at once when more than ``FLUSH_BYTES`` wait, so that a
producer that never yields still meets the transport's limit and stops.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from thriftwire import memory
from thriftwire.errors import ConnectError, ConnectTimeout, LocalProtocolError, RemoteProtocolError, TransportError
from thriftwire.events import End, Event, Headers, Message, Open, Reset
from thriftwire.lanes import Lane
from thriftwire.machine import Machine
from thriftwire.sniff import Wire, sniff

FLUSH_BYTES: Final = 16 * 1024
LINGER_S: Final = 5.0  # how long a closing connection may take to write what is left
HIGH_WATER: Final = 16 * 1024  # bytes in the transport above which senders wait
UNSENT: Final = 16 * 1024  # bytes the kernel takes that the peer has no room for; what is under way is not counted
_TCP: Final = (  # a peer is dead after a minute of silence, or of unacknowledged bytes
    ("TCP_KEEPIDLE", 30),
    ("TCP_KEEPINTVL", 10),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", 60_000),
    ("TCP_NOTSENT_LOWAT", UNSENT),
)

logger = logging.getLogger("thriftwire")

P = TypeVar("P", bound=asyncio.Protocol)


def _nothing(*_: object) -> None:
    """Nobody asked to be told."""


class Connection(asyncio.Protocol):
    """One connection and its lanes; a `thriftwire.lanes.Link`.

    A server gives a function from the wire recognised to the machine for it. ``made`` is called when there is a
    connection (after the TLS handshake), ``opened`` with a peer's Open (a server's side), ``freed`` whenever a call is
    over, ``lost`` once when the connection is gone. ``window``: bytes the kernel keeps of what is not yet read.
    """

    def __init__(
        self,
        machine: Machine | Callable[[Wire], Machine | None],
        *,
        opened: Callable[[Connection, Open], None] = _nothing,
        made: Callable[[Connection], None] = _nothing,
        freed: Callable[[Connection], None] = _nothing,
        lost: Callable[[Connection], None] = _nothing,
        stall_s: float | None = None,
        probe_s: float | None = None,
        window: int | None = None,
    ) -> None:
        self.lanes: dict[int, Lane] = {}
        self.stall_s = stall_s
        self.write_paused = False
        self.peer = ""
        self.loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self.loop.create_future()
        self._machine, self._choose = (None, machine) if callable(machine) else (machine, None)
        self._opened, self._made, self._freed, self._lost = opened, made, freed, lost
        self._transport: asyncio.Transport | None = None
        self._first = b""  # what came before the wire was recognised
        self._held: set[Lane] = set()
        self._waiting: set[Lane] = set()
        self._unflushed, self._flush_due = 0, False
        self._closing = self._retired = False
        self._limit: asyncio.TimerHandle | None = None  # on saying hello, later on closing
        self._window = window
        self._silence = Silence(self.loop, probe_s, self._probe) if probe_s is not None else None

    @property
    def machine(self) -> Machine:
        """The machine driven; a server's exists once the wire is recognised."""
        if self._machine is None:
            raise LocalProtocolError("no bytes have come yet")
        return self._machine

    @property
    def usable(self) -> bool:
        """A call may be opened here."""
        return not (self._closing or self._retired) and self.machine.accepts_calls

    @property
    def stalled(self) -> bool:
        """Reading has stopped for a lane that is full."""
        return bool(self._held)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is there."""
        self._transport = transport = cast("asyncio.Transport", transport)  # uvloop's only look like asyncio's
        transport.set_write_buffer_limits(high=HIGH_WATER)
        self.peer = _text(transport.get_extra_info("peername"))
        _tune(transport.get_extra_info("socket"), self._window)
        self._made(self)
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Bytes came: the machine's events go to their lanes."""
        if self._silence is not None:
            self._silence.broken = True
        if (machine := self._machine) is None:
            data = self._recognise(data)
            if (machine := self._machine) is None:
                return
        try:
            events = machine.receive(data)
        except RemoteProtocolError as error:
            self._broken(error)
            return
        lanes = self.lanes
        for event in events:
            if not isinstance(event, Message):
                self._dispatch(event)
            elif (lane := lanes.get(event.call_id)) is not None:
                lane.put(event.payload)
            else:
                machine.consumed(event.call_id, len(event.payload))
        if not self._flush_due:
            self.flush()
        if self._waiting and not self.write_paused:
            self._wake_senders()

    def eof_received(self) -> None:
        """The peer is done: asyncio closes the transport, and every call still running fails."""
        if self._machine is None:
            return
        try:
            self._machine.receive_eof()
        except RemoteProtocolError as error:
            logger.info("%s: %s", self.peer, error)
        self.fail_all(TransportError(f"the connection to {self.peer} was lost"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and every call with it."""
        self._closing, self._transport, self.write_paused = True, None, False
        for timer in (self._limit, self._silence):
            if timer is not None:
                timer.cancel()
        reason = TransportError(f"the connection to {self.peer} was lost" + (f": {exc}" if exc else ""))
        self.fail_all(reason)
        self.closed.set_result(None)
        self._lost(self)

    def pause_writing(self) -> None:
        """The peer reads slower than we write."""
        self.write_paused = True

    def resume_writing(self) -> None:
        """There is room again."""
        self.write_paused = False
        self._wake_senders()

    # Link

    def send(self, event: Event) -> None:
        """Put an event on its way. Raises LocalProtocolError, having done nothing."""
        self.machine.send(event)
        if type(event) is Message:
            self._unflushed += len(event.payload)
            if self._unflushed > FLUSH_BYTES:
                self.flush()
        if not self._flush_due:
            self._flush_due = True
            self.loop.call_soon(self.flush)

    def room(self, call_id: int) -> int | None:
        """Bytes that may be sent on the call; None on a wire without windows."""
        return self.machine.room(call_id)

    def consumed(self, call_id: int, size: int) -> None:
        """Give credit back for what was taken."""
        self.machine.consumed(call_id, size)
        if not self._flush_due:
            self._flush_due = True
            self.loop.call_soon(self.flush)

    def hold(self, lane: Lane) -> None:
        """Stop reading: the lane is full."""
        if not self._held and self._transport is not None:
            self._transport.pause_reading()
        self._held.add(lane)

    def release(self, lane: Lane) -> None:
        """The lane is no longer full."""
        self._held.discard(lane)
        if not self._held and self._transport is not None:
            self._transport.resume_reading()

    def await_room(self, lane: Lane) -> None:
        """Wake the lane's sender when there may be room."""
        self._waiting.add(lane)

    def forget(self, lane: Lane) -> None:
        """The call is over."""
        if self.lanes.get(lane.call_id) is lane:
            del self.lanes[lane.call_id]
        self._waiting.discard(lane)
        self._freed(self)

    # The rest of the shell

    def flush(self) -> None:
        """Write what the machine has to say, and close when it says so."""
        self._unflushed, self._flush_due = 0, False
        transport, machine = self._transport, self._machine
        if transport is None or machine is None:
            return
        if data := machine.outgoing():
            transport.write(data)
        if machine.closing and not self._closing:
            self.close()

    def expect_hello(self, limit_s: float) -> None:
        """Close unless the wire is recognised within this time."""
        self._limit = self.loop.call_later(limit_s, self.abort)

    def retire(self) -> None:
        """Open no new call here: the peer is going away."""
        self._retired = True

    def drain(self) -> None:
        """Ask the peer for no new calls, as far as the wire can."""
        if self._machine is not None:
            self._machine.shutdown()
            self.flush()

    def close(self, *, linger_s: float = LINGER_S) -> None:
        """Close once everything is written, or after ``linger_s``; calls still running fail with the connection."""
        if self._closing:
            return
        self._closing = True
        self.flush()
        if self._transport is not None:
            self._transport.close()
            if self._limit is not None:
                self._limit.cancel()
            self._limit = self.loop.call_later(linger_s, self.abort)

    def abort(self) -> None:
        """Close now, losing what is not yet written."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def fail_all(self, error: TransportError) -> None:
        """End every call on the connection with this error."""
        for lane in tuple(self.lanes.values()):
            lane.fail(error, at_once=False)

    def _probe(self) -> None:
        """Nothing was heard: if calls wait, say something, for TCP to find out whether anybody is there."""
        if self.lanes and self._machine is not None:
            self._machine.probe()
            self.flush()

    def _recognise(self, data: bytes) -> bytes:
        """Find the machine for the first bytes, once there are enough; the value is all that came so far."""
        self._first += data
        wire = sniff(self._first)
        if wire is Wire.NEED_MORE:
            return b""
        if wire is not Wire.UNKNOWN and self._choose is not None:
            self._machine = self._choose(wire)
        if self._machine is None:
            logger.info("%s: not a wire spoken here, closed", self.peer)
            self.abort()
        elif self._limit is not None:
            self._limit.cancel()
        first, self._first = self._first, b""
        return first

    def _dispatch(self, event: Open | Headers | End | Reset) -> None:
        if not isinstance(event, Open):
            if (lane := self.lanes.get(event.call_id)) is not None:
                lane.put_event(event)
        else:
            self._opened(self, event)

    def _broken(self, error: RemoteProtocolError) -> None:
        logger.info("%s: %s", self.peer, error)
        self.fail_all(TransportError(f"the peer broke the protocol: {error}", code=error.code))
        self.flush()
        self.close()

    def _wake_senders(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for lane in waiting:
            lane.wake_sender()


class Silence:
    """Looks every ``period_s`` whether nothing was heard, and tells."""

    __slots__ = ("_loop", "_period_s", "_tell", "_timer", "broken")

    def __init__(self, loop: asyncio.AbstractEventLoop, period_s: float, tell: Callable[[], None]) -> None:
        self._loop, self._period_s, self._tell = loop, period_s, tell
        self.broken = False  # something was heard since the last look
        self._timer = loop.call_later(period_s, self._look)

    def cancel(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _look(self) -> None:
        if not self.broken:
            self._tell()
        self.broken = False
        self._timer = self._loop.call_later(self._period_s, self._look)


def _text(address: Any) -> str:
    """A peer's address as text; transports give tuples, strings (Unix sockets) or None."""
    if isinstance(address, tuple):
        host, port, *_ = cast("tuple[Any, ...]", address)
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return str(address or "")


def _tune(sock: Any, window: int | None) -> None:
    """Let the kernel find out that a peer is dead, and keep little for one that does not read."""
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if window is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    for name, value in _TCP:
        if (option := getattr(socket, name, None)) is not None:  # not every system has every one
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def split_address(address: str) -> tuple[str, int]:
    """The host and port of ``host:port`` or ``[v6]:port``. Raises ValueError."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"an address is host:port, not {address!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def connect(address: str, protocol: Callable[[], P], *, tls: ssl.SSLContext | None = None) -> P:
    """Connect to ``host:port``, ``unix:path`` or ``memory:name`` (inside one process, without TLS). Raises OSError."""
    loop = asyncio.get_running_loop()
    if address.startswith(memory.SCHEME):
        return await memory.connect(address, protocol)
    if address.startswith("unix:"):
        name = "localhost" if tls else None
        path = address.removeprefix("unix:")
        return (await loop.create_unix_connection(protocol, path, ssl=tls, server_hostname=name))[1]
    host, port = split_address(address)
    return (await loop.create_connection(protocol, host, port, ssl=tls))[1]


async def dial(
    address: str,
    machine: Callable[[], Machine],
    *,
    timeout_s: float | None = None,
    tls: ssl.SSLContext | None = None,
    stall_s: float | None = None,
    probe_s: float | None = None,
    window: int | None = None,
    freed: Callable[[Connection], None] = _nothing,
    lost: Callable[[Connection], None] = _nothing,
) -> Connection:
    """A connection to any address of `connect`. Raises ConnectError or ConnectTimeout."""

    def protocol() -> Connection:
        return Connection(machine(), stall_s=stall_s, probe_s=probe_s, window=window, freed=freed, lost=lost)

    try:
        async with asyncio.timeout(timeout_s):
            return await connect(address, protocol, tls=tls)
    except OSError as error:
        if isinstance(error, TimeoutError) and timeout_s is not None:
            raise ConnectTimeout(f"no connection to {address} within {timeout_s:g} s") from error
        raise ConnectError(f"no connection to {address}: {error}") from error


async def listen(
    address: str,
    protocol: Callable[[], asyncio.Protocol],
    *,
    tls: ssl.SSLContext | None = None,
    reuse_port: bool = False,
) -> tuple[asyncio.AbstractServer, str]:
    """Accept connections on ``host:port``, ``unix:path``, ``memory:name`` or ``fd:n``; the listener, the address bound.

    ``fd:n`` is a TCP socket that another process bound and handed down; it is closed with the listener.
    """
    loop = asyncio.get_running_loop()
    if address.startswith(memory.SCHEME):
        listener = memory.listen(address, protocol)
        return listener, listener.address
    if address.startswith("unix:"):
        return await loop.create_unix_server(protocol, address.removeprefix("unix:"), ssl=tls), address
    if address.startswith("fd:"):
        given = socket.socket(fileno=int(address.removeprefix("fd:")))
        return await loop.create_server(protocol, sock=given, ssl=tls), _text(given.getsockname())
    host, port = split_address(address)
    server = await loop.create_server(protocol, host or None, port, ssl=tls, reuse_port=reuse_port or None)
    return server, _text(server.sockets[0].getsockname())
