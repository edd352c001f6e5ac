"""The place where it is known which person a call is made for: the entry ``user`` of its persistent metadata.

A person is whoever they say they are: a name tells drafts, commits and moves of labels apart, an API key keeps
strangers out. Somebody who says nothing is the empty name.
"""

from __future__ import annotations

from typing import Final

from promptwire.entries import entry
from promptwire.errors import Failure

USER: Final = "user"
NOBODY: Final = ""
LONGEST: Final = 100  # characters


def person() -> str:
    """Who the call being served is made for. Raises Failure (invalid_request) when that is no name."""
    return named(entry(USER) or NOBODY)


def named(text: str) -> str:
    """The name in ``text``, without spaces around it. Raises Failure (invalid_request) when it is none."""
    name = text.strip()
    if len(name) > LONGEST or not name.isprintable():
        raise Failure("invalid_request", f"a person's name is up to {LONGEST} printable characters, not {text[:120]!r}")
    return name
