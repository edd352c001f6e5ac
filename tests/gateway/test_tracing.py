"""A request that begins a run is a span: how it was answered, and what its services' spans hang from."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.trace import StatusCode
from starlette.types import Message

from ended import Ended
from promptwire.errors import Failure
from promptwire.gateway.answers import native, say
from promptwire.gateway.caller import Caller, caller_of
from promptwire.gateway.reader import Departed
from promptwire.gateway.tracing import traced
from promptwire.span import Spans

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def scope(**headers: str) -> dict[str, Any]:
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"method": "POST", "path": "/api/prompts/demo/run", "headers": given, "client": ("10.0.0.1", 9)}


def asking(**headers: str) -> tuple[Caller, dict[str, Any]]:
    asked = scope(**headers)
    return caller_of(asked, native), asked


async def nowhere(message: Message) -> None:
    """Takes what is sent."""


async def gone() -> Message:
    """The reader is not there any more."""
    return {"type": "http.disconnect"}


async def test_an_answer_is_timed_and_told(spans: Spans, ended: Ended) -> None:
    caller, asked = asking(traceparent=f"00-{TRACE}-{SPAN}-01")
    with traced(spans, caller, asked, "/api/prompts/{key}/run", (gone, nowhere)) as (receive, send):
        carried = caller.call.metadata.persistent["traceparent"]
        await say(send, 200, b"")
        await receive()
    (span,) = ended.spans
    context = span.get_span_context()
    assert context is not None and span.parent is not None and span.attributes is not None
    assert (span.name, span.kind.name) == ("POST /api/prompts/{key}/run", "SERVER")
    assert span.parent.span_id == int(SPAN, 16)
    assert carried.split("-")[1:3] == [TRACE, f"{context.span_id:016x}"]
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["promptwire.run.id"] == caller.run_id != ""
    assert span.attributes["promptwire.reader.left"] is False


async def test_a_trace_that_begins_here_is_what_the_reader_is_told(spans: Spans, ended: Ended) -> None:
    caller, asked = asking()
    with traced(spans, caller, asked, "/", (gone, nowhere)):
        assert (b"x-trace-id", caller.trace_id.encode()) in caller.headers
    context = ended.spans[0].get_span_context()
    assert context is not None and caller.trace_id == f"{context.trace_id:032x}"


async def test_a_reader_who_leaves_is_noted(spans: Spans, ended: Ended) -> None:
    caller, asked = asking()
    with pytest.raises(Departed), traced(spans, caller, asked, "/", (gone, nowhere)) as (receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        raise Departed
    (span,) = ended.spans
    assert span.attributes is not None and span.attributes["promptwire.reader.left"] is True
    assert span.status.status_code is StatusCode.UNSET


async def test_a_failure_is_one(spans: Spans, ended: Ended) -> None:
    for number, status in ((1, 503), (2, 404)):
        caller, asked = asking()
        with traced(spans, caller, asked, "/", (gone, nowhere)) as (_, send):
            await say(send, status, b"")
        assert len(ended.spans) == number
    caller, asked = asking()
    with pytest.raises(Failure), traced(spans, caller, asked, "/", (gone, nowhere)):
        raise Failure("invalid_request", "resumable_s")
    assert [span.status.status_code.name for span in ended.spans] == ["ERROR", "UNSET", "ERROR"]
