"""Every way a call can fail, as one tree.

    ThriftwireError
    ├── IDLError                    the IDL text is wrong; names file, line and column
    ├── EncodeError                 a value does not fit its Thrift type; names the field's path
    ├── DecodeError                 bytes are not the Thrift value they claim to be; names the field's path
    ├── ProtocolError
    │   ├── LocalProtocolError      we broke the rules: a bug on this side
    │   └── RemoteProtocolError     the peer broke the rules; the connection is lost
    ├── BizStatusError              the handler's own answer: the call succeeded, the business did not
    └── RPCError                    the call failed
        ├── ApplicationError        the peer answered with an exception (Thrift's TApplicationException)
        ├── TransportError          no connection, or it broke under the call
        │   └── ConnectError        the call never began: safe to try elsewhere
        │       └── ServerDraining  the server is going away and takes no new calls
        ├── Cancelled               somebody on the path gave up
        ├── DeadlineExceeded        a time ran out
        │   ├── ConnectTimeout
        │   ├── RecvTimeout         one message took too long
        │   └── StreamTimeout       the whole call took too long
        └── LimitExceeded           a limit refused the call or the message

``code`` is Kitex's number for the kind of failure (`12xxx`, CloudWeGo "Error Handling" of TTHeader Streaming).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

INT32_MIN: Final = -(2**31)
INT32_MAX: Final = 2**31 - 1


class ThriftwireError(Exception):
    """The root of everything this library raises."""


class IDLError(ThriftwireError):
    """The IDL text is wrong.

    Attributes: ``file``, ``line`` and ``column`` (both from 1) of the offending token.
    """

    def __init__(self, message: str, *, file: str, line: int, column: int) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}")
        self.file, self.line, self.column = file, line, column


class _PathError(ThriftwireError):
    """An error at a place inside a value, like ``ChatRequest.messages[2].content``."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.message, self.path = message, path


class EncodeError(_PathError):
    """A value does not fit its Thrift type."""


class DecodeError(_PathError):
    """Bytes are not the Thrift value they claim to be: truncated, too deep, impossible size, missing field."""


class ProtocolError(ThriftwireError):
    """The rules of the wire were broken."""

    code: ClassVar[int] = 12004


class LocalProtocolError(ProtocolError):
    """This side asked for something the wire does not allow: a bug, raised in the caller's face."""

    code: ClassVar[int] = 12005


class RemoteProtocolError(ProtocolError):
    """The peer sent what the wire does not allow; every call on the connection fails."""


class BizStatusError(ThriftwireError):
    """The handler's own answer: the call succeeded, the business did not.

    ``code`` is a non-zero int32, ``extra`` maps strings to strings; both as in Kitex's ``BizStatusErrorIface``.
    """

    def __init__(self, code: int, message: str, extra: Mapping[str, str] | None = None) -> None:
        if code == 0 or not INT32_MIN <= code <= INT32_MAX:
            raise ValueError(f"a business status code is a non-zero int32, not {code!r}")
        super().__init__(f"business status {code}: {message}")
        self.code, self.message, self.extra = code, message, dict(extra or {})


class RPCError(ThriftwireError):
    """The call failed. ``code`` is Kitex's number for the kind of failure."""

    code: int = 0

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class ApplicationError(RPCError):
    """The peer answered with an exception.

    ``type`` is Thrift's TApplicationException type, or the code a stream's peer put in its place.
    """

    code: int = 12001

    UNKNOWN: ClassVar = 0
    UNKNOWN_METHOD: ClassVar = 1
    INVALID_MESSAGE_TYPE: ClassVar = 2
    WRONG_METHOD_NAME: ClassVar = 3
    BAD_SEQUENCE_ID: ClassVar = 4
    MISSING_RESULT: ClassVar = 5
    INTERNAL_ERROR: ClassVar = 6
    PROTOCOL_ERROR: ClassVar = 7
    UNKNOWN_SERVICE: ClassVar = 20
    NO_SERVICE_NAME: ClassVar = 21

    def __init__(self, type: int, message: str) -> None:
        super().__init__(message)
        self.type = type


class TransportError(RPCError):
    """No connection, or it broke under the call: how far the peer got is unknown."""

    code: int = 12006


class ConnectError(TransportError):
    """The call never began (no connection, or refused before its handler ran): safe to try elsewhere."""


class ServerDraining(ConnectError):
    """The server is going away and takes no new calls. The code is ours; Kitex has none."""

    code: int = 12503


class Cancelled(RPCError):
    """Somebody on the path gave up. ``path`` names the services the cancellation crossed, originator first."""

    code: int = 12007

    def __init__(self, message: str, *, code: int | None = None, path: tuple[str, ...] = ()) -> None:
        super().__init__(message, code=code)
        self.path = path


class DeadlineExceeded(RPCError):
    """A time ran out."""

    code: int = 12015


class ConnectTimeout(DeadlineExceeded):
    """The connection was not made in time; nothing was sent."""


class RecvTimeout(DeadlineExceeded):
    """One message took longer than the call's per-receive timeout."""

    code: int = 12014


class StreamTimeout(DeadlineExceeded):
    """The whole call took longer than its deadline."""


class LimitExceeded(RPCError):
    """A limit refused the call or the message. The code is ours; Kitex closes the connection without one."""

    code: int = 12429
