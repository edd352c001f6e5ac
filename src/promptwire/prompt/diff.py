"""The place where two contents of a prompt are compared: what changed where, and of texts which lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from promptwire.api.prompt import Content
from promptwire.api.version import Change, Line
from promptwire.prompt.alignment import stretches

ABSENT = object()


def diff(before: Content, after: Content) -> list[Change]:
    """Every place in which ``after`` is not what ``before`` was, in order."""
    return list(_changes(plain(before), plain(after), ""))


def plain(content: Content) -> Any:
    """A content as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(content))


def _changes(before: Any, after: Any, path: str) -> Iterator[Change]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        one, other = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        for name in dict.fromkeys([*one, *other]):
            yield from _changes(one.get(name, ABSENT), other.get(name, ABSENT), f"{path}.{name}".removeprefix("."))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _members(cast("list[Any]", before), cast("list[Any]", after), path)
    else:
        texts = isinstance(before, str) and isinstance(after, str)
        yield Change(
            path=path,
            before=_raw(before),
            after=_raw(after),
            lines=list(_lines(cast("str", before), cast("str", after))) if texts else None,
        )


def _members(before: list[Any], after: list[Any], path: str) -> Iterator[Change]:
    """Members are compared by name where they have one, else by where they stand after alignment."""
    keys = [[_key(member) for member in side] for side in (before, after)]
    for _, i, k, j, m in stretches(*keys):
        for offset in range(max(k - i, m - j)):
            one = before[i + offset] if offset < k - i else ABSENT
            other = after[j + offset] if offset < m - j else ABSENT
            number = j + offset if other is not ABSENT else i + offset
            label = _name(one if other is ABSENT else other) or number
            yield from _changes(one, other, f"{path}[{label}]")


def _key(member: Any) -> str:
    """What two members are recognised as the same by: a name, or everything."""
    return _name(member) or msgspec.json.encode(member).decode()


def _name(member: Any) -> str | None:
    """What a variable or tool is called, or a recording is of; a message's name is not its own."""
    if not isinstance(member, dict) or "role" in member:
        return None
    named = cast("dict[str, Any]", member)
    return next((named[key] for key in ("name", "arguments") if isinstance(named.get(key), str)), None)


def _lines(before: str, after: str) -> Iterator[Line]:
    one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for same, i, k, j, m in stretches(one, other):
        if same:
            yield from (Line(kind="same", text=line) for line in one[i:k])
        else:
            yield from (Line(kind="removed", text=line) for line in one[i:k])
            yield from (Line(kind="added", text=line) for line in other[j:m])


def _raw(value: Any) -> msgspec.Raw | None:
    return None if value is ABSENT else msgspec.Raw(msgspec.json.encode(value))
