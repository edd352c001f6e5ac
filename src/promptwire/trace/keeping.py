"""The place where spans that end are handed on to be kept, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import INVALID_SPAN_CONTEXT, StatusCode

from promptwire.api.trace import SpanEvent, TraceSpan
from promptwire.backlog import Backlog
from promptwire.span import plain

_STATUS: Final[dict[StatusCode, Literal["unset", "ok", "error"]]] = {
    StatusCode.UNSET: "unset",
    StatusCode.OK: "ok",
    StatusCode.ERROR: "error",
}


class Keeping(SpanProcessor):
    """Hands the spans that end to ``keep``, in the background."""

    def __init__(self, process: str, keep: Callable[[Sequence[TraceSpan]], Awaitable[None]]) -> None:
        self._process, self._keep = process, keep
        self.backlog = Backlog("spans", self._write)

    def on_end(self, span: ReadableSpan) -> None:
        """A span is over."""
        self.backlog.add(span)

    async def _write(self, ended: Sequence[ReadableSpan]) -> None:
        await self._keep([told(span, self._process) for span in ended])


def told(span: ReadableSpan, process: str) -> TraceSpan:
    """A span that ended, as the contract has it."""
    context = span.get_span_context() or INVALID_SPAN_CONTEXT
    started_us, ended_us = (span.start_time or 0) // 1000, (span.end_time or 0) // 1000
    return TraceSpan(
        trace_id=f"{context.trace_id:032x}",
        id=f"{context.span_id:016x}",
        parent_id=None if span.parent is None else f"{span.parent.span_id:016x}",
        name=span.name,
        kind=_kind(span),
        process=process,
        started_us=started_us,
        duration_us=ended_us - started_us,
        status=_STATUS[span.status.status_code],
        message=span.status.description or "",
        attributes={name: plain(value) for name, value in (span.attributes or {}).items()},
        events=[
            SpanEvent(
                name=event.name,
                at_us=event.timestamp // 1000,
                attributes={name: plain(value) for name, value in (event.attributes or {}).items()},
            )
            for event in span.events
        ],
    )


def _kind(span: ReadableSpan) -> Literal["internal", "server", "client", "producer", "consumer"]:
    match span.kind.name:
        case "SERVER":
            return "server"
        case "CLIENT":
            return "client"
        case "PRODUCER":
            return "producer"
        case "CONSUMER":
            return "consumer"
        case _:
            return "internal"
