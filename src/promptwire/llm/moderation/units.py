r"""Text cut into the smallest pieces that stand or fall together, with what each reads as.

A unit is a source text and what it reads as once normalised (NFKC, case folded). In plain text it is one character.
In JSON text, which is what tool arguments are, an escape is one unit: ``\u0062`` reads as ``b``, so a word cannot
hide behind its escapes. A piece that may still grow, such as half an escape, is kept until the rest comes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_JSON_UNIT: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]|[^\\]|\\", re.DOTALL
)
_HALF_ESCAPE: Final = re.compile(
    r"\\(?:u[0-9a-fA-F]{0,3})?\Z|\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z"
)
_SIMPLE_ESCAPES: Final = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f"}

_UNEVEN: Final[set[str]] = set()  # characters seen that do not read as exactly one


class Unit(NamedTuple):
    """A piece of a stream: as it came, and what it reads as (no, one or several characters)."""

    source: str
    reads: str


@lru_cache(maxsize=65536)
def _plain(character: str) -> Unit:
    invisible = unicodedata.category(character) == "Cf"  # zero-width joiners and the like read as nothing
    unit = Unit(character, "" if invisible else unicodedata.normalize("NFKC", character).casefold())
    if len(unit.reads) != 1:
        _UNEVEN.add(character)
    return unit


def reads(text: str) -> str:
    """What ``text`` reads as."""
    return "".join([_plain(character).reads for character in text])


def is_even(text: str) -> bool:
    """Whether each character of ``text`` reads as one, after `reads` has seen it."""
    return _UNEVEN.isdisjoint(text)


class PlainUnits:
    """Units of plain text."""

    def feed(self, text: str) -> list[Unit]:
        """The units of ``text``."""
        return [_plain(character) for character in text]

    def finish(self) -> list[Unit]:
        """The units of what was kept back: none."""
        return []


class JSONUnits:
    """Units of JSON text that comes in pieces."""

    def __init__(self) -> None:
        self._kept = ""

    def feed(self, text: str) -> list[Unit]:
        """The units that ``text`` completes."""
        text = self._kept + text
        half = _HALF_ESCAPE.search(text)
        # a backslash that is itself escaped does not begin an escape
        if half is not None and _backslashes_before(text, half.start()) % 2 == 0:
            text, self._kept = text[: half.start()], text[half.start() :]
        else:
            self._kept = ""
        return [_json(source) for source in _JSON_UNIT.findall(text)]

    def finish(self) -> list[Unit]:
        """The units of what was kept back, now that nothing more comes."""
        kept, self._kept = self._kept, ""
        return [_json(source) for source in _JSON_UNIT.findall(kept)]


def _backslashes_before(text: str, at: int) -> int:
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count


def _json(source: str) -> Unit:
    if len(source) == 1:
        return _plain(source)
    if source[1] == "u":
        units = [int(code, 16) for code in re.findall(r"\\u([0-9a-fA-F]{4})", source)]
        decoded = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    else:
        decoded = _SIMPLE_ESCAPES.get(source, source[1])
    return Unit(source, reads(decoded))
