"""Python source laid out as ``ruff format`` would leave it: on one line when it fits, else an item a line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

WIDTH: Final = 120
_INDENT: Final = "    "
_NAME_ROOM: Final = len("description=")


@dataclass(frozen=True, slots=True)
class Group:
    """Bracketed items: a call, a subscript or a display; ``after`` follows the closing bracket."""

    opening: str  # up to and with the bracket
    items: tuple[Node, ...]
    closing: str

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(map(str, self.items))}{self.closing}"


@dataclass(frozen=True, slots=True)
class Chain:
    """Pieces written one after the other: ``name=`` and a group, a group and `` = default``."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal that may be split over lines."""

    value: str

    def __str__(self) -> str:
        return string(self.value)


Node: TypeAlias = str | Group | Chain | Text


def call(function: str, *items: Node) -> Group:
    """``function(items)``."""
    return Group(f"{function}(", items, ")")


def subscript(name: str, *items: Node) -> Group:
    """``name[items]``."""
    return Group(f"{name}[", items, "]")


def display(items: Sequence[Node], brackets: str = "[]") -> Group:
    """A list, tuple, set or dict display."""
    return Group(brackets[0], tuple(items), brackets[1])


def chain(*parts: Node) -> Chain:
    """The parts, one after the other."""
    return Chain(parts)


def lay_out(node: Node, indent: int = 0, *, trailing: int = 0) -> str:
    """``node`` as source whose first line is indented by the caller, at ``indent`` levels.

    ``trailing`` is the width of what the caller writes after it on the last line.
    """
    flat = str(node)
    if isinstance(node, str) or len(_INDENT) * indent + len(flat) + trailing <= WIDTH:
        return flat
    match node:
        case Group():
            return _explode(node, indent)
        case Chain():
            return _lay_out_chain(node, indent)
        case Text():
            return _split(node.value, indent)


def _split(text: str, indent: int) -> str:
    """Adjacent literals; the first leaves room for the name before it."""
    margin = _INDENT * indent
    room = WIDTH - len(margin) - 4
    first, *rest = textwrap.wrap(
        text, room, initial_indent=" " * _NAME_ROOM, break_long_words=False, break_on_hyphens=False
    )
    pieces = [first.lstrip(), *rest]
    spaced = [*(f"{piece} " for piece in pieces[:-1]), pieces[-1]]
    return f"\n{margin}".join(map(string, spaced))


def _explode(group: Group, indent: int) -> str:
    if not group.items:
        return str(group)
    inner = _INDENT * (indent + 1)
    lines = [f"{inner}{lay_out(item, indent + 1, trailing=1)}," for item in group.items]
    return "\n".join([group.opening, *lines, f"{_INDENT * indent}{group.closing}"])


def _lay_out_chain(node: Chain, indent: int) -> str:
    """The last group that can be opened is opened; a default such as ``= None`` stays behind the annotation."""
    groups = [index for index, part in enumerate(node.parts) if not isinstance(part, str)]
    if not groups:
        return str(node)
    opened = groups[0]
    parts = [str(part) for part in node.parts]
    part = node.parts[opened]
    parts[opened] = _explode(part, indent) if isinstance(part, Group) else lay_out(part, indent, trailing=WIDTH)
    return "".join(parts)


def string(text: str) -> str:
    """A string literal in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    if '"' in text and "'" not in text:
        return "'" + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "'"
    return f'"{escaped}"'


def docstring(text: str, indent: int = 0) -> list[str]:
    """The lines of a docstring, wrapped, without the first line's indent."""
    safe = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if safe.endswith('"'):
        safe = f'{safe[:-1]}\\"'
    margin = _INDENT * indent
    lines = [line for paragraph in safe.split("\n\n") for line in (*_wrap(paragraph, WIDTH - len(margin) - 6), "")][:-1]
    if len(lines) == 1:
        return [f'{margin}"""{lines[0]}"""']
    body = [f"{margin}{line}".rstrip() for line in lines[1:]]
    return [f'{margin}"""{lines[0]}', *body, f'{margin}"""']


def _wrap(paragraph: str, width: int) -> list[str]:
    """A paragraph as written when its lines fit, else filled anew."""
    lines = paragraph.split("\n")
    if all(len(line) <= width for line in lines):
        return lines
    return textwrap.wrap(" ".join(paragraph.split()), width, break_long_words=False, break_on_hyphens=False)


def mapping(values: Mapping[str, str]) -> Group:
    """A dict display of strings."""
    return display([f"{string(key)}: {string(value)}" for key, value in values.items()], "{}")


def indented(text: str) -> list[str]:
    """Lines of what `lay_out` made at level 1, its first line indented too."""
    first, *rest = text.split("\n")
    return [f"{_INDENT}{first}", *rest]


def body(head: str, doc: str, lines: list[str]) -> list[str]:
    """A class: its head, its docstring and its lines, which are already indented."""
    if doc:
        return [head, *docstring(doc, 1), *(["", *lines] if lines else [])]
    return [head, *(lines or [f"{_INDENT}pass"])]


def import_lines(module: str, names: Iterable[str]) -> list[str]:
    """``from module import names``, sorted as import sorters do; what has another name here gets its own line."""
    renamed = sorted((name for name in names if " as " in name), key=_import_order)
    plain = sorted((name for name in names if " as " not in name), key=_import_order)
    lines = [f"from {module} import {', '.join(plain)}"] if plain else []
    if plain and len(lines[0]) > WIDTH:
        lines = [f"from {module} import (", *(f"{_INDENT}{name}," for name in plain), ")"]
    return [*lines, *(f"from {module} import {name}" for name in renamed)]


def _import_order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Constants, classes, the rest; numbers in names by their value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name)
    return kind, [(int(part), "") if part.isdigit() else (0, part) for part in parts]
