"""What the SDK raises: one class for each class of error, each with its code, phase and advice.

    promptwire.errors.Failure
    └── PromptwireError           code, class_, phase, message, retryable, retry_after_s, vendor, trace_id, details
        ├── InvalidRequest        the request is wrong as it stands; the message names the field
        ├── Unauthenticated       no API key, or one that is not known
        ├── PermissionDenied      the key may not do this, or the vendor refuses the server's
        ├── NotFound              no such prompt, version, label, model or run
        ├── Conflict              it exists already, or has changed since it was read
        ├── Limited
        │   ├── RateLimited       too many requests in this time
        │   ├── TokenLimited      too many tokens in this time
        │   ├── ConcurrencyLimited  too many streams at once
        │   ├── PacketLimited     a stream that is too large or too fast
        │   └── BudgetExhausted   the money set aside is spent
        ├── Moderated
        │   ├── ModerationInput   the question may not be asked
        │   └── ModerationOutput  the answer may not be shown
        ├── Cancelled             somebody stopped the run
        ├── Internal              a mistake on the server's side; its log has the trace id
        ├── Upstream
        │   ├── UpstreamError     the vendor answered with an error, or cannot be reached
        │   └── UpstreamCut       the answer stopped before its end, and could not be read on
        ├── Overloaded            nobody can take the request now
        │   └── Unreachable       no server answers at the address
        └── TimedOut
            ├── ConnectTimeout    no connection to the vendor in time
            ├── FirstTokenTimeout no first token in time
            ├── IdleTimeout       too long between two packets
            └── TotalTimeout      the whole took too long

``retryable``: the same request may succeed when it is sent again, after ``retry_after_s`` seconds where that is said.
``phase`` is ``connect``, ``first_packet`` or ``mid_stream``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from promptwire.api.base import Error, ErrorClass
from promptwire.errors import Failure


class PromptwireError(Failure):
    """A request failed."""


class InvalidRequest(PromptwireError):
    """The request is wrong as it stands."""


class Unauthenticated(PromptwireError):
    """No API key, or one that is not known."""


class PermissionDenied(PromptwireError):
    """The key may not do this, or the vendor refuses the server's."""


class NotFound(PromptwireError):
    """No such prompt, version, label, model or run."""


class Conflict(PromptwireError):
    """It exists already, or has changed since it was read."""


class Limited(PromptwireError):
    """A limit is reached."""


class RateLimited(Limited):
    """Too many requests in this time."""


class TokenLimited(Limited):
    """Too many tokens in this time."""


class ConcurrencyLimited(Limited):
    """Too many streams at once."""


class PacketLimited(Limited):
    """A stream that is too large or too fast."""


class BudgetExhausted(Limited):
    """The money set aside is spent."""


class Moderated(PromptwireError):
    """A rule forbids it."""


class ModerationInput(Moderated):
    """The question may not be asked."""


class ModerationOutput(Moderated):
    """The answer may not be shown."""


class Cancelled(PromptwireError):
    """Somebody stopped the run."""


class Internal(PromptwireError):
    """A mistake on the server's side."""


class Upstream(PromptwireError):
    """The vendor, or the way to it, failed."""


class UpstreamError(Upstream):
    """The vendor answered with an error, or cannot be reached."""


class UpstreamCut(Upstream):
    """The answer stopped before its end, and could not be read on."""


class Overloaded(PromptwireError):
    """Nobody can take the request now."""


class Unreachable(Overloaded):
    """No server answers at the address."""

    def __init__(self, message: str) -> None:
        super().__init__("overloaded", message)


class TimedOut(PromptwireError):
    """Something took too long."""


class ConnectTimeout(TimedOut):
    """No connection to the vendor in time."""


class FirstTokenTimeout(TimedOut):
    """No first token in time."""


class IdleTimeout(TimedOut):
    """Too long between two packets."""


class TotalTimeout(TimedOut):
    """The whole took too long."""


OF_CLASS: Final[Mapping[ErrorClass, type[PromptwireError]]] = {
    "invalid_request": InvalidRequest,
    "unauthenticated": Unauthenticated,
    "permission_denied": PermissionDenied,
    "not_found": NotFound,
    "conflict": Conflict,
    "rate_limited": RateLimited,
    "token_limited": TokenLimited,
    "concurrency_limited": ConcurrencyLimited,
    "packet_limited": PacketLimited,
    "budget_exhausted": BudgetExhausted,
    "moderation_input": ModerationInput,
    "moderation_output": ModerationOutput,
    "cancelled": Cancelled,
    "internal": Internal,
    "upstream_error": UpstreamError,
    "upstream_cut": UpstreamCut,
    "overloaded": Overloaded,
    "timeout_connect": ConnectTimeout,
    "timeout_first_token": FirstTokenTimeout,
    "timeout_idle": IdleTimeout,
    "timeout_total": TotalTimeout,
}


def raised(error: Error) -> PromptwireError:
    """The exception of an error a server reported."""
    return OF_CLASS[error.class_](
        error.class_,
        error.message,
        phase=error.phase,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
        vendor=error.vendor,
        vendor_status=error.vendor_status,
        vendor_body=error.vendor_body,
        trace_id=error.trace_id,
        details=error.details,
    )


def of_failure(failure: Failure) -> PromptwireError:
    """A failure of the platform's own code as an exception of the SDK."""
    return failure if isinstance(failure, PromptwireError) else raised(failure.to_error())
