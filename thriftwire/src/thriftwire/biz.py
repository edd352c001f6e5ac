"""A business status as string entries: the same keys and rules on every wire that can carry one (kitex-wire 1.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from thriftwire.errors import INT32_MAX, INT32_MIN, LocalProtocolError
from thriftwire.events import BizStatus, Failure

STATUS: Final = "biz-status"
MESSAGE: Final = "biz-message"  # not on gRPC, whose own message carries it
EXTRA: Final = "biz-extra"
KEYS: Final = frozenset({STATUS, MESSAGE, EXTRA})
NO_ERROR: Final = "0"

MALFORMED: Final = 12003  # Kitex's code for a business status that does not parse
_BEYOND_ASCII: Final = re.compile(r"[^\x20-\x7e]")
_STRINGS = msgspec.json.Decoder(dict[str, str] | None)


def entries(biz: BizStatus) -> dict[str, str]:
    """The entries of ``biz``; the extra is JSON in ASCII, for grpc-core rejects whole calls over anything else.

    Raises LocalProtocolError for a code peers lose: 0 is success, and beyond int32 a Go client panics on gRPC.
    """
    if biz.code == 0 or not INT32_MIN <= biz.code <= INT32_MAX:
        raise LocalProtocolError(f"a business status code is a non-zero int32, not {biz.code!r}")
    made = {STATUS: str(biz.code), MESSAGE: biz.message}
    if biz.extra:
        made[EXTRA] = _ascii_json(biz.extra)
    return made


def _ascii_json(extra: Mapping[str, str]) -> str:
    try:
        text = msgspec.json.encode(dict(extra)).decode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"a business extra is not text: {extra!r}") from error
    return _BEYOND_ASCII.sub(lambda match: _escape(match[0]), text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def read(received: Mapping[str, str], message: str) -> BizStatus | Failure | None:
    """The business status among ``received``; a Failure when its extra does not parse, None when there is none."""
    code = read_int32(received.get(STATUS, ""))
    if not code:
        return None
    raw = received.get(EXTRA, "")
    extra = _read_extra(raw)
    return Failure(MALFORMED, f"malformed {EXTRA}: {raw!r}") if extra is None else BizStatus(code, message, extra)


def read_int32(text: str) -> int | None:
    """A decimal int32; None when it is none, which for a status means that there is no error."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        return None
    number = int(text)
    return number if INT32_MIN <= number <= INT32_MAX else None


def _read_extra(raw: str) -> dict[str, str] | None:
    if not raw:
        return {}
    try:
        return _STRINGS.decode(raw) or {}
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
