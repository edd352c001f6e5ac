"""The place for where two plain values differ: the shortest paths below which nothing is the same in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from promptwire.files.plain import is_list, is_mapping


class Difference(NamedTuple):
    """What is at ``path`` in the one, and in the other; None where there is nothing."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Where they differ. Members of lists go by their names when all have one, otherwise by their place."""
    if is_mapping(before) and is_mapping(after):
        one, other = before, after
        yield from _members(one, other, lambda name: f"{path}.{name}" if path else name)
    elif is_list(before) and is_list(after):
        yield from _lists(before, after, path)
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after)


def _members(one: dict[str, Any], other: dict[str, Any], where: Callable[[str], str]) -> Iterator[Difference]:
    for name in dict.fromkeys([*one, *other]):
        if name in one and name in other:
            yield from differences(one[name], other[name], where(name))
        else:
            yield Difference(where(name), one.get(name), other.get(name))


def _lists(one: list[Any], other: list[Any], path: str) -> Iterator[Difference]:
    mine, yours = _named(one), _named(other)
    if mine is not None and yours is not None and (one or other):
        common = [name for name in mine if name in yours]
        if common != [name for name in yours if name in mine]:  # another order
            yield Difference(path, one, other)
            return
        yield from _members(mine, yours, lambda name: f"{path}[{name}]")
    elif len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}[{number}]")
    else:
        yield Difference(path, one, other)


def _named(members: list[Any]) -> dict[str, Any] | None:
    """The members by name, when each has one of its own and is not a message."""
    found: dict[str, Any] = {}
    for member in members:
        name = member.get("name") if is_mapping(member) and "role" not in member else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = member
    return found
