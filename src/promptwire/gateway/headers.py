"""The place for reading HTTP headers from an ASGI scope."""

from __future__ import annotations

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first header called ``name`` (in lower case)."""
    for given, value in scope["headers"]:
        if given == name:
            return value.decode("latin-1")
    return None


def wants_json(scope: Scope) -> bool:
    """Whether who asks takes JSON and no event stream: then an answer comes whole."""
    accepted = [kind.partition(";")[0].strip() for kind in (header(scope, b"accept") or "").lower().split(",")]
    return "application/json" in accepted and "text/event-stream" not in accepted


def prefers(scope: Scope, preference: bytes) -> bool:
    """Whether who asks prefers this (RFC 7240)."""
    said = (header(scope, b"prefer") or "").lower().split(",")
    return preference.decode() in [one.partition(";")[0].strip() for one in said]
