"""`promptwire.api.trace.TraceService`: traces as trees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from promptwire.api.trace import GetTraceRequest, KeepSpansReply, KeepSpansRequest, Trace, TraceSpan
from promptwire.errors import Failure
from promptwire.trace.store import TraceStore


class TraceService:
    """The traces in ``store``. ``flush`` writes the spans of this process that are still on their way there."""

    def __init__(self, store: TraceStore, flush: Callable[[], Awaitable[None]]) -> None:
        self._store, self._flush = store, flush

    async def get_trace(self, request: GetTraceRequest) -> Trace:
        """The spans of one trace. Raises Failure (not_found)."""
        await self._flush()
        spans = await self._store.spans(request.id)
        if not spans:
            raise Failure("not_found", f"no span of a trace {request.id!r} is kept")
        started_us = min(span.started_us for span in spans)
        duration_us = max(span.started_us + span.duration_us for span in spans) - started_us
        return Trace(id=request.id, started_us=started_us, duration_us=duration_us, spans=list(tree(spans)))

    async def keep_spans(self, request: KeepSpansRequest) -> KeepSpansReply:
        """Keep the spans of another process."""
        if request.spans:
            await self._store.add(request.spans)
        return KeepSpansReply()


def tree(spans: Sequence[TraceSpan]) -> Iterator[TraceSpan]:
    """``spans`` in the order of their tree, each with its depth; one whose parent is not here stands at the top."""
    known = {span.id for span in spans}
    below: dict[str | None, list[TraceSpan]] = {}
    for span in spans:
        below.setdefault(span.parent_id if span.parent_id in known else None, []).append(span)
    waiting = [(span, 0) for span in reversed(below.pop(None, []))]
    while waiting:
        span, span.depth = waiting.pop()
        yield span
        waiting += [(child, span.depth + 1) for child in reversed(below.pop(span.id, []))]
