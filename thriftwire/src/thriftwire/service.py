"""What can be called: methods and services as values, made by `thriftwire.thrift.generate` from IDL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

P = TypeVar("P")


class Mode(Enum):
    """The value of ``streaming.mode``; `PING_PONG` is a method without one."""

    PING_PONG = ""
    UNARY = "unary"
    CLIENT = "client"
    SERVER = "server"
    BIDIRECTIONAL = "bidirectional"

    def __init__(self, value: str) -> None:
        #: The client sends any number of messages.
        self.client_streams = value in ("client", "bidirectional")
        #: The server sends any number of messages.
        self.server_streams = value in ("server", "bidirectional")
        #: Messages are bare structs; otherwise they are args and result structs.
        self.streaming = self.client_streams or self.server_streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How one side of a method is written: ``encode`` raises EncodeError, ``decode`` raises DecodeError."""

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Method:
    """One method of a service.

    A streaming method's codecs carry one bare struct. Any other method's ``request`` codec carries the tuple of
    its arguments as the args struct, and its ``response`` codec the result struct: decoding one that holds a
    declared exception returns that exception as a value, and encoding an exception instance writes it in its place.
    """

    name: str  # as in the IDL: ChatStream
    attribute: str  # as in Python: chat_stream
    mode: Mode
    request: Codec
    response: Codec
    oneway: bool = False
    throws: tuple[type[Exception], ...] = ()
    request_types: tuple[tuple[str, Any], ...] = ()  # (argument name, type), in order
    response_type: Any = None
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service(Generic[P]):
    """A service: its IDL name, its package (the IDL's namespace, used by gRPC paths) and its methods by IDL name.

    A service is itself and equal to no other, so that it can be the key to its handler. ``P`` is the Protocol that both
    a handler and a client of the service satisfy.
    """

    name: str
    package: str
    methods: Mapping[str, Method]
    protocol: type[P]
    doc: str = ""
