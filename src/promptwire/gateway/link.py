"""The place for one connection of the HTTP server: when it writes, how much it keeps for a reader, and how long.

A write wakes the reader, which is the dearest part of a chunk when it is one of many readers who sleep again at once.
So what is written in one turn of the loop, to whomever, leaves together at its end: an answer's head with what it says
first.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UNWRITTEN: Final = 8 * 1024  # bytes of an answer beyond what the kernel takes, above which the run waits
UNREAD_S: Final = 60.0  # until a reader who takes not a byte is thought to have left, as nginx does
BURST: Final = 16 * 1024  # bytes of one turn; where the run and the reader are quick, others are let in
CHUNK: Final = b"%x\r\n%b\r\n"  # of a body whose length is not known: its size and itself (RFC 9112 7.1)
_WIRE: Final = "promptwire.wire"  # among the extensions of a request's scope


class Turn:
    """The answers of a server that have something to write in this turn of its loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Wire] = []

    def add(self, wire: Wire) -> None:
        """One more."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._end)
        self._waiting.append(wire)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for wire in waiting:
            wire.flush()


class Wire:
    """The way to one reader: the server's, and a shorter one for the `CHUNK`s of an answer that has begun.

    What is written leaves at the end of the turn, so nobody waits. ``full``: the reader takes less than is written, or
    others should have a turn; then the server's `send` says when there is room.
    """

    __slots__ = ("_data", "_transport", "_turn", "full", "paused")

    def __init__(self, transport: asyncio.Transport, turn: Turn) -> None:
        self._transport, self._turn = transport, turn
        self._data = b""  # of this turn
        self.full = self.paused = False  # paused: the reader takes less than is written

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        if before := self._data:
            data = before + data
        else:
            self._turn.add(self)
        self._data = data
        if len(data) > BURST:
            self.full = True

    def flush(self) -> None:
        """Write what there is."""
        data, self._data, self.full = self._data, b"", self.paused
        if data and not self._transport.is_closing():
            self._transport.write(data)


class Ordered:
    """A connection's transport for the server: what it writes takes the same way as what its `Wire` is given."""

    def __init__(self, transport: asyncio.Transport, wire: Wire) -> None:
        self._transport, self._wire = transport, wire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, in order; much of it at once, so that the server hears that the reader takes less."""
        self._wire.write(data)
        if self._wire.full:
            self._wire.flush()

    def close(self) -> None:
        """Write what there is, and close."""
        self._wire.flush()
        self._transport.close()


def wire_of(scope: Scope) -> Wire | None:
    """Where the body of the answer to a request may be written past `send`; None under another server."""
    return None if scope["method"] == "HEAD" else scope.get("extensions", {}).get(_WIRE)


class Link(HttpToolsProtocol):
    """uvicorn's connection with bounds: bytes it holds, and the time a reader may take nothing of them."""

    def __init__(self, *arguments: Any, turn: Turn, unread_s: float = UNREAD_S, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turn = turn
        self._unread_s = unread_s
        self._unwritten = 0  # bytes when it was last looked
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """The connection is there."""
        transport.set_write_buffer_limits(high=UNWRITTEN)
        self._wire = Wire(transport, self._turn)
        super().connection_made(cast("asyncio.Transport", Ordered(transport, self._wire)))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request comes."""
        super().on_message_begin()
        scope = cast("Scope", self.scope)
        scope["extensions"] = {_WIRE: self._wire}

    def pause_writing(self) -> None:
        """The reader takes less than is written."""
        super().pause_writing()
        self._wire.full = self._wire.paused = True
        self._wait()

    def resume_writing(self) -> None:
        """The reader has taken most of it."""
        self._stop()
        self._wire.full = self._wire.paused = False
        super().resume_writing()

    def _wait(self) -> None:
        self._unwritten = self.transport.get_write_buffer_size()
        self._patience = self.loop.call_later(self._unread_s, self._look)

    def _look(self) -> None:
        """Close at once when nothing was taken since: the run ends as for every reader who leaves."""
        if self.transport.get_write_buffer_size() < self._unwritten:
            self._wait()
        else:
            self.transport.abort()

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
