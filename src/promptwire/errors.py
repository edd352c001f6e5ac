"""Every way a request can fail: one table of classes, and the one exception that carries a row of it.

    thriftwire.errors.BizStatusError
    └── Failure     a class of `CLASSES`, the phase it happened in, and what a person needs to act on it

Services raise Failure. On Thrift it travels as a business status (code, message, extra); the gateway writes it as an
HTTP error or an SSE ``error`` event. Whatever else is raised is turned into a Failure once, by `from_exception`, at
the seam where it leaves the code that knows about it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from promptwire.api.base import Error, ErrorClass, Phase
from thriftwire import errors as wire


class Row(NamedTuple):
    """What is fixed for a class of error. ``retryable``: the same request may succeed when sent again.

    ``phases`` are those the class may happen in; what a vendor says, it may say at any time.
    """

    code: int
    http_status: int
    retryable: bool
    phases: tuple[Phase, ...]


_CONNECT: Final[tuple[Phase, ...]] = ("connect",)
_ANY: Final[tuple[Phase, ...]] = ("connect", "first_packet", "mid_stream")
_STARTED: Final[tuple[Phase, ...]] = ("first_packet", "mid_stream")

CLASSES: Final[Mapping[ErrorClass, Row]] = {
    "invalid_request": Row(40000, 400, False, _ANY),
    "unauthenticated": Row(40100, 401, False, _CONNECT),
    "permission_denied": Row(40300, 403, False, _ANY),
    "not_found": Row(40400, 404, False, _ANY),
    "conflict": Row(40900, 409, False, _CONNECT),
    "rate_limited": Row(42901, 429, True, _ANY),
    "token_limited": Row(42902, 429, True, _ANY),
    "concurrency_limited": Row(42903, 429, True, _ANY),
    "packet_limited": Row(42904, 429, False, _ANY),
    "budget_exhausted": Row(42905, 429, False, _ANY),
    "moderation_input": Row(45101, 451, False, ("connect", "first_packet")),
    "moderation_output": Row(45102, 451, False, _STARTED),
    "cancelled": Row(49900, 499, False, _ANY),
    "internal": Row(50000, 500, False, _ANY),
    "upstream_error": Row(50201, 502, True, _ANY),
    "upstream_cut": Row(50202, 502, True, _STARTED),
    "overloaded": Row(50300, 503, True, _ANY),
    "timeout_connect": Row(50401, 504, True, _CONNECT),
    "timeout_first_token": Row(50402, 504, True, ("first_packet",)),
    "timeout_idle": Row(50403, 504, True, ("mid_stream",)),
    "timeout_total": Row(50404, 504, True, _ANY),
}

CLASS_NAMED: Final[Mapping[str, ErrorClass]] = {name: name for name in CLASSES}
CLASS_OF_CODE: Final[Mapping[int, ErrorClass]] = {row.code: name for name, row in CLASSES.items()}

_PHASES: Final[Mapping[str, Phase]] = {"connect": "connect", "first_packet": "first_packet", "mid_stream": "mid_stream"}
_DETAIL: Final = "detail."  # prefix, in `extra`, of the entries of `details`


class Failure(wire.BizStatusError):
    """A request failed: the class, when, and what a person needs to act on it.

    ``vendor_body`` must already be free of secrets. ``details`` says more in the words of the class: which limit,
    which rule, how many characters were already shown.
    """

    def __init__(
        self,
        class_: ErrorClass,
        message: str,
        *,
        phase: Phase = "connect",
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        vendor: str | None = None,
        vendor_status: int | None = None,
        vendor_body: str | None = None,
        trace_id: str | None = None,
        details: Mapping[str, str] | None = None,
    ) -> None:
        row = CLASSES[class_]
        self.class_: ErrorClass = class_
        self.phase: Phase = phase
        self.http_status = row.http_status
        self.retryable = row.retryable if retryable is None else retryable
        self.retry_after_s = retry_after_s
        self.vendor, self.vendor_status, self.vendor_body = vendor, vendor_status, vendor_body
        self.trace_id = trace_id
        self.details = dict(details or {})
        super().__init__(row.code, message, self._as_extra())

    def __str__(self) -> str:
        return f"{self.class_} ({self.phase}): {self.message}"

    def _as_extra(self) -> dict[str, str]:
        """The fields as a business status carries them, absent ones left out."""
        optional = {
            "retry_after_s": self.retry_after_s,
            "vendor": self.vendor,
            "vendor_status": self.vendor_status,
            "vendor_body": self.vendor_body,
            "trace_id": self.trace_id,
        }
        extra = {"class": self.class_, "phase": self.phase, "retryable": "true" if self.retryable else "false"}
        extra |= {name: str(value) for name, value in optional.items() if value is not None}
        return extra | {_DETAIL + name: value for name, value in self.details.items()}

    def but(
        self,
        *,
        phase: Phase | None = None,
        trace_id: str | None = None,
        details: Mapping[str, str] | None = None,
    ) -> Failure:
        """The same failure in another phase, with the trace id and details it lacked; ``self`` if nothing changes."""
        phase, trace_id = phase or self.phase, self.trace_id or trace_id
        details = {**(details or {}), **self.details}
        if (phase, trace_id, details) == (self.phase, self.trace_id, self.details):
            return self
        return Failure(
            self.class_,
            self.message,
            phase=phase,
            retryable=self.retryable,
            retry_after_s=self.retry_after_s,
            vendor=self.vendor,
            vendor_status=self.vendor_status,
            vendor_body=self.vendor_body,
            trace_id=trace_id,
            details=details,
        )

    def to_error(self) -> Error:
        """The error object every reader gets."""
        return Error(
            code=self.code,
            class_=self.class_,
            phase=self.phase,
            message=self.message,
            retryable=self.retryable,
            retry_after_s=self.retry_after_s,
            vendor=self.vendor,
            trace_id=self.trace_id,
            vendor_status=self.vendor_status,
            vendor_body=self.vendor_body,
            details=self.details or None,
        )


# In order: a kind stands before those it is a special case of.
_OF_EXCEPTION: Final[tuple[tuple[tuple[type[BaseException], ...], ErrorClass, str], ...]] = (
    ((wire.ConnectError,), "overloaded", "the service cannot be reached"),
    ((wire.ConnectTimeout,), "timeout_connect", "the service was not reached in time"),
    ((wire.DeadlineExceeded, TimeoutError), "timeout_total", "the request ran out of time"),
    ((wire.Cancelled, asyncio.CancelledError), "cancelled", "the request was cancelled"),
    ((wire.TransportError, wire.RemoteProtocolError), "upstream_cut", "the connection to the service broke"),
)


def from_exception(exc: BaseException, *, phase: Phase = "connect") -> Failure:
    """Say what ``exc`` is in the words of the table; ``phase`` is for those that do not know their own.

    An unforeseen exception becomes ``internal`` and its text stays here: it may hold what a caller must not see.
    """
    started = phase == "mid_stream"
    match exc:
        case Failure():
            return exc
        case wire.BizStatusError():
            return _from_status(exc, phase)
        case wire.RecvTimeout():
            class_: ErrorClass = "timeout_idle" if started else "timeout_first_token"
            return Failure(class_, "the service fell silent", phase=phase)
        case wire.LimitExceeded():
            return Failure("packet_limited" if started else "overloaded", exc.message, phase=phase)
        case _:
            for kinds, class_, message in _OF_EXCEPTION:
                if isinstance(exc, kinds):
                    unasked = isinstance(exc, wire.ConnectError | wire.ConnectTimeout) and not started
                    return Failure(class_, message, phase="connect" if unasked else phase)
            return Failure("internal", "something went wrong on our side", phase=phase)


def _from_status(exc: wire.BizStatusError, phase: Phase) -> Failure:
    """Rebuild a Failure from the business status a remote service sent; an unknown code is ``internal``."""
    extra = exc.extra
    class_ = CLASS_OF_CODE.get(exc.code)
    if class_ is None:
        return Failure("internal", f"the service answered with status {exc.code}", phase=phase)
    status = _number(extra.get("vendor_status"))
    return Failure(
        class_,
        exc.message,
        phase=_PHASES.get(extra.get("phase", ""), phase),
        retryable={"true": True, "false": False}.get(extra.get("retryable", "")),
        retry_after_s=_number(extra.get("retry_after_s")),
        vendor=extra.get("vendor"),
        vendor_status=None if status is None else int(status),
        vendor_body=extra.get("vendor_body"),
        trace_id=extra.get("trace_id"),
        details={name.removeprefix(_DETAIL): value for name, value in extra.items() if name.startswith(_DETAIL)},
    )


def _number(text: str | None) -> float | None:
    """A finite number a remote service sent as text; anything else counts as absent."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
