"""The place for the span of a request that begins a run, the root of the run's trace unless the caller has one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import Message, Scope, Send

from promptwire.gateway.caller import Caller
from promptwire.gateway.reader import Departed
from promptwire.span import Spans, ended_by, fail, traceparent


@contextlib.contextmanager
def traced(spans: Spans, caller: Caller, scope: Scope, route: str, send: Send) -> Iterator[Send]:
    """Name the caller's run, and time the answer to it; the value is what sends it."""
    caller.name_run()
    said = {
        "http.request.method": scope["method"],
        "http.route": route,
        "url.path": scope["path"],
        "client.address": caller.call.peer.rpartition(":")[0],
        "promptwire.run.id": caller.run_id,
        "promptwire.request.id": caller.request_id,
    }
    span = spans.start(f"{scope['method']} {route}", parent=caller.parent, kind=SpanKind.SERVER, attributes=said)
    caller.traced(traceparent(span))
    answer: dict[str, Any] = {"status": None, "whole": False}

    async def noting(message: Message) -> None:
        await send(message)
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
        elif not message.get("more_body", False):
            answer["whole"] = True

    try:
        yield noting
    except Departed:
        raise
    except BaseException as exc:
        fail(span, ended_by(exc))
        raise
    finally:
        if answer["status"] is not None:
            span.set_attribute("http.response.status_code", answer["status"])
        if answer["status"] is not None and answer["status"] >= 500:
            span.set_status(StatusCode.ERROR)
        span.set_attribute("promptwire.reader.left", not answer["whole"])
        span.end()
