"""The place for what folders and tags may be called, so that one is written in one way only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from promptwire.errors import Failure

SEPARATOR: Final = "/"
LONGEST: Final = 50  # characters of a tag, or of one part of a path
DEEPEST: Final = 10  # parts of a path
MOST_TAGS: Final = 30


def folder(path: str) -> str:
    """``path`` without what says nothing: ``" support / refunds/"`` is ``support/refunds``. Raises Failure."""
    parts = [part for part in (piece.strip() for piece in path.split(SEPARATOR)) if part]
    if len(parts) > DEEPEST or not all(_is_name(part) for part in parts):
        raise Failure(
            "invalid_request",
            f"a folder is a path of up to {DEEPEST} parts, each of up to {LONGEST} characters, not {path[:120]!r}",
        )
    return SEPARATOR.join(parts)


def tags(given: Iterable[str]) -> list[str]:
    """Each tag once, without spaces around it, in the order they came. Raises Failure (invalid_request)."""
    names = list(dict.fromkeys(name.strip() for name in given))
    for name in names:
        if not name or not _is_name(name) or "," in name:
            raise Failure("invalid_request", f"a tag is 1 to {LONGEST} characters without a comma, not {name[:120]!r}")
    if len(names) > MOST_TAGS:
        raise Failure("invalid_request", f"a prompt has up to {MOST_TAGS} tags, not {len(names)}")
    return names


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable()
