"""The place for Mustache: values, sections, inverted sections and comments, parsed once and rendered within bounds.

As the Mustache manual describes it, with three differences a prompt needs: nothing is escaped for HTML, a value that
is not text is its JSON, and partials are snippets, which are put in before this module sees the text. There are no
lambdas, so a template can only repeat what it was given; how often it may is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from promptwire.template.engines.outline import Fault, Outline, TemplateError, Use, spoken

MAX_STEPS: Final = 200_000  # nodes rendered, sections times their items included
MAX_DEPTH: Final = 64  # sections in sections

_KINDS: Final = {
    "#": "section",
    "^": "inverted",
    "/": "close",
    "!": "comment",
    "=": "delimiters",
    "&": "value",
    "{": "value",
}
_STANDALONE: Final = frozenset({"section", "inverted", "close", "comment", "delimiters"})
_NAME: Final = re.compile(r"\.|[\w-]+(?:\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Value:
    """A place where a value goes."""

    path: tuple[str, ...]  # empty: the item itself, `{{.}}`
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part that is repeated for each item, or (``inverted``) is there when there is none."""

    path: tuple[str, ...]
    inverted: bool
    children: tuple[Node, ...]
    start: int
    end: int


Node: TypeAlias = "str | Value | Section"


@dataclass(frozen=True, slots=True)
class _Tag:
    kind: str
    content: str
    start: int
    end: int


def parse(text: str) -> tuple[Node, ...]:
    """The nodes of a template. Raises TemplateError with the place of the mistake."""
    open_sections: list[tuple[_Tag, list[Node]]] = []
    nodes: list[Node] = []
    for piece in _tokens(text):
        if isinstance(piece, str):
            nodes.append(piece)
        elif piece.kind == "value":
            nodes.append(Value(_path(piece), piece.start, piece.end))
        elif piece.kind in ("section", "inverted"):
            if len(open_sections) == MAX_DEPTH:
                raise TemplateError(f"sections are nested more than {MAX_DEPTH} deep", piece.start, piece.end)
            open_sections.append((piece, nodes))
            nodes = []
        elif piece.kind == "close":
            nodes = _closed(piece, open_sections, nodes)
    if open_sections:
        tag, _ = open_sections[-1]
        raise TemplateError(f"the section {tag.content!r} is never closed", tag.start, tag.end)
    return tuple(nodes)


def outline(text: str) -> Outline:
    """The variables a template uses, or why it is none. Certain are the values outside every section."""
    try:
        nodes = parse(text)
    except TemplateError as error:
        return Outline((), (Fault(error.message, error.start, error.end),))
    return Outline(tuple(_uses(nodes, inside=False)), ())


def render(text: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The pieces of the rendered text. Raises TemplateError."""
    return _Rendering(values).pieces(parse(text))


def _closed(tag: _Tag, open_sections: list[tuple[_Tag, list[Node]]], children: list[Node]) -> list[Node]:
    if not open_sections:
        raise TemplateError(f"{tag.content!r} is closed but was not opened", tag.start, tag.end)
    opened, nodes = open_sections.pop()
    if opened.content != tag.content:
        raise TemplateError(f"{tag.content!r} is closed where {opened.content!r} is open", tag.start, tag.end)
    nodes.append(Section(_path(opened), opened.kind == "inverted", tuple(children), opened.start, opened.end))
    return nodes


def _path(tag: _Tag) -> tuple[str, ...]:
    if not _NAME.fullmatch(tag.content):
        raise TemplateError(f"{tag.content!r} is not a name", tag.start, tag.end)
    return () if tag.content == "." else tuple(tag.content.split("."))


def _tokens(text: str) -> Iterator[str | _Tag]:
    """Literal text and tags; a line that holds nothing but one tag that prints nothing is left out whole."""
    opener, closer = "{{", "}}"
    position = 0
    while (start := text.find(opener, position)) >= 0:
        tag = _tag(text, start, opener, closer)
        before, after = text[position:start], tag.end
        if tag.kind in _STANDALONE and (line := _alone(text, start, tag.end)) is not None:
            before, after = text[position : max(position, line[0])], line[1]
        if before:
            yield before
        if tag.kind == "delimiters":
            opener, closer = _delimiters(tag)
        elif tag.kind != "comment":
            yield tag
        position = after
    if position < len(text):
        yield text[position:]


def _tag(text: str, start: int, opener: str, closer: str) -> _Tag:
    inner = start + len(opener)
    mark = text[inner : inner + 1]
    end_mark = {"{": "}" + closer, "=": "=" + closer}.get(mark, closer)
    end = text.find(end_mark, inner)
    if end < 0:
        raise TemplateError("a tag is never closed", start, inner)
    kind = _KINDS.get(mark, "value")
    content = text[inner + (mark in _KINDS) : end].strip()
    return _Tag(kind, content, start, end + len(end_mark))


def _alone(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of the line of a tag that stands alone on it, line end included; None when it does not."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    after = text[end:] if line_end < 0 else text[end : line_end + 1]
    if text[line_start:start].strip(" \t") or after.strip(" \t\r\n"):
        return None
    return line_start, len(text) if line_end < 0 else line_end + 1


def _delimiters(tag: _Tag) -> tuple[str, str]:
    match tag.content.split():
        case [opener, closer] if "=" not in opener + closer:
            return opener, closer
        case _:
            raise TemplateError("delimiters are two words without '='", tag.start, tag.end)


def _uses(nodes: tuple[Node, ...], *, inside: bool) -> Iterator[Use]:
    for node in nodes:
        if isinstance(node, str):
            continue
        if node.path:
            yield Use(node.path[0], node.start, node.end, certain=isinstance(node, Value) and not inside)
        if isinstance(node, Section):
            yield from _uses(node.children, inside=True)


class _Rendering:
    """One rendering: the stack of contexts and the steps left."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._contexts: list[Any] = [values]
        self._steps = MAX_STEPS

    def pieces(self, nodes: tuple[Node, ...]) -> Iterator[str]:
        for node in nodes:
            self._steps -= 1
            if self._steps < 0:
                raise TemplateError(f"the template takes more than {MAX_STEPS} steps", 0, 0)
            if isinstance(node, str):
                yield node
            elif isinstance(node, Value):
                yield spoken(self._look_up(node.path))
            else:
                yield from self._section(node)

    def _section(self, section: Section) -> Iterator[str]:
        value = self._look_up(section.path)
        given = value is not None and value is not False and value not in ([], "")
        if section.inverted:
            if not given:
                yield from self.pieces(section.children)
            return
        items = cast("list[Any]", value) if isinstance(value, list) else [value] if given else []
        for item in items:
            self._contexts.append(item)
            yield from self.pieces(section.children)
            self._contexts.pop()

    def _look_up(self, path: tuple[str, ...]) -> Any:
        if not path:
            return self._contexts[-1]
        for context in reversed(self._contexts):
            if path[0] in _members(context):
                return _at(context, path)
        return None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = _members(value).get(name)
    return value


def _members(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
