"""Kitex-compatible Thrift RPC for Python: typed, streaming, fast."""

from typing import TYPE_CHECKING, Any

from thriftwire import local
from thriftwire.call import Call, Metadata, calling, current
from thriftwire.client import Timeouts, connect
from thriftwire.endpoints import Dns, Endpoint, Resolver, Static
from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    ConnectError,
    ConnectTimeout,
    DeadlineExceeded,
    DecodeError,
    EncodeError,
    IDLError,
    LimitExceeded,
    LocalProtocolError,
    ProtocolError,
    RecvTimeout,
    RemoteProtocolError,
    RPCError,
    ServerDraining,
    StreamTimeout,
    ThriftwireError,
    TransportError,
)
from thriftwire.limits import Limits, PacketLimits
from thriftwire.middleware import Middleware
from thriftwire.server import Server, ServerTimeouts
from thriftwire.service import Codec, Method, Mode, Service

if TYPE_CHECKING:
    from thriftwire import generic

__all__ = [
    "ApplicationError",
    "BizStatusError",
    "Call",
    "Cancelled",
    "Codec",
    "ConnectError",
    "ConnectTimeout",
    "DeadlineExceeded",
    "DecodeError",
    "Dns",
    "EncodeError",
    "Endpoint",
    "IDLError",
    "LimitExceeded",
    "Limits",
    "LocalProtocolError",
    "Metadata",
    "Method",
    "Middleware",
    "Mode",
    "PacketLimits",
    "ProtocolError",
    "RPCError",
    "RecvTimeout",
    "RemoteProtocolError",
    "Resolver",
    "Server",
    "ServerDraining",
    "ServerTimeouts",
    "Service",
    "Static",
    "StreamTimeout",
    "ThriftwireError",
    "Timeouts",
    "TransportError",
    "calling",
    "connect",
    "current",
    "generic",
    "local",
]


def __getattr__(name: str) -> Any:
    """Import `thriftwire.generic`, and with it everything that reads IDL, when it is first asked for."""
    if name == "generic":
        from importlib import import_module

        return import_module("thriftwire.generic")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
