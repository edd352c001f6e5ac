"""The place for reading the native event stream: bytes in, api events out.

The stream is the one of ``POST /api/prompts/{key}/run``: each event is ``id``, ``event`` and one line of JSON
``data``; the last is ``done`` or ``error``. One that stops before is cut (see `reading`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from promptwire.api.base import Error
from promptwire.api.message import Delta, Done, Event, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.client.errors import UpstreamError, raised

KINDS: Final[dict[str, type[Event]]] = {
    "start": Start,
    "delta": Delta,
    "reasoning": Reasoning,
    "tool_call": ToolCallDelta,
    "tool_result": ToolResult,
    "usage": Usage,
    "done": Done,
}


class ServerEvent(NamedTuple):
    """One event as it stands in the stream."""

    id: str
    name: str
    data: bytes


class ErrorBody(msgspec.Struct):
    """The body of an HTTP answer that is not a success."""

    error: Error


class Frames:
    """Splits the bytes of a stream into events, however they come. Comments (heartbeats) and unknown fields go by."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that these bytes complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> ServerEvent | None:
        if stripped := line.rstrip(b"\r"):
            name, _, value = stripped.partition(b":")
            self._fields[name] = value.removeprefix(b" ")
            return None
        fields, self._fields = self._fields, {}
        if b"data" not in fields:
            return None
        return ServerEvent(fields.get(b"id", b"").decode(), fields.get(b"event", b"message").decode(), fields[b"data"])


def server_events(pieces: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The events in ``pieces`` of a stream."""
    frames = Frames()
    for piece in pieces:
        yield from frames.feed(piece)


def run_event(event: ServerEvent) -> Event | None:
    """The event of a run as the contract has it; None for one of a later version. Raises PromptwireError."""
    if event.name != "error" and event.name not in KINDS:
        return None
    try:
        if event.name in KINDS:
            return msgspec.json.decode(event.data, type=KINDS[event.name])
        error = msgspec.json.decode(event.data, type=Error)
    except msgspec.DecodeError as problem:
        said = f"the event {event.name!r} of the server is not understood: {problem}"
        raise UpstreamError("upstream_error", said, phase="mid_stream") from problem
    raise raised(error)
