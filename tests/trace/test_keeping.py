"""A span that ends is kept in the shape of the contract."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from opentelemetry.trace import SpanKind

from promptwire.api.trace import TraceSpan
from promptwire.errors import Failure
from promptwire.span import Spans, fail
from promptwire.trace.keeping import Keeping


@pytest.mark.parametrize("kind", [*SpanKind])
async def test_what_ended_is_handed_on(kind: SpanKind) -> None:
    kept: list[TraceSpan] = []

    async def keep(spans: Sequence[TraceSpan]) -> None:
        kept.extend(spans)

    keeping = Keeping("promptwire.llm", keep)
    spans = Spans("test")
    spans.hear(keeping.backlog.add)
    parent = spans.start("parent")
    child = spans.start("child", parent=parent, kind=kind, attributes={"list": ["a"], "number": 2})
    child.add_event("happened", {"why": "so"})
    fail(child, Failure("overloaded", "busy"))
    child.end()
    await keeping.backlog.close()
    (told,) = kept
    assert (told.name, told.process, told.kind) == ("child", "promptwire.llm", kind.name.lower())
    assert told.parent_id == f"{parent.get_span_context().span_id:016x}"
    assert (told.status, told.message) == ("error", "busy")
    attributes = {name: msgspec.json.decode(value) for name, value in told.attributes.items()}
    assert attributes == {"list": ["a"], "number": 2, "error.type": "overloaded", "promptwire.error.phase": "connect"}
    assert [(event.name, event.attributes["why"]) for event in told.events] == [("happened", msgspec.Raw(b'"so"'))]
    assert told.started_us <= told.events[0].at_us <= told.started_us + told.duration_us
