"""The place for understanding how vendors refuse: their statuses, words and bodies, as a Failure without secrets."""

from __future__ import annotations

import datetime as dt
import email.utils
import math
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, cast

import msgspec

from promptwire.api.base import ErrorClass
from promptwire.errors import CLASS_NAMED, Failure

MAX_BODY_CHARS: Final = 2000

OF_STATUS: Final[Mapping[int, ErrorClass]] = {
    400: "invalid_request",
    401: "permission_denied",  # our key for the vendor, not the caller's key for us
    402: "budget_exhausted",
    403: "permission_denied",
    404: "not_found",
    413: "invalid_request",
    415: "invalid_request",
    422: "invalid_request",
    429: "rate_limited",
    451: "moderation_input",
    503: "overloaded",
    529: "overloaded",
}

OF_WORD: Final[Mapping[str, ErrorClass]] = {
    "insufficient_quota": "budget_exhausted",
    "billing_hard_limit_reached": "budget_exhausted",
    "billing_error": "budget_exhausted",
    "rate_limit_exceeded": "rate_limited",
    "rate_limit_error": "rate_limited",
    "requests": "rate_limited",
    "resource_exhausted": "rate_limited",
    "tokens": "token_limited",
    "token_limit_exceeded": "token_limited",
    "content_filter": "moderation_input",
    "content_policy_violation": "moderation_input",
    "data_inspection_failed": "moderation_input",
    "sensitivecontentdetected": "moderation_input",
    "overloaded_error": "overloaded",
    "engine_overloaded_error": "overloaded",
    "server_overloaded": "overloaded",
    "serveroverloaded": "overloaded",
    "unavailable": "overloaded",
    "invalid_api_key": "permission_denied",
    "authentication_error": "permission_denied",
    "permission_error": "permission_denied",
    "permission_denied": "permission_denied",
    "unauthenticated": "permission_denied",
    "model_not_found": "not_found",
    "not_found_error": "not_found",
    "not_found": "not_found",
    "context_length_exceeded": "invalid_request",
    "request_too_large": "invalid_request",
    "invalid_argument": "invalid_request",
    "failed_precondition": "invalid_request",
}

# Words that say less than an HTTP status does; they count where there is no status.
OF_VAGUE_WORD: Final[Mapping[str, ErrorClass]] = {
    "invalid_request_error": "invalid_request",
    "api_error": "upstream_error",
    "server_error": "upstream_error",
    "internal": "upstream_error",
}

_SECRET: Final = re.compile(
    r"(?i)\b(?:bearer\s+[\w.~+/=-]{4,}|sk-[\w-]{8,}|AIza[\w-]{16,}|(?:api[_-]?)?key=[^&\s\"']{4,})"
)
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?)s")


class Said(NamedTuple):
    """What an error's JSON says, in whichever shape: OpenAI's, Anthropic's, Gemini's, FastAPI's or our own."""

    words: tuple[str, ...] = ()  # its codes and types, most telling first
    message: str = ""
    retry_after_s: float | None = None

    @classmethod
    def of(cls, body: bytes) -> Said:
        """Read ``body``; what is not understood is left out."""
        try:
            value: object = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return cls()
        outer = _fields(_first(value))  # Gemini wraps its error in an array when it streams
        error = outer.get("error", outer)
        if isinstance(error, str):
            return cls(message=error)
        fields = _fields(error)
        said = (fields.get(name) for name in ("class", "code", "status", "type"))
        message = fields.get("message") or fields.get("detail") or ""
        return cls(
            words=tuple(word.lower() for word in said if isinstance(word, str)),
            message=message if isinstance(message, str) else msgspec.json.encode(message).decode(),
            retry_after_s=_delay(fields),
        )

    def class_(self, *, vague: bool) -> ErrorClass | None:
        """The class its words stand for; ``vague`` lets words count that say less than a status."""
        for word in self.words:
            if (class_ := CLASS_NAMED.get(word) or OF_WORD.get(word)) is not None:
                return class_
        return next((OF_VAGUE_WORD[word] for word in self.words if word in OF_VAGUE_WORD), None) if vague else None


def refused(vendor: str, status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> Failure:
    """The vendor answered with an HTTP status that is not success."""
    said = Said.of(body)
    class_: ErrorClass = said.class_(vague=False) or OF_STATUS.get(status, "upstream_error")
    text = redact(body.decode(errors="replace"), secrets)
    reason = redact(said.message, secrets) or text[:200].strip() or "it gave no reason"
    return Failure(
        class_,
        f"{vendor} answered {status}: {reason}",
        retry_after_s=retry_after(headers) or said.retry_after_s,
        vendor=vendor,
        vendor_status=status,
        vendor_body=text[:MAX_BODY_CHARS] or None,
    )


def reported(vendor: str, body: bytes, secrets: Iterable[str]) -> Failure:
    """The vendor sent an error, as JSON, inside its stream."""
    said = Said.of(body)
    class_ = said.class_(vague=True) or "upstream_error"
    text = redact(body.decode(errors="replace"), secrets)
    return Failure(
        "moderation_output" if class_ == "moderation_input" else class_,
        f"{vendor} broke off: {redact(said.message, secrets) or 'it gave no reason'}",
        phase="first_packet",
        retry_after_s=said.retry_after_s,
        vendor=vendor,
        vendor_body=text[:MAX_BODY_CHARS],
    )


def redact(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the secrets given and without what looks like one."""
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    return _SECRET.sub("[removed]", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the vendor's headers say (RFC 9110 §10.2.3: seconds or a date); None without them."""
    if (milliseconds := _finite(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    if (seconds := _finite(text)) is not None:
        return seconds
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())


def _delay(error: Mapping[str, object]) -> float | None:
    """The wait inside an error's JSON: our own ``retry_after_s``, or Gemini's ``RetryInfo``."""
    if isinstance(seconds := error.get("retry_after_s"), int | float):
        return float(seconds)
    for detail in _list(error.get("details")):
        if match := _SECONDS.fullmatch(str(_fields(detail).get("retryDelay", ""))):
            return float(match[1])
    return None


def _fields(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _first(value: object) -> object:
    return next(iter(_list(value)), value)


def _finite(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
