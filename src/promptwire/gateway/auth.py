"""The place where it is decided who asks, and whether they may.

With no key configured everybody who reaches the server may ask, except pages of other sites: a browser carries them to
a server on this machine without its owner noticing. Such a page is known by its ``Origin``, and one that had its own
name lead to this machine (DNS rebinding) by its ``Host``. With keys, a request without a known one is refused.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from promptwire.errors import Failure
from promptwire.gateway.headers import header

LOCKED: Final = ("/api", "/v1")  # the console, the health of the server and the contract are for everybody
ANYBODY: Final = ""

_BEHIND: Final = tuple(f"{prefix}/" for prefix in LOCKED)
_HOST: Final = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s:/@?#\\\[\]]+))(?::\d*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who asks. ``key`` names the API key without giving it away; empty when none is needed."""

    key: str = ANYBODY


class Gate:
    """Lets requests in. ``keys`` are the API keys; none of them means that none is needed.

    ``hosts`` are the names, a port after them or none, that the server is reached by beside this machine's own; one
    that begins with a dot stands for all below it.
    """

    def __init__(self, keys: Sequence[str] = (), hosts: Sequence[str] = ()) -> None:
        self._keys = {_digest(key): f"key-{_digest(key).hex()[:8]}" for key in keys}
        names = {_host(host) or "" for host in hosts} - {""}
        self._names = frozenset(name for name in names if not name.startswith("."))
        self._domains = tuple(name for name in names if name.startswith("."))

    def identify(self, scope: Scope) -> Identity:
        """Who asks. Raises Failure (unauthenticated, permission_denied)."""
        if not locked(scope["path"]):
            return Identity()
        if not self._keys:
            self._check_host(scope)
            self._check_origin(scope)
            return Identity()
        given = _presented(scope)
        if given is None:
            raise Failure("unauthenticated", "an API key is needed: Authorization: Bearer KEY")
        digest = _digest(given)
        for known, name in self._keys.items():
            if hmac.compare_digest(known, digest):
                return Identity(key=name)
        raise Failure("unauthenticated", "the API key is not known")

    def _check_host(self, scope: Scope) -> None:
        """Refuse what is asked of a name that nobody gave this server: whose name it is, its pages are led here by."""
        said = header(scope, b"host") or ""
        host = _host(said)
        if host is None or not (_is_this_machine(host) or _is_address(host) or self._is_ours(host)):
            raise Failure(
                "permission_denied",
                f"requests to {said!r} are not answered: this server has no API keys, and a page of another site could"
                " lead a browser here by a name of its own; if the name is yours, put it into PROMPTWIRE_HOSTS",
            )

    def _check_origin(self, scope: Scope) -> None:
        """Refuse what a page of another site sends. Browsers always say where a page that writes came from."""
        origin = header(scope, b"origin")
        if origin is None:
            return
        page = _host(origin.partition("://")[2])
        asked = _host(header(scope, b"host") or "")
        if page is None or not (page == asked or _is_this_machine(page) or self._is_ours(page)):
            raise Failure(
                "permission_denied",
                f"a page of {origin} may not use this server: it has no API keys to check; if the site is yours, put"
                " its name into PROMPTWIRE_HOSTS",
            )

    def _is_ours(self, host: str) -> bool:
        return host in self._names or host.endswith(self._domains)


def locked(path: str) -> bool:
    """Whether a path is behind the gate."""
    return path.startswith(_BEHIND) or path in LOCKED


def _presented(scope: Scope) -> str | None:
    scheme, _, key = (header(scope, b"authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else header(scope, b"x-api-key")


@functools.lru_cache
def _host(text: str) -> str | None:
    """The host in ``host`` or ``host:port``, as it is compared; None when there is none."""
    match = _HOST.fullmatch(text)
    return None if match is None else (match["literal"] or match["name"]).lower().rstrip(".") or None


@functools.lru_cache
def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@functools.lru_cache
def _is_address(host: str) -> bool:
    """Whether it is no name, which others could give a meaning."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
