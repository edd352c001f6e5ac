"""The place where an HTTP request becomes the call that everything done for it belongs to.

| HTTP header | becomes |
|---|---|
| ``traceparent``, ``tracestate`` | the trace the run belongs to (W3C Trace Context); begun here if there is none |
| ``x-request-id`` | the request's name in logs and in the answer; made here when there is none |
| ``x-promptwire-persist-NAME`` | metadata that travels to the end of the chain |
| ``x-promptwire-persist-user`` | the person it is done for: UTF-8, percent-encoded where a header cannot carry it |
| ``x-promptwire-transit-NAME`` | metadata for the next service alone |
| ``x-promptwire-timeout-s`` | the deadline of everything done for the request |
"""

from __future__ import annotations

import asyncio
import math
import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from promptwire.entries import PROMPT, RUN_ID, new_run_id
from promptwire.errors import Failure
from promptwire.gateway.answers import Headers, Shape
from promptwire.gateway.auth import Identity
from promptwire.gateway.headers import header
from promptwire.person import USER, named
from promptwire.span import TRACEPARENT
from thriftwire.call import Call, Metadata

PERSIST: Final = "x-promptwire-persist-"
TRANSIT: Final = "x-promptwire-transit-"
TIMEOUT: Final = b"x-promptwire-timeout-s"
MAX_TIMEOUT_S: Final = 24 * 3600.0
MAX_ENTRIES: Final = 32
MAX_VALUE: Final = 4096

OWN: Final = frozenset({TRACEPARENT, "tracestate", "request-id", RUN_ID, "key", PROMPT})
"""Entries that the gateway makes itself: services trust them."""

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})(?:-.*)?")
_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks and what their request carries along. ``shape`` is how they read a failure.

    ``parent`` is the span their request is part of, as a ``traceparent``; empty when they named none.
    """

    request_id: str
    parent: str
    call: Call
    shape: Shape

    @property
    def trace_id(self) -> str:
        """The trace that everything done for them belongs to."""
        return self.call.metadata.persistent[TRACEPARENT].split("-")[1]

    def traced(self, traceparent: str) -> None:
        """What is done for them from now on is part of this span."""
        self.call.metadata.persistent[TRACEPARENT] = traceparent

    @property
    def key(self) -> str:
        """The name of their API key; empty when none is needed."""
        return self.call.metadata.persistent.get("key", "")

    @property
    def run_id(self) -> str:
        """What the run made for them is called; empty before `name_run`."""
        return self.call.metadata.persistent.get(RUN_ID, "")

    def name_run(self) -> None:
        """Name the run about to be made. Services call it so too, which they only learn when it comes first."""
        self.call.metadata.persistent[RUN_ID] = new_run_id()

    @property
    def headers(self) -> Headers:
        """What every answer to them says."""
        said = {"x-request-id": self.request_id, "x-trace-id": self.trace_id}
        if self.run_id:
            said["x-run-id"] = self.run_id
        return tuple((name.encode(), value.encode("latin-1")) for name, value in said.items())


def caller_of(scope: Scope, shape: Shape) -> Caller:
    """The caller as far as it can be known before anything is checked: somebody to answer."""
    given = header(scope, b"x-request-id") or ""
    request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{os.urandom(12).hex()}"
    parent = _TRACEPARENT.fullmatch(header(scope, b"traceparent") or "")
    known = parent is not None and parent["trace"].strip("0") != ""
    trace_id = parent["trace"] if parent is not None and known else os.urandom(16).hex()
    flags = parent["flags"] if parent is not None and known else "01"
    persistent = {"request-id": request_id, TRACEPARENT: f"00-{trace_id}-{os.urandom(8).hex()}-{flags}"}
    if known and (state := header(scope, b"tracestate")) and len(state) <= MAX_VALUE:
        persistent["tracestate"] = state
    client = scope.get("client")
    call = Call(
        service="gateway",
        method=f"{scope['method']} {scope['path']}",
        peer=f"{client[0]}:{client[1]}" if client else "",
        metadata=Metadata(persistent=persistent),
    )
    return Caller(
        request_id=request_id, parent=parent[0] if parent is not None and known else "", call=call, shape=shape
    )


def admit(caller: Caller, scope: Scope, identity: Identity) -> None:
    """Take over who they are, their metadata and their deadline. Raises Failure (invalid_request)."""
    metadata = caller.call.metadata
    metadata.persistent.update(_entries(scope, PERSIST))
    metadata.transient.update(_entries(scope, TRANSIT))
    if (user := metadata.persistent.get(USER)) is not None:
        metadata.persistent[USER] = named(_decoded(user))
    if identity.key:
        metadata.persistent["key"] = identity.key
    if (timeout := header(scope, TIMEOUT)) is not None:
        caller.call.deadline = asyncio.get_running_loop().time() + _seconds(timeout)


def _entries(scope: Scope, prefix: str) -> dict[str, str]:
    start = prefix.encode()
    entries = {
        name[len(start) :].decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name.startswith(start) and len(name) > len(start)
    }
    if not entries:
        return entries
    if len(entries) > MAX_ENTRIES:
        raise Failure("invalid_request", f"more than {MAX_ENTRIES} headers begin with {prefix}")
    if reserved := sorted(OWN & entries.keys()):
        raise Failure("invalid_request", f"not for a request to set: {prefix}{reserved[0]}")
    if long := next((name for name, value in entries.items() if len(value) > MAX_VALUE), None):
        raise Failure("invalid_request", f"{prefix}{long} is longer than {MAX_VALUE} characters")
    return entries


def _decoded(name: str) -> str:
    """A name as it was before it became a header: here alone, everything behind the gateway has it as it is."""
    try:
        return unquote_to_bytes(name.encode("latin-1")).decode()
    except UnicodeDecodeError as error:
        raise Failure("invalid_request", f"{PERSIST}{USER} is UTF-8, percent-encoded, not {name!r}") from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= MAX_TIMEOUT_S:
        raise Failure("invalid_request", f"{TIMEOUT.decode()} is seconds, more than 0 and at most a day, not {text!r}")
    return seconds
