"""The place where a run is written to its reader, event by event.

Bare ASGI. Nothing is written before the first event, so that a failure before it has an HTTP status of its own; only
a run that is silent for a whole heartbeat begins with a comment, and then a failure is an event. A run is poured: its
events are written where they arrive, for as long as the reader takes them. A reader that takes nothing holds it back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from typing import Any, Final, Protocol, TypeAlias, cast

from starlette.types import Receive, Send

from promptwire.api.base import Phase
from promptwire.errors import Failure, from_exception
from promptwire.gateway.answers import Headers, allowance, encode, refuse, stopping
from promptwire.gateway.caller import Caller
from promptwire.gateway.link import BURST, CHUNK, Wire
from promptwire.gateway.reader import Departed, attended
from thriftwire.streams import pour

HEARTBEAT_S: Final = 15.0
HEARTBEAT: Final = b":\n\n"
LAST_WORD_S: Final = 0.5  # to say that the server stops
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),  # a proxy that compresses holds events back
    (b"x-accel-buffering", b"no"),  # so does nginx
)

log = logging.getLogger(__name__)


Live: TypeAlias = Callable[[Caller, Callable[[], None]], AbstractContextManager[None]]


class Dialect(Protocol):
    """How a stream is written to one reader. ``ended``: its last event was written."""

    ended: bool

    def event(self, event: Any) -> bytes:
        """An event; empty when the dialect has no word for it."""
        ...

    def error(self, failure: Failure) -> bytes:
        """The failure that ends the stream."""
        ...


class Native:
    """Our own events: numbered, named as in the contract, their JSON on one line."""

    __slots__ = ("_last", "_lines", "_number", "ended")

    def __init__(self, names: Mapping[type, str]) -> None:
        self.ended = False
        self._lines = {type_: b"\nevent: %b\ndata: " % name.encode() for type_, name in names.items()}
        self._last = next((type_ for type_, name in names.items() if name == "done"), None)
        self._number = 0

    @staticmethod
    def frame(number: int, name: str, value: Any) -> bytes:
        """One event, whatever it is."""
        return b"id: %d\nevent: %b\ndata: %b\n\n" % (number, name.encode(), encode(value))

    def event(self, event: Any) -> bytes:
        """The event's frame."""
        self._number += 1
        type_: type[object] = event.__class__
        if type_ is self._last:
            self.ended = True
        return b"id: %d%b%b\n\n" % (self._number, self._lines[type_], encode(event))

    def error(self, failure: Failure) -> bytes:
        """The frame of ``error``."""
        self._number += 1
        self.ended = True
        return self.frame(self._number, "error", failure.to_error())


async def relay(
    receive: Receive,
    send: Send,
    events: AsyncIterator[Any],
    dialect: Dialect,
    caller: Caller,
    *,
    heartbeat_s: float = HEARTBEAT_S,
    live: Live | None = None,
    unheard: Callable[[], None] | None = None,
    wire: Wire | None = None,
) -> None:
    """Write ``events`` until they end, however they end; close them at once when the reader leaves.

    ``live`` is told how to stop the run while it lasts; ``unheard``: the reader left before anything was written.
    ``wire`` is a shorter way to the reader than ``send``, once the answer has begun.
    """
    writer = _Writer(send, wire, dialect, caller, heartbeat_s)
    with nullcontext() if live is None else live(caller, writer.cancel):
        try:
            await attended(receive, writer.write_all(events), writer.beat)
        except Departed:
            log.debug("%s: the reader left", caller.request_id)
            if unheard is not None and not writer.begun:
                unheard()


