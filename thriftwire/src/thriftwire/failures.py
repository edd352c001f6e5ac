"""The seam between exceptions and what a wire carries in their place: one table each way."""

from __future__ import annotations

from typing import Final

from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    DecodeError,
    LimitExceeded,
    RecvTimeout,
    RPCError,
    ServerDraining,
    StreamTimeout,
    TransportError,
)
from thriftwire.events import BizStatus, End, Failure, Reset

BIZ_ERROR_PREFIX: Final = "biz error: "  # Kitex puts it before the text of whatever a handler failed with

_BY_CODE: Final[dict[int, type[RPCError]]] = {
    error.code: error for error in (TransportError, RecvTimeout, StreamTimeout, LimitExceeded, ServerDraining)
}
_CANCELLED: Final = range(12007, 12014)


def to_error(failure: Failure, path: tuple[str, ...] = ()) -> RPCError:
    """The exception for a failure the peer sent; ``path`` is that of a reset."""
    code, message = failure
    if code in _CANCELLED:
        return Cancelled(message, code=code, path=path)
    if (known := _BY_CODE.get(code)) is not None:
        return known(message)
    return ApplicationError(code, message)


def reset_error(reset: Reset) -> RPCError:
    """The exception for a reset: whatever its code, somebody on the path gave up unless a time ran out."""
    error = to_error(reset.failure, reset.path)
    if isinstance(error, ApplicationError):
        return Cancelled(error.message, code=error.type, path=reset.path)
    return error


def to_failure(error: RPCError) -> Failure:
    """What a wire carries of our own failure: its code and its text."""
    return Failure(error.type if isinstance(error, ApplicationError) else error.code, error.message)


def handler_end(call_id: int, error: Exception, trailers: dict[str, str]) -> End:
    """How a call ends whose handler raised ``error``."""
    match error:
        case BizStatusError():
            return End(call_id=call_id, trailers=trailers, biz=BizStatus(error.code, error.message, error.extra))
        case ApplicationError():
            failure = to_failure(error)
        case DecodeError():
            failure = Failure(ApplicationError.PROTOCOL_ERROR, str(error))
        case _:
            failure = Failure(ApplicationError.INTERNAL_ERROR, f"{BIZ_ERROR_PREFIX}{error}")
    return End(call_id=call_id, trailers=trailers, failure=failure)


def end_error(end: End) -> BizStatusError | RPCError | None:
    """The exception for an end; None when the call succeeded. A failure wins over a business status."""
    if end.failure is not None:
        return to_error(end.failure)
    if end.biz is not None:
        return BizStatusError(end.biz.code, end.biz.message, end.biz.extra)
    return None
