"""The place for what every face of the gateway is made of: endpoints, and the site that finds them by path and verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias, cast

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from promptwire.errors import Failure
from promptwire.gateway.caller import Caller

CALLER: Final = "promptwire.caller"  # in the scope

Handle: TypeAlias = Callable[[Scope, Receive, Send, Caller], Awaitable[None]]
"""Answers one request. What it raises before its answer has begun is answered for it."""


class Endpoint(NamedTuple):
    """What answers ``verb path``; the path as in OpenAPI: ``/api/prompts/{key}``."""

    verb: str
    path: str
    handle: Handle


class WrongVerb(Failure):
    """The path is there, and not for this verb."""

    def __init__(self, verb: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__("invalid_request", f"{verb} is not possible here, only {self.allowed}")
        self.http_status = 405


def site(endpoints: Iterable[Endpoint], otherwise: Handle) -> Handle:
    """One handle of many; ``otherwise`` answers paths that none of them has."""
    by_path: dict[str, dict[str, Handle]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.verb] = endpoint.handle
    paths = [Route(path, _Path(by_path[path])) for path in sorted(by_path, key=_precedence)]
    router = Router(paths, redirect_slashes=False, default=_Path({}, otherwise))

    async def handle(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        scope[CALLER] = caller
        await router(scope, receive, send)

    return handle


class _Path:
    """What stands at one path; a class, because Starlette wraps functions and passes these on as they are."""

    def __init__(self, verbs: Mapping[str, Handle], otherwise: Handle | None = None) -> None:
        self._verbs, self._otherwise = verbs, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verb = "GET" if scope["method"] == "HEAD" else scope["method"]  # the server leaves a HEAD's body out
        handle = self._verbs.get(verb, self._otherwise)
        if handle is None:
            raise WrongVerb(scope["method"], self._verbs)
        await handle(scope, receive, send, cast("Caller", scope[CALLER]))


def _precedence(path: str) -> list[tuple[bool, str]]:
    """A word goes before a parameter in its place: ``/limits/levels`` before ``/limits/{id}``."""
    return [(part.startswith("{"), part) for part in path.split("/")]
