"""The place for what every face of the gateway is made of: endpoints, and the site that finds them by path and verb."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from starlette.types import Receive, Scope, Send

from promptwire.errors import Failure
from promptwire.gateway.caller import Caller

Handle: TypeAlias = Callable[[Scope, Receive, Send, Caller], Awaitable[None]]
"""Answers one request. What it raises before its answer has begun is answered for it."""

_PARAMETER: Final = re.compile(r"\{(?P<name>\w+)(?P<rest>:path)?\}")


class Endpoint(NamedTuple):
    """What answers ``verb path``; the path as in OpenAPI: ``/api/prompts/{key}``.

    A parameter is a part of the path, but ``{name:path}`` is all that is left of it.
    """

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
    """One handle of many; ``otherwise`` answers paths that none of them has.

    All paths are one expression, for asking them one after another takes longer. The parameters are left in the scope,
    as ``path_params``.
    """
    by_path: dict[str, dict[str, Handle]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.verb] = endpoint.handle
    paths = sorted(by_path, key=_precedence)
    match = re.compile("|".join(f"({_expression(path)})" for path in paths)).fullmatch
    found_at = dict(_groups(paths))

    async def handle(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        found = match(scope["path"])
        if found is None or found.lastindex is None:
            await otherwise(scope, receive, send, caller)
            return
        path, names = found_at[found.lastindex]
        values = found.groups()[found.lastindex : found.lastindex + len(names)]
        scope["path_params"] = dict(zip(names, values, strict=True))
        await _chosen(scope["method"], by_path[path])(scope, receive, send, caller)

    return handle


def _chosen(verb: str, verbs: Mapping[str, Handle]) -> Handle:
    """What answers a verb. Raises WrongVerb."""
    handle = verbs.get("GET" if verb == "HEAD" else verb)  # the server leaves a HEAD's body out
    if handle is None:
        raise WrongVerb(verb, verbs)
    return handle


def _groups(paths: Iterable[str]) -> Iterable[tuple[int, tuple[str, list[str]]]]:
    """Each path with the names of its parameters, by the group of the expression that it is."""
    at = 1
    for path in paths:
        names = [found["name"] for found in _PARAMETER.finditer(path)]
        yield at, (path, names)
        at += 1 + len(names)


def _expression(path: str) -> str:
    """What matches ``path``, a group for each parameter."""
    written, end = "", 0
    for found in _PARAMETER.finditer(path):
        written += re.escape(path[end : found.start()]) + ("(.*)" if found["rest"] else "([^/]+)")
        end = found.end()
    return written + re.escape(path[end:])


def _precedence(path: str) -> list[tuple[bool, str]]:
    """A word goes before a parameter in its place: ``/limits/levels`` before ``/limits/{id}``."""
    return [(part.startswith("{"), part) for part in path.split("/")]
