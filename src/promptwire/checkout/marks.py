"""The place for two edits in one file: where they differ both stand, between marks, for a person to decide."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

HERE: Final = "<<<<<<< here"
BETWEEN: Final = "======="
THERE: Final = ">>>>>>> server, "

_MARKS: Final = re.compile(rf"^{re.escape(HERE)}$.*?^{BETWEEN}$.*?^{re.escape(THERE)}", re.MULTILINE | re.DOTALL)


def marked(here: str, there: str, name: str) -> str:
    """Both texts as one; ``name`` says which version the other is."""
    one, other = here.splitlines(keepends=True), there.splitlines(keepends=True)
    pieces: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += one[a:b]
        else:
            pieces += [f"{HERE}\n", *_whole(one[a:b]), f"{BETWEEN}\n", *_whole(other[c:d]), f"{THERE}{name}\n"]
    return "".join(pieces)


def has_marks(text: str) -> bool:
    """Somebody has yet to decide."""
    return _MARKS.search(text) is not None


def _whole(lines: list[str]) -> list[str]:
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
