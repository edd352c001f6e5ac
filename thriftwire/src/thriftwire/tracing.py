"""What is told about a call while it happens: events for tracers, from its start to the end that its user sees.

A tracer is a function that is told the start of a call and gives back a function for the rest of its events, or None
when it does not care. Names are Kitex's; unlike Kitex, a call finishes when its user sees the end, not when the
trailer arrives (kitex-wire 4.2). ``StreamStart`` to ``StreamFinish`` are told of streaming methods only.
`thriftwire.otel` has tracers for OpenTelemetry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from thriftwire.call import Call
from thriftwire.errors import BizStatusError

logger = logging.getLogger("thriftwire")


class Side(Enum):
    """Whose view of a call it is."""

    CLIENT = "client"
    SERVER = "server"
    LOCAL = "local"  # caller and handler in one process: both at once


class Outcome(Enum):
    """How a call ended. Whether a business status is a failure is the reader's choice."""

    OK = "ok"
    BIZ = "biz"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class RPCStart:
    """A call begins: a client's before a connection is chosen, so that metadata may still be added."""

    at: float  # seconds, of the event loop's clock, as in all events
    call: Call
    side: Side
    streaming: bool


@dataclass(frozen=True, slots=True)
class StreamStart:
    """The stream is open: a client has written its header, a server has read it."""

    at: float


@dataclass(frozen=True, slots=True)
class StreamRecvHeader:
    """The server's headers have come (clients only)."""

    at: float
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreamRecv:
    """The user has taken a message of ``size`` bytes; 0 in a local call, which has no bytes."""

    at: float
    size: int


@dataclass(frozen=True, slots=True)
class StreamSend:
    """The user has sent a message of ``size`` bytes."""

    at: float
    size: int


@dataclass(frozen=True, slots=True)
class StreamFinish:
    """The stream is over; its trailers, if any came or went."""

    at: float
    trailers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RPCFinish:
    """The user has seen the end. ``error`` is what was raised to them; sizes are of payloads, in bytes."""

    at: float
    outcome: Outcome
    error: BaseException | None
    duration_s: float
    sent: int  # messages
    received: int
    sent_bytes: int
    received_bytes: int


TraceEvent: TypeAlias = StreamStart | StreamRecvHeader | StreamRecv | StreamSend | StreamFinish | RPCFinish
Sink: TypeAlias = Callable[[TraceEvent], None]
Tracer: TypeAlias = Callable[[RPCStart], Sink | None]


def outcome_of(error: BaseException | None) -> Outcome:
    """Which of the three outcomes an error is."""
    if error is None:
        return Outcome.OK
    return Outcome.BIZ if isinstance(error, BizStatusError) else Outcome.ERROR


class Trace:
    """One call's events, told to every tracer that cares. A tracer that fails is logged and not told again."""

    __slots__ = (
        "_call",
        "_clock",
        "_sinks",
        "_start",
        "_streaming",
        "received",
        "received_bytes",
        "sent",
        "sent_bytes",
    )

    def __init__(self, tracers: Sequence[Tracer], call: Call, side: Side, *, streaming: bool) -> None:
        self._call, self._streaming = call, streaming
        self._clock = asyncio.get_running_loop().time
        self._start = self._clock()
        self.sent = self.received = self.sent_bytes = self.received_bytes = 0
        self._sinks: list[Sink] = []
        event = RPCStart(self._start, call, side, streaming)
        for tracer in tracers:
            try:
                sink = tracer(event)
            except Exception:
                logger.exception("a tracer failed at the start of %s.%s", call.service, call.method)
                continue
            if sink is not None:
                self._sinks.append(sink)

    def opened(self) -> None:
        """The stream is open."""
        if self._streaming:
            self._tell(StreamStart(self._clock()))

    def headers_came(self) -> None:
        """The server's headers have come."""
        if self._streaming:
            self._tell(StreamRecvHeader(self._clock(), self._call.headers))

    def was_sent(self, size: int) -> None:
        """A message is on its way."""
        self.sent += 1
        self.sent_bytes += size
        if self._streaming:
            self._tell(StreamSend(self._clock(), size))

    def was_received(self, size: int) -> None:
        """A message is with its user."""
        self.received += 1
        self.received_bytes += size
        if self._streaming:
            self._tell(StreamRecv(self._clock(), size))

    def finish(self, error: BaseException | None) -> None:
        """The user has seen the end."""
        now = self._clock()
        if self._streaming:
            self._tell(StreamFinish(now, self._call.trailers))
        self._tell(
            RPCFinish(
                now,
                outcome_of(error),
                error,
                now - self._start,
                self.sent,
                self.received,
                self.sent_bytes,
                self.received_bytes,
            )
        )

    def _tell(self, event: TraceEvent) -> None:
        for sink in tuple(self._sinks):
            try:
                sink(event)
            except Exception:
                logger.exception("a tracer failed at %s.%s", self._call.service, self._call.method)
                self._sinks.remove(sink)
