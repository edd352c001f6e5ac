"""The place where it is decided who asks, and whether they may.

With no key configured everybody who reaches the server may ask, except pages of other sites: a browser carries them to
a server on this machine without its owner noticing. With keys, a request without a known one is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from promptwire.errors import Failure
from promptwire.gateway.headers import header

LOCKED: Final = ("/api", "/v1")  # the console, the health of the server and the contract are for everybody
ANYBODY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who asks. ``key`` names the API key without giving it away; empty when none is needed."""

    key: str = ANYBODY


class Gate:
    """Lets requests in. ``keys`` are the API keys; none of them means that none is needed."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = {_digest(key): f"key-{_digest(key).hex()[:8]}" for key in keys}

    def identify(self, scope: Scope) -> Identity:
        """Who asks. Raises Failure (unauthenticated, permission_denied)."""
        if not locked(scope["path"]):
            return Identity()
        if not self._keys:
            _same_site(scope)
            return Identity()
        given = _presented(scope)
        if given is None:
            raise Failure("unauthenticated", "an API key is needed: Authorization: Bearer KEY")
        digest = _digest(given)
        for known, name in self._keys.items():
            if hmac.compare_digest(known, digest):
                return Identity(key=name)
        raise Failure("unauthenticated", "the API key is not known")


def locked(path: str) -> bool:
    """Whether a path is behind the gate."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in LOCKED)


def _presented(scope: Scope) -> str | None:
    scheme, _, key = (header(scope, b"authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else header(scope, b"x-api-key")


def _same_site(scope: Scope) -> None:
    """Refuse what a page of another site sends. Browsers always say where a page that writes came from."""
    origin = header(scope, b"origin")
    if origin is None:
        return
    host = urlsplit(origin).hostname
    asked = urlsplit(f"//{header(scope, b'host') or ''}").hostname
    if host is None or not (host == asked or _is_this_machine(host)):
        raise Failure("permission_denied", f"a page of {origin} may not use this server: it has no API keys to check")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
