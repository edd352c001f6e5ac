"""The place where HTTP comes in: `build_app` makes one ASGI application of the services it is given.

A request passes the gate, becomes a call, and goes to its endpoint: a method of the contract, OpenAI's face, or a
page of the console. Whatever goes wrong before an answer has begun is answered here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope, Send

from promptwire.answer import whole
from promptwire.api.run import RUN_SERVICE
from promptwire.errors import Failure, from_exception
from promptwire.gateway import console, health, openai, openapi
from promptwire.gateway.answers import allowance, native, refuse, reply, say
from promptwire.gateway.auth import Gate
from promptwire.gateway.binding import binder
from promptwire.gateway.caller import Caller, admit, caller_of
from promptwire.gateway.endpoint import Endpoint, Handle, WrongVerb, site
from promptwire.gateway.headers import prefers, wants_json
from promptwire.gateway.link import wire_of
from promptwire.gateway.reader import Departed, attended, finished, read_body
from promptwire.gateway.resume import Replay, Runs
from promptwire.gateway.routes import Route, event_names, folds, routes
from promptwire.gateway.sse import HEARTBEAT_S, Native, relay
from promptwire.gateway.tracing import traced
from promptwire.span import Spans, unkept
from thriftwire.call import serve
from thriftwire.service import Service

WRITES: Final = frozenset({"PUT", "PATCH", "DELETE"})

log = logging.getLogger(__name__)


def build_app(
    services: Mapping[Service[Any], Any],
    *,
    api_keys: Sequence[str] = (),
    hosts: Sequence[str] = (),
    static: Path = console.STATIC,
    heartbeat_s: float = HEARTBEAT_S,
    patience_s: float = health.PATIENCE_S,
    spans: Spans | None = None,
) -> Gateway:
    """The gateway of ``services``, each with what satisfies its Protocol: an object or a client, it is the same.

    OpenAI's face is there when LLMService and PromptService are. ``hosts`` are the names the server is reached by
    (see `Gate`). ``static`` is the built console,
    ``patience_s`` is for the services that ``/readyz`` asks.
    """
    runs = Runs()
    faces = {**services, RUN_SERVICE: runs}
    spans = spans or unkept()
    endpoints = [contract(route, faces[route.service], runs, heartbeat_s, spans) for route in routes(faces)]
    endpoints += openai.endpoints(services, heartbeat_s=heartbeat_s, live=runs.live, spans=spans)
    endpoints += [*health.endpoints(services, patience_s=patience_s), openapi.endpoint(faces)]
    return Gateway(endpoints, console.Console(static), Gate(api_keys, hosts), runs)


def contract(route: Route, handler: Any, runs: Runs, heartbeat_s: float, spans: Spans) -> Endpoint:
    """The endpoint of a method of the contract."""
    bind, call = binder(route), getattr(handler, route.method.attribute)
    names = event_names(route.method.response_type)
    is_answer = folds(names)

    async def answer(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        request = bind(scope, await read_body(scope, receive))
        # What somebody wrote is kept, also when they have left; what is asked is dropped with who asked.
        answered = finished(call(request)) if route.verb in WRITES else attended(receive, call(request))
        await reply(send, await answered, caller.headers)

    async def run(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        request = bind(scope, await read_body(scope, receive))
        with traced(spans, caller, scope, route.path, (receive, send)) as (heard, noted):
            tell = partial(relay, heard, noted, caller=caller, heartbeat_s=heartbeat_s, wire=wire_of(scope))
            resumable_s: float | None = getattr(request, "resumable_s", None)
            later = is_answer and prefers(scope, b"respond-async")
            if is_answer and resumable_s is None and wants_json(scope) and not later:
                answer = await attended(heard, whole(call(request)))
                await reply(noted, answer, [*caller.headers, *allowance(answer.start.limits)])
            elif resumable_s is not None:
                alone = msgspec.structs.replace(request, resumable_s=None)  # to its services it is a run like others
                frames = runs.keep(caller, lambda: call(alone), names, resumable_s, later=later)
                if later:
                    await _accept(noted, caller)
                else:
                    unheard = partial(runs.abandon, caller.run_id)
                    await tell(frames, Replay(), unheard=unheard)
            elif later:
                raise Failure("invalid_request", "a run that is answered later is kept: say resumable_s")
            else:
                events, dialect = call(request), Native(names)
                await tell(events, dialect, live=runs.live)

    async def resume(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        request = bind(scope, await read_body(scope, receive))
        if runs.is_over(request):
            await say(send, 204, b"", caller.headers)  # which tells an EventSource not to come back
        else:
            wire = wire_of(scope)
            await relay(receive, send, call(request), Replay(), caller, heartbeat_s=heartbeat_s, wire=wire)

    if not route.streams:
        return Endpoint(route.verb, route.path, answer)
    return Endpoint(route.verb, route.path, resume if handler is runs else run)


async def _accept(send: Send, caller: Caller) -> None:
    """Say what a run is called that is read later (RFC 7240 4.1)."""
    where = (b"location", f"/api/runs/{caller.run_id}/events".encode())
    headers = (where, (b"preference-applied", b"respond-async"), *caller.headers)
    await reply(send, {"run_id": caller.run_id}, headers, status=202)


class Gateway:
    """The ASGI application."""

    def __init__(self, endpoints: Iterable[Endpoint], otherwise: Handle, gate: Gate, runs: Runs) -> None:
        self._site, self._gate, self._runs = site(endpoints, otherwise), gate, runs

    async def close(self) -> None:
        """Stop what outlives its requests."""
        await self._runs.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is spoken here, not {scope['type']!r}")
        caller = caller_of(scope, openai.shape if openai.speaks(scope["path"]) else native)
        serve(caller.call)
        try:
            admit(caller, scope, self._gate.identify(scope))
            await self._site(scope, receive, send, caller)
        except Departed:
            log.debug("%s: the reader left", caller.request_id)
        except Exception as error:  # noqa: BLE001 - the request's boundary: whatever went wrong is answered
            await _refuse(send, _failure(error, caller), caller)


async def _refuse(send: Send, failure: Failure, caller: Caller) -> None:
    headers: list[tuple[bytes, bytes]] = [*caller.headers]
    if isinstance(failure, WrongVerb):
        headers.append((b"allow", failure.allowed.encode()))
    await refuse(send, failure, caller.shape, headers)


def _failure(error: Exception, caller: Caller) -> Failure:
    failure = from_exception(error)
    if failure.class_ == "internal" and failure is not error:
        log.error("%s failed, trace %s", caller.request_id, caller.trace_id, exc_info=error)
    failure.trace_id = failure.trace_id or caller.trace_id
    return failure
