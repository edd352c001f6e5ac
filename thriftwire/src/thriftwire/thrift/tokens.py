"""Thrift IDL text as tokens, and a cursor over them that says what was expected and what came."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

from thriftwire.thrift.document import BASE_TYPES, Location

T = TypeVar("T")

_TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<doc>/\*\*(?!/).*?\*/)
  | (?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)
  | (?P<open_comment>/\*)
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_]))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<symbol>[{}()\[\]<>=:,;*])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_KEYWORDS: Final = frozenset(
    {
        *("const", "cpp_include", "enum", "exception", "extends", "include", "namespace", "oneway", "optional"),
        *("required", "service", "struct", "throws", "typedef", "union", "void"),
    }
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, text or sign; ``doc`` is the ``/** */`` comment before it."""

    kind: str  # a group of `_TOKEN`, or "end"
    text: str
    where: Location
    doc: str = ""

    def __str__(self) -> str:
        return "the end of the file" if self.kind == "end" else repr(self.text)


def _tokens(text: str, file: str) -> Iterator[Token]:
    line, line_start, position, doc = 1, 0, 0, ""
    while position < len(text):
        where = Location(file, line, position - line_start + 1)
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup == "open_comment":
            raise where.error(
                f"expected {_expected(text[position])}, not {text[position : position + 8].split(maxsplit=1)[0]!r}"
            )
        kind, value = str(match.lastgroup), match.group()
        if kind == "doc":
            doc = clean_doc(value)
        elif kind not in ("space", "comment"):
            yield Token(kind, value, where, doc)
            doc = ""
        if newlines := value.count("\n"):
            line += newlines
            line_start = position + value.rindex("\n") + 1
        position = match.end()
    yield Token("end", "", Location(file, line, position - line_start + 1), doc)


def _expected(first: str) -> str:
    if first == "/":
        return "a comment that ends"
    if first in "\"'":
        return f"a text that ends with {first}"
    return "a number" if first.isdigit() else "a Thrift word or sign"


def clean_doc(comment: str) -> str:
    """The text of a ``/** */`` comment, without its margin of stars."""
    first, *others = comment[3:-2].split("\n")
    rest = textwrap.dedent("\n".join(re.sub(r"^\s*\*(?!\*) ?", "", line).rstrip() for line in others))
    return f"{first.strip()}\n{rest}".strip()


def head_doc(text: str) -> str:
    """The line comments a file begins with: what it says about itself."""
    lines: list[str] = []
    for line in text.splitlines():
        if not (stripped := line.strip()).startswith(("//", "#")):
            break
        lines.append(re.sub(r"^(//+|#+!?) ?", "", stripped))
    return "\n".join(lines).strip()


class Cursor:
    """A position among the tokens of a text. Every refusal is an IDLError at the next token."""

    def __init__(self, text: str, file: str) -> None:
        self._tokens = list(_tokens(text, file))
        self._position = 0

    @property
    def next(self) -> Token:
        """The token that has not been taken yet."""
        return self._tokens[self._position]

    def take(self) -> Token:
        """The next token, moving on."""
        token = self.next
        self._position += token.kind != "end"
        return token

    def fail(self, expected: str) -> NoReturn:
        """Say that something else was expected here."""
        raise self.next.where.error(f"expected {expected}, not {self.next}")

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs."""
        return self.next.kind in ("symbol", "name") and self.next.text in texts

    def accept(self, *texts: str) -> bool:
        """Take the next token if it is one of these."""
        if self.sees(*texts):
            self.take()
            return True
        return False

    def expect(self, text: str) -> None:
        """Take this word or sign, or fail."""
        if not self.accept(text):
            self.fail(repr(text))

    def name(self, what: str, *, dotted: bool = False) -> Token:
        """Take a name that is no keyword."""
        token = self.next
        plain = token.kind == "name" and "-" not in token.text and (dotted or "." not in token.text)
        if not plain or token.text in _KEYWORDS or token.text in BASE_TYPES:
            self.fail(what)
        return self.take()

    def literal(self, what: str) -> str:
        """Take a quoted text."""
        if self.next.kind != "text":
            self.fail(what)
        text = self.take().text
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:-1], flags=re.DOTALL)

    def integer(self, what: str) -> int:
        """Take a whole number, decimal or hexadecimal."""
        if self.next.kind != "number" or not isinstance(value := to_number(self.next.text), int):
            self.fail(what)
        self.take()
        return value

    def until(self, closing: str, rule: Callable[[], T]) -> tuple[T, ...]:
        """What ``rule`` reads, again and again to ``closing``, with or without ``,`` or ``;`` between."""
        items: list[T] = []
        while not self.accept(closing):
            items.append(rule())
            self.accept(",", ";")
        return tuple(items)


def to_number(text: str) -> int | float:
    """A number's value; an int when it is written as one."""
    if "x" in text.lower():
        return int(text, 16)
    return int(text) if text.lstrip("+-").isdigit() else float(text)
