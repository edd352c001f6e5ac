"""JSON text inside Thrift strings: checked where it enters and where it leaves."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

_decode: Final = msgspec.json.Decoder(Raw).decode


def read_json(text: bytes) -> Raw:
    """The JSON value in ``text``. Raises ValueError when it is none, or not UTF-8."""
    _check(text)
    return Raw(text)


def write_json(value: Any) -> bytes:
    """The text of a JSON value. Raises TypeError when it is no `msgspec.Raw`, ValueError when it holds no JSON."""
    if not isinstance(value, Raw):
        raise TypeError("expected msgspec.Raw")
    text = bytes(value)
    _check(text)
    return text


def _check(text: bytes) -> None:
    text.decode()
    try:
        _decode(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
