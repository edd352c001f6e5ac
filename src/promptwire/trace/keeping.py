"""The place where spans that end are handed on to be kept, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from opentelemetry.trace import SpanKind, StatusCode

from promptwire.api.trace import SpanEvent, TraceSpan
from promptwire.backlog import Backlog
from promptwire.span import Timed, plain

_STATUS: Final[dict[StatusCode, Literal["unset", "ok", "error"]]] = {
    StatusCode.UNSET: "unset",
    StatusCode.OK: "ok",
    StatusCode.ERROR: "error",
}


_KIND: Final[dict[SpanKind, Literal["internal", "server", "client", "producer", "consumer"]]] = {
    SpanKind.INTERNAL: "internal",
    SpanKind.SERVER: "server",
    SpanKind.CLIENT: "client",
    SpanKind.PRODUCER: "producer",
    SpanKind.CONSUMER: "consumer",
}


class Keeping:
    """Hands the spans that end, which are added to its ``backlog``, to ``keep`` in the background."""

    def __init__(self, process: str, keep: Callable[[Sequence[TraceSpan]], Awaitable[None]]) -> None:
        self._process, self._keep = process, keep
        self.backlog = Backlog[Timed]("spans", self._write)

    async def _write(self, ended: Sequence[Timed]) -> None:
        await self._keep([told(span, self._process) for span in ended])


def told(span: Timed, process: str) -> TraceSpan:
    """A span that ended, as the contract has it."""
    started_us = span.started_ns // 1000
    return TraceSpan(
        trace_id=f"{span.context.trace_id:032x}",
        id=f"{span.context.span_id:016x}",
        parent_id=None if span.parent is None else f"{span.parent.span_id:016x}",
        name=span.name,
        kind=_KIND[span.kind],
        process=process,
        started_us=started_us,
        duration_us=span.ended_ns // 1000 - started_us,
        status=_STATUS[span.status],
        message=span.message,
        attributes={name: plain(value) for name, value in span.attributes.items()},
        events=[
            SpanEvent(
                name=event.name,
                at_us=event.at_ns // 1000,
                attributes={name: plain(value) for name, value in event.attributes.items()},
            )
            for event in span.events
        ],
    )
