"""The place for reading HTTP headers from an ASGI scope."""

from __future__ import annotations

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first header called ``name`` (in lower case)."""
    return next((value.decode("latin-1") for given, value in scope["headers"] if given == name), None)
