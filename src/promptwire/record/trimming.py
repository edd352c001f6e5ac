"""The place where contents are made small enough to be kept: what is cut says how much is missing."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import msgspec

KEPT: Final = 1024 * 1024  # bytes of one content
DATA: Final = 1024  # characters of a data: URL, in a content that is too large
LINE: Final = 4096  # characters of any text in one that is still too large
SHOWN: Final = 64  # characters of a data: URL that are left


class Trimmed(NamedTuple):
    """A content as JSON; None when too much had to go. ``whole``: nothing had to."""

    text: str | None
    whole: bool


def trim(value: Any) -> Trimmed:
    """``value`` as JSON of at most `KEPT` bytes: files go first, then long texts, then all of it."""
    text = msgspec.json.encode(value)
    if len(text) <= KEPT:
        return Trimmed(text.decode(), whole=True)
    plain = msgspec.json.decode(text)
    for longest in (None, LINE):
        text = msgspec.json.encode(_cut(plain, longest))
        if len(text) <= KEPT:
            return Trimmed(text.decode(), whole=False)
    return Trimmed(None, whole=False)


def shorten(text: str, length: int, missing: int = 0) -> str:
    """The beginning of ``text``, and how many characters are not there; ``missing`` were never here."""
    missing += max(0, len(text) - length)
    return f"{text[:length]}… ({missing} characters left out)" if missing else text


def _cut(value: Any, longest: int | None) -> Any:
    match value:
        case str() if len(value) > DATA and value.startswith("data:"):
            return shorten(value, SHOWN)
        case str() if longest is not None:
            return shorten(value, longest)
        case list():
            return [_cut(one, longest) for one in cast("list[Any]", value)]
        case dict():
            return {name: _cut(one, longest) for name, one in cast("dict[str, Any]", value).items()}
        case _:
            return value
