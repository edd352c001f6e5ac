"""Peers that follow a script: the other side of a connection, event by event or byte by byte.

async def script(peer: ScriptedPeer) -> None:
    opened = await peer.receive(Open)
    peer.send(Headers(call_id=opened.call_id), Message(opened.call_id, payload))
    peer.abort()

async with scripted("ttstream", script) as address: ...         # a server
async with talking(address, "ttstream") as peer: ...            # a client
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Literal, TypeAlias, TypeVar, cast

from thriftwire import memory
from thriftwire.errors import RemoteProtocolError, TransportError
from thriftwire.events import Event, Message
from thriftwire.machine import Machine
from thriftwire.sockets import connect, listen
from thriftwire.states import Role
from thriftwire.ttheader.packets import Variant
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

WireName: TypeAlias = Literal["ttstream", "ttheaderframed", "ttheader", "framed", "buffered", "grpc"]

_E = TypeVar("_E", bound=Event)
_PATIENCE_S: Final = 5.0
_VARIANTS: Final = {variant.value.lower(): variant for variant in Variant}


def make_machine(wire: WireName, role: Role) -> Machine:
    """A machine for a wire by its name."""
    if wire == "ttstream":
        return StreamingMachine(role)
    if wire == "grpc":
        from thriftwire.grpc.connection import GRPCMachine  # h2 is an extra

        return GRPCMachine(role)
    return UnaryMachine(role, variant=_VARIANTS[wire])


class ScriptedPeer(asyncio.Protocol):
    """One side of a connection, in a script's hands. Every wait ends after five seconds with TimeoutError."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._events: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.get_running_loop().create_future()

    def send(self, *events: Event) -> None:
        """Send events as the machine allows."""
        for event in events:
            self.machine.send(event)
        self._flush()

    def write(self, data: bytes) -> None:
        """Send bytes past the machine: garbage, half a frame, somebody else's frame."""
        self._flush()
        if self._transport is not None:
            self._transport.write(data)

    async def receive(self, kind: type[_E]) -> _E:
        """The next event, which must be of this kind. Raises AssertionError, or what ended the connection."""
        async with asyncio.timeout(_PATIENCE_S):
            event = await self._events.get()
        if isinstance(event, Exception):
            self._events.put_nowait(event)
            raise event
        assert isinstance(event, kind), f"expected {kind.__name__}, came {event}"
        return event

    async def lost(self) -> None:
        """Wait until the connection is gone."""
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.shield(self._lost)

    def close(self) -> None:
        """Close once everything is written."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Vanish."""
        if self._transport is not None:
            self._transport.abort()

    def pause_reading(self) -> None:
        """Read nothing more."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Queue what the other side did."""
        try:
            events = self.machine.receive(data)
        except RemoteProtocolError as error:
            self._events.put_nowait(error)
            return
        for event in events:
            self._events.put_nowait(event)
            if isinstance(event, Message):
                self.machine.consumed(event.call_id, len(event.payload))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self._transport = None
        self._events.put_nowait(TransportError(f"the connection was lost: {exc or 'closed'}"))
        if not self._lost.done():
            self._lost.set_result(None)

    def _flush(self) -> None:
        data = self.machine.outgoing()
        if data and self._transport is not None:
            self._transport.write(data)


@contextlib.asynccontextmanager
async def scripted(wire: WireName, script: Callable[[ScriptedPeer], Awaitable[None]]) -> AsyncIterator[str]:
    """The address of a server that plays ``script`` on every connection; leaving raises what a script raised."""
    async with asyncio.TaskGroup() as plays:

        async def play(peer: ScriptedPeer) -> None:
            try:
                await script(peer)
            finally:
                peer.close()

        def accept() -> ScriptedPeer:
            peer = ScriptedPeer(make_machine(wire, Role.SERVER))
            plays.create_task(play(peer))
            return peer

        listener, address = await listen(memory.SCHEME, accept)
        try:
            yield address
        finally:
            listener.close()


@contextlib.asynccontextmanager
async def talking(address: str, wire: WireName) -> AsyncIterator[ScriptedPeer]:
    """A client in the script's hands, connected to ``address``."""

    def make() -> ScriptedPeer:
        return ScriptedPeer(make_machine(wire, Role.CLIENT))

    peer = await connect(address, make)
    try:
        yield peer
    finally:
        peer.abort()
        await peer.lost()
