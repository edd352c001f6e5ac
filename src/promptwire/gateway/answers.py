"""The place for answers that are whole: JSON with its status, and a Failure in the shape its reader expects."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from starlette.types import Send

from promptwire.api.base import Error, Phase
from promptwire.api.message import RateLimit
from promptwire.errors import Failure

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

JSON: Final = (b"content-type", b"application/json")
NO_STORE: Final = (b"cache-control", b"no-store")

encode: Final = msgspec.json.Encoder().encode


class ErrorBody(msgspec.Struct):
    """The body of every answer that is not a success."""

    error: Error


Shape: TypeAlias = Callable[[Failure], bytes]
"""How a face of the gateway writes a failure: the JSON of its body."""


def native(failure: Failure) -> bytes:
    """A failure as our own routes say it."""
    return encode(ErrorBody(failure.to_error()))


async def say(send: Send, status: int, body: bytes, headers: Headers = (JSON,)) -> None:
    """Send a whole answer."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def reply(send: Send, value: Any, headers: Headers = (), *, status: int = 200) -> None:
    """Send a value of the contract."""
    await say(send, status, encode(value), (JSON, NO_STORE, *headers))


async def refuse(send: Send, failure: Failure, shape: Shape = native, headers: Headers = ()) -> None:
    """Send a failure as the HTTP status it stands for."""
    await say(send, failure.http_status, shape(failure), (JSON, NO_STORE, *advice(failure), *headers))


def advice(failure: Failure) -> Headers:
    """What a client that tries again wants to know before it reads the body."""
    retry = (b"x-should-retry", b"true" if failure.retryable else b"false")
    if failure.retry_after_s is None:
        return (retry,)
    milliseconds = math.ceil(failure.retry_after_s * 1000)
    return (
        retry,
        *_nothing_left(failure),
        (b"retry-after", b"%d" % math.ceil(failure.retry_after_s)),  # RFC 9110 10.2.3 knows whole seconds only
        (b"retry-after-ms", b"%d" % milliseconds),
    )


def stopping(phase: Phase = "connect") -> Failure:
    """The failure of what was not done when the server stopped."""
    return Failure("overloaded", "the server is stopping", phase=phase)


def allowance(limits: Sequence[RateLimit] | None) -> Headers:
    """What the tightest limit of each kind leaves, in the header names that clients of OpenAI read."""
    tightest: dict[str, RateLimit] = {}
    for limit in limits or ():
        known = tightest.get(limit.kind)
        if known is None or limit.remaining < known.remaining:
            tightest[limit.kind] = limit
    said = (tightest[kind] for kind in sorted(tightest))
    return [header for one in said for header in _allowance(one.kind, one.amount, one.remaining, one.reset_s)]


def _nothing_left(failure: Failure) -> Headers:
    """The same for the limit that refused."""
    kind, amount = failure.details.get("kind"), failure.details.get("amount")
    if kind is None or amount is None:
        return ()
    return _allowance(kind, float(amount), 0.0, failure.retry_after_s or 0.0)


def _allowance(kind: str, amount: float, remaining: float, reset_s: float) -> Headers:
    said = kind.encode()
    return (
        (b"x-ratelimit-limit-%b" % said, b"%d" % amount),
        (b"x-ratelimit-remaining-%b" % said, b"%d" % max(0, remaining)),
        (b"x-ratelimit-reset-%b" % said, f"{reset_s:.3f}s".encode()),
    )
