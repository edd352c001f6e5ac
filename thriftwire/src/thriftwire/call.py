"""The call in progress: its name, metadata, deadline and cancel path, carried by the one context variable.

Metadata follows CloudWeGo's metainfo, single-hop mode: an incoming transient entry is readable here and goes no
further; a persistent entry goes on to every call made from this one; a backward entry travels to the caller with
the reply.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from thriftwire.errors import RPCError, StreamTimeout

BACKWARD_PREFIX: Final = "rpc-backward-"  # of a backward entry among a stream's trailers
_TICK_S: Final = 0.002  # a deadline travels in whole milliseconds


@dataclass(slots=True)
class Metadata:
    """Entries that travel beside the messages."""

    transient: dict[str, str] = field(default_factory=dict)  # to send one hop
    upstream: dict[str, str] = field(default_factory=dict)  # received from the caller; not forwarded
    persistent: dict[str, str] = field(default_factory=dict)  # to the end of the chain
    backward: dict[str, str] = field(default_factory=dict)  # to the caller, with the reply


class Dependent(Protocol):
    """What ends when the call it was made from is cancelled."""

    def cancel(self, reason: RPCError, path: tuple[str, ...], /) -> None:
        """End now, for this reason; ``path`` is what the cancellation crossed before it came here."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call, as a handler sees the one it serves and as a caller sees the one it makes.

    ``deadline`` is in the event loop's clock (seconds), None when unbounded. ``recv_timeout_s`` bounds the wait for
    each message. ``headers`` and ``trailers`` are what the server sends: a handler fills them, a caller reads them.
    ``reason`` says why the call was cancelled, and ``path`` which services that cancellation crossed, originator
    first.
    """

    service: str = ""
    method: str = ""
    caller: str = ""
    server: str = ""  # the name of the server that serves it
    peer: str = ""  # address of the other side
    metadata: Metadata = field(default_factory=Metadata)
    request_headers: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    trailers: dict[str, str] = field(default_factory=dict)
    deadline: float | None = None
    recv_timeout_s: float | None = None
    path: tuple[str, ...] = ()
    reason: RPCError | None = None
    parent: Call | None = None  # the call this one was made from
    dependents: set[Dependent] = field(default_factory=set)

    def cancel(self, reason: RPCError, path: tuple[str, ...] = ()) -> None:
        """End everything that was made from this call, at once and for the same reason."""
        if self.reason is None:
            self.reason, self.path = reason, path
            for dependent in tuple(self.dependents):
                dependent.cancel(reason, path)

    def ran_out(self, error: Exception, now: float) -> bool:
        """The error is that of this call's own deadline, met by a call made from it: it had no more time to give."""
        return isinstance(error, StreamTimeout) and self.expired(now)

    def expired(self, now: float) -> bool:
        """The deadline has passed, by the coarsest of the clocks that keep it."""
        return self.deadline is not None and now >= self.deadline - _TICK_S

    def remaining_ms(self, now: float) -> int | None:
        """What is left of the deadline, rounded up and at least 1 ms; None when unbounded."""
        return None if self.deadline is None else max(1, math.ceil((self.deadline - now) * 1000))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What `calling` was told, and the call it fills."""

    result: Call
    timeout_s: float | None


_current: ContextVar[Call | None] = ContextVar("thriftwire.call", default=None)
_options: ContextVar[_Options | None] = ContextVar("thriftwire.calling", default=None)


def current() -> Call | None:
    """The call being served, or the one `serving` was entered with; None outside any."""
    return _current.get()


def serve(call: Call) -> None:
    """Make ``call`` the current one of this context, for good: calls made here inherit its bounds and metadata."""
    _current.set(call)
    _options.set(None)


@contextlib.contextmanager
def serving(call: Call) -> Iterator[Call]:
    """Make ``call`` the current one for a while."""
    token, options = _current.set(call), _options.set(None)
    try:
        yield call
    finally:
        _options.reset(options)
        _current.reset(token)


@contextlib.contextmanager
def calling(
    *,
    timeout_s: float | None = None,
    recv_timeout_s: float | None = None,
    transient: Mapping[str, str] | None = None,
    persistent: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Call]:
    """Set options for the calls made inside; the value is filled with the headers, trailers and backward metadata.

    A call takes its options when it is made, so a stream may be read after the block. When several calls are made
    inside, the value describes the latest to answer.
    """
    result = Call(
        metadata=Metadata(transient=dict(transient or {}), persistent=dict(persistent or {})),
        request_headers=dict(headers or {}),
        recv_timeout_s=recv_timeout_s,
    )
    token = _options.set(_Options(result=result, timeout_s=timeout_s))
    try:
        yield result
    finally:
        _options.reset(token)


def outgoing(
    service: str, method: str, *, caller: str = "", timeout_s: float | None = None, recv_timeout_s: float | None = None
) -> Call:
    """The call about to be made here: `calling`'s options over the given defaults, under the current call's bounds."""
    parent, options = _current.get(), _options.get()
    if not caller and parent is not None:
        caller = parent.server
    call = Call(service=service, method=method, caller=caller, recv_timeout_s=recv_timeout_s, parent=parent)
    if options is not None:
        result = options.result
        call.headers, call.trailers = result.headers, result.trailers
        call.metadata.backward = result.metadata.backward
        call.metadata.transient.update(result.metadata.transient)
        call.metadata.persistent.update(result.metadata.persistent)
        call.request_headers.update(result.request_headers)
        if result.recv_timeout_s is not None:
            call.recv_timeout_s = result.recv_timeout_s
        if options.timeout_s is not None:
            timeout_s = options.timeout_s
    if timeout_s is not None:
        call.deadline = asyncio.get_running_loop().time() + timeout_s
    if parent is not None:
        _inherit(call, parent)
    return call


def _inherit(call: Call, parent: Call) -> None:
    call.metadata.transient = {**parent.metadata.transient, **call.metadata.transient}
    call.metadata.persistent = {**parent.metadata.persistent, **call.metadata.persistent}
    if parent.deadline is not None:
        call.deadline = parent.deadline if call.deadline is None else min(call.deadline, parent.deadline)


def incoming(outbound: Call, *, peer: str = "") -> Call:
    """The call as the handler sees it when both ends are in one process: what a wire would have carried."""
    return Call(
        service=outbound.service,
        method=outbound.method,
        caller=outbound.caller,
        peer=peer,
        metadata=Metadata(
            upstream=dict(outbound.metadata.transient),
            persistent=dict(outbound.metadata.persistent),
            backward=outbound.metadata.backward,
        ),
        request_headers=dict(outbound.request_headers),
        headers=outbound.headers,
        trailers=outbound.trailers,
        deadline=outbound.deadline,
        parent=outbound.parent,
    )


async def close(stream: AsyncIterator[Any] | None) -> None:
    """Close a stream, if it is one that can be closed: an asynchronous generator, or a call's responses."""
    if (aclose := getattr(stream, "aclose", None)) is not None:
        await aclose()
