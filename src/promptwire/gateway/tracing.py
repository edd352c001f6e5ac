"""The place for the span of a request that begins a run, the root of the run's trace unless the caller has one."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Iterator
from http import HTTPStatus

from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import Message, Receive, Scope, Send

from promptwire.gateway.caller import Caller
from promptwire.gateway.reader import Departed
from promptwire.span import Spans, ended_by, fail, traceparent


@contextlib.contextmanager
def traced(
    spans: Spans, caller: Caller, scope: Scope, route: str, wire: tuple[Receive, Send]
) -> Iterator[tuple[Receive, Send]]:
    """Name the caller's run, and time the answer to it, which is given on what this gives in place of ``wire``."""
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
    receive, send = wire
    status: int | None = None
    whole = left = False

    def noting(message: Message) -> Awaitable[None]:
        """A message on its way; no coroutine, which would be one more frame for each piece of the answer."""
        nonlocal status, whole
        if message["type"] == "http.response.start":
            status = message["status"]
        elif not message.get("more_body", False):
            whole = True
        return send(message)

    async def hearing() -> Message:
        nonlocal left
        message = await receive()
        left = left or (message["type"] == "http.disconnect" and not whole)
        return message

    try:
        yield hearing, noting
    except Departed:
        raise
    except BaseException as exc:
        fail(span, ended_by(exc))
        raise
    finally:
        if status is not None:
            span.set_attribute("http.response.status_code", status)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                span.set_status(StatusCode.ERROR)
        span.set_attribute("promptwire.reader.left", left)
        span.end()