class _Writer:
    """Writes one stream."""

    __slots__ = (
        "_allowance",
        "_burst",
        "_caller",
        "_cancelled",
        "_clock",
        "_dialect",
        "_heartbeat_s",
        "_send",
        "_spoken",
        "_task",
        "_unsent",
        "_wire",
        "_written_at",
        "begun",
        "full",
    )

    def __init__(self, send: Send, wire: Wire | None, dialect: Dialect, caller: Caller, heartbeat_s: float) -> None:
        self._send, self._wire, self._dialect, self._caller = send, wire, dialect, caller
        self._heartbeat_s = heartbeat_s
        self._clock = asyncio.get_running_loop().time
        self._written_at = self._clock()
        self.begun = False  # the response has
        self._allowance: Headers = ()
        self._spoken = False  # an event was written
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False
        self._unsent: list[bytes] = []  # what waits to be sent
        self.full = False  # it is to be sent before more is poured (see `thriftwire.streams.Flow`)
        self._burst = 0  # bytes sent since others had a turn

    async def write_all(self, events: AsyncIterator[Any]) -> None:
        """Write every event, and how it ended: with the last event, or with one error."""
        failure: Failure | None = None
        patience_s: float | None = None
        self._task = asyncio.current_task()
        try:
            async with aclosing(cast("AsyncGenerator[Any]", events)):
                while await self._pour(events):
                    await self._catch_up()
        except asyncio.CancelledError:
            # The run was stopped, or the server stops, or the reader left and hears no more: the request ends here.
            if not self._dialect.ended:  # who has the last event may leave
                failure = _stopped(self._phase()) if self._cancelled else stopping(self._phase())
            patience_s = LAST_WORD_S
        except Exception as error:  # noqa: BLE001 - the stream's boundary: whatever went wrong is said to its reader
            failure = translated(error, self._phase(), self._caller)
        with suppress(TimeoutError):  # a reader that takes nothing does not hold up the end
            async with asyncio.timeout(patience_s):
                await self._end(failure)

    def _pour(self, events: AsyncIterator[Any]) -> Awaitable[bool]:
        """Take events as long as they can be written; whether there may be more."""
        if self._wire is None or not self.begun:
            return pour(events, self._put, self)
        return pour(events, self._through, self._wire)

    def _put(self, event: Any) -> None:
        """Put an event where `_catch_up` finds it."""
        if not self.begun:  # a Start, or the frame of one
            self._allowance = allowance(getattr(event, "limits", None))
        if not self._dialect.ended and (data := self._dialect.event(event)):
            self._unsent.append(data)
            self.full = True

    def _through(self, event: Any) -> None:
        """Write an event where it arrives."""
        dialect, wire = self._dialect, self._wire
        if wire is not None and not dialect.ended and (data := dialect.event(event)):
            wire.write(CHUNK % (len(data), data))
            self._written_at = self._clock()

    async def _catch_up(self) -> None:
        """Send what waits, let others have a turn, and wait until the reader takes more."""
        await self._send_unsent()
        if self._burst > BURST or (self._wire is not None and self._wire.full):
            self._burst = 0
            await asyncio.sleep(0)
            await self._write(b"")

    async def _send_unsent(self) -> None:
        if self._unsent:
            data = b"".join(self._unsent)
            self._unsent.clear()
            self.full = False
            self._burst += len(data)
            await self._write(data)
            self._spoken = True

    def cancel(self) -> None:
        """Stop the run."""
        if self._task is not None and not self._dialect.ended:
            self._cancelled = True
            self._task.cancel()

    async def beat(self) -> float:
        """Write a heartbeat when nothing was written for so long; gives when to come again."""
        if self._clock() >= self._written_at + self._heartbeat_s:
            await self._write(HEARTBEAT)
        return self._written_at + self._heartbeat_s

    async def _prepare(self) -> None:
        """Begin the response."""
        self.begun = True
        headers = [*HEADERS, *self._caller.headers, *self._allowance]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def _write(self, data: bytes) -> None:
        if not self.begun:
            await self._prepare()
        self._written_at = self._clock()
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        if self._wire is not None:
            self._wire.flush()  # the first token does not wait for the end of the turn

    async def _end(self, failure: Failure | None) -> None:
        await self._send_unsent()
        if not self._dialect.ended:
            await self._fail((failure or cut(self._phase())).but(trace_id=self._caller.trace_id))
        elif failure is not None:
            log.warning("%s: after its end: %s", self._caller.request_id, failure)
        if self.begun:
            await self._send({"type": "http.response.body", "body": b""})

    async def _fail(self, failure: Failure) -> None:
        if self.begun:
            await self._write(self._dialect.error(failure))
        else:
            self._dialect.ended = True
            await refuse(self._send, failure, self._caller.shape, self._caller.headers)

    def _phase(self) -> Phase:
        return "mid_stream" if self._spoken else "first_packet"


def cut(phase: Phase) -> Failure:
    """The failure of a run that stopped without saying that it ended."""
    return Failure("upstream_cut", "the answer stopped before its end", phase=phase)


def _stopped(phase: Phase) -> Failure:
    return Failure("cancelled", "the run was stopped", phase=phase)


def translated(error: Exception, phase: Phase, caller: Caller) -> Failure:
    """What went wrong with a run, in the words of the contract; what nobody foresaw is logged."""
    failure = from_exception(error, phase=phase)
    if failure.class_ == "internal" and failure is not error:
        log.error("%s failed, trace %s", caller.request_id, caller.trace_id, exc_info=error)
    return failure
