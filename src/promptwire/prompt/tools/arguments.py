"""The place for the arguments of a tool call: read, compared as values, and looked into by path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec

ABSENT: Final = object()

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\"([^\"]*)\"\]|\['([^']*)'\]")


class ToolFault(Exception):
    """A tool gave no reply; the text is what the model is told."""


def read(text: str) -> dict[str, Any]:
    """The arguments a model wrote; no text counts as none. Raises ToolFault when they are no JSON object."""
    try:
        value: object = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError as exc:
        raise ToolFault(f"the arguments are not JSON: {exc}") from exc
    if not isinstance(value, dict):
        raise ToolFault("the arguments are not a JSON object")
    return cast("dict[str, Any]", value)


def canonical(text: str) -> str:
    """The same text for the same arguments, whatever their order and layout; what is no JSON stands for itself."""
    try:
        value: object = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return text
    return canonical_value(value)


def canonical_value(value: object) -> str:
    """The one JSON text of a value: members sorted, whole numbers without a fraction."""
    return msgspec.json.encode(_plain(value), order="sorted").decode()


def at(value: object, path: str) -> object:
    """What is at a JSON path (``$.stops[0].name``), or ABSENT. Raises ToolFault when it is no path we know."""
    for step in _steps(path):
        if isinstance(step, int):
            members = cast("list[object]", value) if isinstance(value, list) else []
            value = members[step] if step < len(members) else ABSENT
        else:
            value = cast("dict[str, object]", value).get(step, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _steps(path: str) -> Iterator[str | int]:
    rest = path.removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = "." + rest
    place = 0
    while place < len(rest):
        if (match := _STEP.match(rest, place)) is None:
            raise ToolFault(f"a path is like $.city or $.stops[0].name, not {path!r}")
        place = match.end()
        name, index, *quoted = match.groups()
        yield int(index) if index is not None else next(one for one in (name, *quoted) if one is not None)


def _plain(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(member) for member in cast("list[object]", value)]
    return value
