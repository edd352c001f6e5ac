"""The call in progress: its name, metadata, deadline and cancel path, carried by the one context variable.

Metadata follows CloudWeGo's metainfo, single-hop mode: an incoming transient entry is readable here and goes no
further; a persistent entry goes on to every call made from this one; a backward entry travels to the caller with
the reply.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Metadata:
    """Entries that travel beside the messages."""

    transient: dict[str, str] = field(default_factory=dict[str, str])  # to send one hop
    upstream: dict[str, str] = field(default_factory=dict[str, str])  # received from the caller; not forwarded
    persistent: dict[str, str] = field(default_factory=dict[str, str])  # to the end of the chain
    backward: dict[str, str] = field(default_factory=dict[str, str])  # to the caller, with the reply


@dataclass(slots=True, kw_only=True)
class Call:
    """One call, as a handler sees the one it serves and as a caller sees the one it makes.

    ``deadline`` is in the event loop's clock (seconds), None when unbounded. ``path`` holds the services a
    cancellation of this call would have crossed so far. ``headers`` and ``trailers`` are what the server sends:
    a handler fills them, a caller reads them.
    """

    service: str = ""
    method: str = ""
    caller: str = ""
    peer: str = ""  # address of the other side
    metadata: Metadata = field(default_factory=Metadata)
    request_headers: dict[str, str] = field(default_factory=dict[str, str])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    trailers: dict[str, str] = field(default_factory=dict[str, str])
    deadline: float | None = None
    path: tuple[str, ...] = ()


_current: ContextVar[Call | None] = ContextVar("thriftwire.call", default=None)


def current() -> Call | None:
    """The call being served, or the one `serving` was entered with; None outside any."""
    return _current.get()


@contextlib.contextmanager
def serving(call: Call) -> Iterator[Call]:
    """Make ``call`` the current one: calls made inside inherit its deadline, persistent metadata and cancel path."""
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)
