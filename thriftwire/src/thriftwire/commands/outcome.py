"""How a command ends: the exit codes, and the mistake of whoever typed it."""

from __future__ import annotations

from enum import IntEnum

from thriftwire.errors import (
    BizStatusError,
    Cancelled,
    DeadlineExceeded,
    EncodeError,
    IDLError,
    ProtocolError,
    TransportError,
)
from thriftwire.thrift.types import DeclaredException


class Exit(IntEnum):
    """A command's exit code."""

    OK = 0
    USAGE = 1  # the command line, the IDL or the data is wrong; nothing was sent
    TRANSPORT = 2  # no connection, or it broke
    RPC = 3  # the peer answered with an exception
    BUSINESS = 4  # the peer answered with a business status, or a declared exception
    TIMEOUT = 5  # a time ran out, or somebody cancelled


class Usage(Exception):
    """What was typed cannot be done; the text says why."""


def exit_of(error: BaseException) -> Exit:
    """The exit code of what a call ended with."""
    match error:
        case Usage() | EncodeError() | IDLError():
            return Exit.USAGE
        case BizStatusError() | DeclaredException():
            return Exit.BUSINESS
        case DeadlineExceeded() | Cancelled():
            return Exit.TIMEOUT
        case TransportError() | ProtocolError() | OSError():
            return Exit.TRANSPORT
        case _:
            return Exit.RPC
