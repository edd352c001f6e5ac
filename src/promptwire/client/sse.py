"""The place for reading a run from the native event stream: lines in, api events out, a missing end noticed.

The stream is the one of ``POST /api/prompts/{key}/run``: each event is ``id``, ``event`` and one line of JSON
``data``; the last is ``done`` or ``error``. One that stops before is cut, which is a failure like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from promptwire.api.base import Error
from promptwire.api.message import Delta, Done, Event, Reasoning, Start, ToolCallDelta, Usage
from promptwire.errors import Failure

KINDS: Final[dict[str, type[Event]]] = {
    "start": Start,
    "delta": Delta,
    "reasoning": Reasoning,
    "tool_call": ToolCallDelta,
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


def server_events(lines: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The events in ``lines``, which may keep their line ends. Comments (heartbeats) and unknown fields are skipped."""
    fields: dict[bytes, bytes] = {}
    for line in lines:
        if stripped := line.rstrip(b"\r\n"):
            name, _, value = stripped.partition(b":")
            fields[name] = value.removeprefix(b" ")
        else:
            if b"data" in fields:
                name = fields.get(b"event", b"message").decode()
                yield ServerEvent(fields.get(b"id", b"").decode(), name, fields[b"data"])
            fields = {}


def run_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events of a run. Raises Failure: the run's own error, or upstream_cut when the stream ends without an end."""
    for event in server_events(lines):
        if event.name == "error":
            raise failure_of(msgspec.json.decode(event.data, type=Error))
        if event.name in KINDS:
            decoded = msgspec.json.decode(event.data, type=KINDS[event.name])
            yield decoded
            if isinstance(decoded, Done):
                return
    raise cut()


def cut() -> Failure:
    """The failure of a stream that stopped without `done` or `error`."""
    return Failure("upstream_cut", "the stream stopped before its end", phase="mid_stream")


def failure_of(error: Error) -> Failure:
    """The failure a server reported."""
    return Failure(
        error.class_,
        error.message,
        phase=error.phase,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
        vendor=error.vendor,
        vendor_status=error.vendor_status,
        vendor_body=error.vendor_body,
        trace_id=error.trace_id,
        details=error.details,
    )
