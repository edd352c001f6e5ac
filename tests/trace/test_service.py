"""A trace is a tree, as far as its spans have come."""

from __future__ import annotations

import pytest

from promptwire.api.trace import GetTraceRequest, KeepSpansRequest, TraceSpan
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.trace.service import TraceService, tree
from promptwire.trace.store import TraceStore


def span(id: str, parent: str | None, started_us: int) -> TraceSpan:
    return TraceSpan(trace_id="t", id=id, parent_id=parent, name=id, started_us=started_us, duration_us=10)


SPANS = [
    span("root", "caller", 1),
    span("run", "root", 2),
    span("chat", "run", 3),
    span("first", "chat", 4),
    span("second", "chat", 5),
    span("stray", "nobody", 6),
]


async def nothing() -> None:
    """Nothing waits to be written."""


async def test_spans_of_every_process_make_one_tree(database: Database) -> None:
    service = TraceService(TraceStore(database), nothing)
    await service.keep_spans(KeepSpansRequest(spans=SPANS[2:]))
    await service.keep_spans(KeepSpansRequest(spans=SPANS[:2]))
    await service.keep_spans(KeepSpansRequest(spans=[]))
    trace = await service.get_trace(GetTraceRequest(id="t"))
    assert [(one.id, one.depth) for one in trace.spans] == [
        ("root", 0),
        ("run", 1),
        ("chat", 2),
        ("first", 3),
        ("second", 3),
        ("stray", 0),
    ]
    assert (trace.started_us, trace.duration_us) == (1, 15)


async def test_a_trace_nobody_kept_is_not_found(database: Database) -> None:
    with pytest.raises(Failure, match="no span of a trace 'x'"):
        await TraceService(TraceStore(database), nothing).get_trace(GetTraceRequest(id="x"))


def test_spans_that_are_each_others_parents_do_not_hang() -> None:
    assert list(tree([span("a", "b", 1), span("b", "a", 2)])) == []
