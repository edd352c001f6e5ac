"""The place where an operator's probes are answered: is this process alive, and are the services behind it there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope, Send

from promptwire.errors import from_exception
from promptwire.gateway.answers import reply
from promptwire.gateway.caller import Caller
from promptwire.gateway.endpoint import Endpoint
from promptwire.gateway.routes import Route, routes
from thriftwire.service import Service

PATIENCE_S: Final = 2.0
NOBODY: Final = "-"  # names nothing in any service

Probe = Callable[[], Awaitable[object]]


def endpoints(services: Mapping[Service[Any], Any], *, patience_s: float = PATIENCE_S) -> list[Endpoint]:
    """``/healthz``: this process answers. ``/readyz``: so does every service behind it in time; 503 otherwise."""
    probes = {service.name: probe for service, handler in services.items() if (probe := _probe(service, handler))}

    async def healthz(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        await reply(send, {"status": "ok"})

    async def readyz(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        found = await asyncio.gather(*(_state(probe, patience_s) for probe in probes.values()))
        states = dict(zip(probes, found, strict=True))
        ready = all(state == "ok" for state in states.values())
        answer = {"status": "ready" if ready else "not ready", "services": states}
        await reply(send, answer, status=200 if ready else 503)

    return [Endpoint("GET", "/healthz", healthz), Endpoint("GET", "/readyz", readyz)]


async def _state(probe: Probe, patience_s: float) -> str:
    try:
        async with asyncio.timeout(patience_s):
            await probe()
    except Exception as error:  # noqa: BLE001 - a probe says what it found
        failure = from_exception(error)
        if failure.class_ not in ("not_found", "invalid_request"):  # those are answers too
            return f"{failure.class_}: {failure.message}"
    return "ok"


def _probe(service: Service[Any], handler: Any) -> Probe | None:
    """The cheapest question the service has a route for: to look one thing up, or else to list them."""
    questions = [route for route in routes([service]) if route.verb == "GET" and not route.streams]
    if not questions:
        return None
    route = max(questions, key=lambda route: len(route.parameters))
    request = _question(route)
    call = getattr(handler, route.method.attribute)
    return lambda: call(request)


def _question(route: Route) -> msgspec.Struct:
    needed = (parameter.field for parameter in route.parameters if parameter.field.required)
    return route.request(**dict.fromkeys((field.name for field in needed), NOBODY))
