"""The place for the faults a simulated vendor commits: what it says over HTTP, and the Failure that this becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from promptwire.api.llm import Fault
from promptwire.errors import Failure
from promptwire.llm.vendor_errors import refused, reported


class Refusal(NamedTuple):
    """How a vendor says no: an HTTP status before the stream, the same words in an error event inside it."""

    status: int
    type: str
    code: str | None
    message: str


REFUSALS: Final[Mapping[str, Refusal]] = {
    "permission": Refusal(403, "permission_error", None, "this key may not use this model"),
    "rate_limit": Refusal(429, "requests", "rate_limit_exceeded", "too many requests"),
    "token_limit": Refusal(429, "tokens", "token_limit_exceeded", "too many tokens"),
    "overloaded": Refusal(503, "overloaded_error", None, "the model is overloaded"),
    "moderation": Refusal(400, "invalid_request_error", "content_filter", "the content was filtered"),
    "crash": Refusal(500, "server_error", None, "the server had an error"),
}

GARBAGE: Final = b'{"choices":[{"delta":{"content":"\xff\xfe'


def position(fault: Fault, count: int) -> int:
    """Before which packet the fault happens, in an answer of ``count``; past the last one it is before the finish."""
    return min(max(fault.at, 0), count + 1)


def headers(fault: Fault) -> dict[str, str]:
    """The headers that go with the refusal."""
    return {} if fault.retry_after_s is None else {"retry-after": f"{fault.retry_after_s:g}"}


def body(fault: Fault, refusal: Refusal) -> bytes:
    """The refusal in OpenAI's shape; inside a stream there are no headers, so the wait is in here too."""
    error = {"message": refusal.message, "type": refusal.type, "param": None, "code": refusal.code}
    return msgspec.json.encode(
        {"error": error | ({} if fault.retry_after_s is None else {"retry_after_s": fault.retry_after_s})}
    )


def failure(fault: Fault, vendor: str, *, started: bool) -> Failure | None:
    """What the fault becomes at the reader's end; None for those that only let time pass."""
    refusal = REFUSALS.get(fault.kind)
    if refusal is not None and not started:
        return refused(vendor, refusal.status, headers(fault), body(fault, refusal), ())
    if fault.kind in {"cut", "crash"}:
        return Failure(
            "upstream_cut", f"{vendor} stopped in the middle of its answer", phase="first_packet", vendor=vendor
        )
    if fault.kind == "garbage":
        return Failure("upstream_error", f"{vendor} sent what cannot be read", phase="first_packet", vendor=vendor)
    return None if refusal is None else reported(vendor, body(fault, refusal), ())
