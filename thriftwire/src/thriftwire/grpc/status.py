"""gRPC's status codes and reset codes, and the failures of a call they stand for: one table each way.

A failure's code is Thrift's exception type or a 12xxx of Kitex, on every wire. gRPC has fewer and other numbers, so
a code that would not come back from its status travels beside it in the trailer ``thriftwire-code``.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final
from urllib.parse import quote_from_bytes, unquote

from thriftwire.errors import (
    ApplicationError,
    DeadlineExceeded,
    LimitExceeded,
    RecvTimeout,
    RemoteProtocolError,
    ServerDraining,
    TransportError,
)
from thriftwire.events import Failure


class Status(IntEnum):
    """The value of ``grpc-status``."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class ResetCode(IntEnum):
    """HTTP/2's error codes that calls meet."""

    NO_ERROR = 0
    INTERNAL_ERROR = 2
    REFUSED_STREAM = 7
    CANCEL = 8
    ENHANCE_YOUR_CALM = 11
    GRACEFUL_SHUTDOWN = 1000  # Kitex's own


CANCELLED_BY_DOWNSTREAM: Final = 12009
CANCELLED_BY_UPSTREAM: Final = 12010
LOST: Final = RemoteProtocolError.code  # 12004: what came cannot be read as an answer
_KITEX_UNKNOWN_METHOD: Final = "unknown method"
_KITEX_UNKNOWN_SERVICE: Final = 20
_CANCELLED: Final = range(12007, 12014)
_KITEX_CODES: Final = range(12000, 13000)

_STATUS_OF_CODE: Final[dict[int, Status]] = {
    ApplicationError.UNKNOWN: Status.UNKNOWN,
    ApplicationError.UNKNOWN_METHOD: Status.UNIMPLEMENTED,
    ApplicationError.INTERNAL_ERROR: Status.INTERNAL,
    ApplicationError.PROTOCOL_ERROR: Status.INVALID_ARGUMENT,
    ApplicationError.UNKNOWN_SERVICE: Status.UNIMPLEMENTED,
    ApplicationError.NO_SERVICE_NAME: Status.UNIMPLEMENTED,
    DeadlineExceeded.code: Status.DEADLINE_EXCEEDED,
    RecvTimeout.code: Status.DEADLINE_EXCEEDED,
    LimitExceeded.code: Status.RESOURCE_EXHAUSTED,
    ServerDraining.code: Status.UNAVAILABLE,
    TransportError.code: Status.UNAVAILABLE,
} | dict.fromkeys(_CANCELLED, Status.CANCELLED)

_CODE_OF_STATUS: Final[dict[int, int]] = {
    Status.CANCELLED: CANCELLED_BY_DOWNSTREAM,
    Status.UNKNOWN: ApplicationError.UNKNOWN,
    Status.INVALID_ARGUMENT: ApplicationError.PROTOCOL_ERROR,
    Status.DEADLINE_EXCEEDED: DeadlineExceeded.code,
    Status.RESOURCE_EXHAUSTED: LimitExceeded.code,
    Status.UNIMPLEMENTED: ApplicationError.UNKNOWN_METHOD,
    Status.INTERNAL: ApplicationError.INTERNAL_ERROR,
    Status.UNAVAILABLE: TransportError.code,
    _KITEX_UNKNOWN_SERVICE: ApplicationError.UNKNOWN_SERVICE,
}

_RESETS: Final[dict[int, tuple[int, str]]] = {
    ResetCode.REFUSED_STREAM: (ServerDraining.code, "the stream was refused"),
    ResetCode.ENHANCE_YOUR_CALM: (LimitExceeded.code, "the peer asks for calm"),
    ResetCode.GRACEFUL_SHUTDOWN: (ServerDraining.code, "graceful shutdown"),
}


def status_of(code: int) -> Status:
    """The status that says a failure's code best."""
    return _STATUS_OF_CODE.get(code, Status.INTERNAL)


def failure_of(status: int, message: str) -> Failure:
    """The failure a status stands for; one without a code of its own is named in the text.

    Kitex servers leak Thrift's numbers (kitex-wire 3.5): 1 with "unknown method …", and 20.
    """
    if status == Status.CANCELLED and message.startswith(_KITEX_UNKNOWN_METHOD):
        return Failure(ApplicationError.UNKNOWN_METHOD, message)
    code = _CODE_OF_STATUS.get(status)
    if code is not None:
        return Failure(code, message)
    name = Status(status).name if status in Status._value2member_map_ else f"status {status}"
    return Failure(ApplicationError.UNKNOWN, f"{name}: {message}")


def comes_back(code: int, message: str) -> bool:
    """A peer finds ``code`` again from the status alone."""
    return failure_of(status_of(code), message) == Failure(code, message)


def reset_failure(code: int, *, by_upstream: bool) -> Failure:
    """What a reset stands for. All but the known codes mean that the peer gave up."""
    if (known := _RESETS.get(code)) is not None:
        return Failure(*known)
    gave_up = CANCELLED_BY_UPSTREAM if by_upstream else CANCELLED_BY_DOWNSTREAM
    return Failure(gave_up, "cancelled by the peer" if code == ResetCode.CANCEL else f"reset with code {code}")


def reset_code(code: int) -> ResetCode:
    """The reset that says a failure's code best."""
    if code == ServerDraining.code:
        return ResetCode.GRACEFUL_SHUTDOWN
    if code == LimitExceeded.code:
        return ResetCode.ENHANCE_YOUR_CALM
    return ResetCode.CANCEL if code in _KITEX_CODES else ResetCode.INTERNAL_ERROR


def read_status(text: str) -> int | None:
    """The number in ``grpc-status``; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def encode_message(text: str) -> str:
    """``grpc-message``: percent-encoded but for printable ASCII; outer spaces too, which HTTP would trim."""
    encoded = quote_from_bytes(text.encode(errors="backslashreplace"), safe=_PRINTABLE)
    inner = encoded.strip(" ")
    before = len(encoded) - len(encoded.lstrip(" "))
    after = len(encoded) - before - len(inner)
    return "%20" * before + inner + "%20" * after if inner else "%20" * len(encoded)


def decode_message(text: str) -> str:
    """The text of ``grpc-message``; what is not properly encoded stays as it is."""
    return unquote(text, errors="backslashreplace")


_PRINTABLE: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
