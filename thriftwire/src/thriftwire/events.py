"""What happens on a call: the same five events for every wire and both roles.

A client opens with `Open`, both sides exchange `Message`, a server may send `Headers` once before its first
message, and `End` closes a side: from a client it is a half-close, from a server it ends the call. `Reset` ends
the call at once from either side. ``call_id`` is the stream id (TTHeader Streaming, HTTP/2) or the sequence id
(unary).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import msgspec


class Failure(NamedTuple):
    """An exception as a wire carries it: Thrift's TApplicationException, or a reset's code and text."""

    code: int
    message: str


class BizStatus(NamedTuple):
    """A business status error as a wire carries it."""

    code: int
    message: str
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A client begins a call. ``headers`` are already in call terms (see `thriftwire.call.Metadata`)."""

    call_id: int
    service: str  # the IDL's unqualified service name, "" when the peer did not say
    method: str
    streaming: bool | None = True  # False: a message is an args or result struct; None: the wire does not say (gRPC)
    oneway: bool = False
    transient: Mapping[str, str] = field(default_factory=dict[str, str])
    upstream: Mapping[str, str] = field(default_factory=dict[str, str])  # transient entries already consumed
    persistent: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])  # everything else the peer said
    caller: str = ""  # the calling service's name
    timeout_ms: int | None = None  # what is left of the caller's deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """A server's headers, before its first message."""

    call_id: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message's payload: a bare struct on streams, an args or result struct on unary calls.

    Every token makes one of these, so it is the kind of value that costs a seventh of a frozen dataclass.
    """

    call_id: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A side is finished. At most one of ``failure`` and ``biz`` is set; a failure wins when a peer sends both."""

    call_id: int
    trailers: Mapping[str, str] = field(default_factory=dict[str, str])
    failure: Failure | None = None
    biz: BizStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The call is over at once. ``path`` names the services the cancellation crossed, originator first."""

    call_id: int
    failure: Failure
    path: tuple[str, ...] = ()


Event: TypeAlias = Open | Headers | Message | End | Reset
