"""The place where two edits of one prompt become one: a three-way merge by message, variable, parameter and line.

Pure. What only one side changed is taken from it; what both changed the same way is taken once; texts are merged by
line. What both changed differently is a conflict: ours stands in the result, and the conflict carries all three, until
somebody decides what it is to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec

from promptwire.api.prompt import Content
from promptwire.prompt.alignment import stretches
from promptwire.prompt.diff import plain

T = TypeVar("T")

KEYED: Final = frozenset({"variables", "tools", "bindings", "mcp_servers"})  # lists of members known by their names
RECORDINGS: Final = re.compile(r"bindings\[.*\]\.mock\.recordings")  # known by the arguments they reply to
RULES: Final = re.compile(r"bindings\[.*\]\.mock\.rules")  # whose order means something, like that of messages
GONE: Final = None  # a member one side took away; JSON members that are null are left out before


class Conflict(NamedTuple):
    """Both sides changed ``path`` differently. A side that took it away is None."""

    path: str
    base: Any
    ours: Any
    theirs: Any


class Merged(NamedTuple):
    """The result, and what a person has to decide."""

    content: Content
    conflicts: list[Conflict]


class Region(NamedTuple):
    """A stretch of three sequences: the same in all of them, or whatever each made of it."""

    base: Sequence[Any]
    ours: Sequence[Any]
    theirs: Sequence[Any]


class Judge:
    """What is done with conflicts: decided as ``decided`` says by their paths (None: it goes), else gathered."""

    def __init__(self, decided: Mapping[str, Any]) -> None:
        self._decided = decided
        self.conflicts: list[Conflict] = []

    def decide(self, path: str, base: Any, ours: Any, theirs: Any) -> Any:
        """What stands in the result."""
        if path in self._decided:
            return self._decided[path]
        self.conflicts.append(Conflict(path, base, ours, theirs))
        return theirs if ours is GONE else ours


def merge(base: Content, ours: Content, theirs: Content, decided: Mapping[str, Any] | None = None) -> Merged:
    """One prompt of two edits of ``base``. Raises msgspec.ValidationError when ``decided`` makes no prompt."""
    judge = Judge(decided or {})
    sides = [cast("dict[str, Any]", plain(side)) for side in (base, ours, theirs)]
    merged = _members(sides[0], sides[1], sides[2], "", judge)
    return Merged(msgspec.json.decode(msgspec.json.encode(merged), type=Content), judge.conflicts)


def _value(base: Any, ours: Any, theirs: Any, path: str, judge: Judge) -> Any:
    """One value of three. Short cuts first: they make the laws of merging true whatever follows."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if (path == "messages" or RULES.fullmatch(path)) and _all(list, base, ours, theirs):
        return _sequence(base, ours, theirs, path, judge)
    key = "arguments" if RECORDINGS.fullmatch(path) else "name"
    keyed = path in KEYED or key == "arguments"
    if keyed and _all(list, base or [], ours, theirs) and _named(key, base or [], ours, theirs):
        return _keyed(_by(key, base or []), _by(key, ours), _by(key, theirs), path, judge)
    if _all(dict, base, ours, theirs):
        return _members(base, ours, theirs, path, judge)
    if _all(str, base, ours, theirs) and (text := lines(base, ours, theirs)) is not None:
        return text
    return judge.decide(path, base, ours, theirs)


def _members(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], path: str, judge: Judge
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in dict.fromkeys([*ours, *theirs, *base]):
        where = f"{path}.{name}" if path else name
        value = _value(base.get(name), ours.get(name), theirs.get(name), where, judge)
        if value is not GONE:
            merged[name] = value
    return merged


def _keyed(was: dict[str, Any], mine: dict[str, Any], yours: dict[str, Any], path: str, judge: Judge) -> list[Any]:
    """Members by name, in our order unless only theirs changed it; what they added comes last."""
    first, second = (yours, mine) if list(mine) == list(was) else (mine, yours)
    merged: list[Any] = [
        _value(was.get(name), mine.get(name), yours.get(name), f"{path}[{name}]", judge)
        for name in dict.fromkeys([*first, *second])
    ]
    return [member for member in merged if member is not GONE]


def _sequence(base: list[Any], ours: list[Any], theirs: list[Any], path: str, judge: Judge) -> list[Any]:
    """Messages, aligned; stretches that kept their length are merged message by message."""
    merged: list[Any] = []
    at = 0
    for region in regions(base, ours, theirs):
        if (settled := _settled(region)) is not None:
            merged += settled
        elif len(region.base) == len(region.ours) == len(region.theirs):
            found = (_value(*three, f"{path}[{at + n}]", judge) for n, three in enumerate(zip(*region, strict=True)))
            merged += (message for message in found if message is not GONE)
        else:
            where = f"{path}[{at}:{at + len(region.base)}]"
            chosen = judge.decide(where, list(region.base), list(region.ours), list(region.theirs))
            merged += chosen if isinstance(chosen, list) else []
        at += len(region.base)
    return merged


def lines(base: str, ours: str, theirs: str) -> str | None:
    """Three texts merged by line; None when both sides changed the same lines."""
    merged: list[str] = []
    for region in regions(*(text.splitlines(keepends=True) for text in (base, ours, theirs))):
        settled = _settled(region)
        if settled is None:
            return None
        merged += settled
    return "".join(merged)


def regions(base: Sequence[T], ours: Sequence[T], theirs: Sequence[T]) -> Iterator[Region]:
    """Three sequences cut where all of them agree: a stretch of agreement is one region, what is between another."""
    to_ours, to_theirs = _matches(base, ours), _matches(base, theirs)
    b = o = t = 0
    for index in range(len(base)):
        if index in to_ours and index in to_theirs:
            if (b, o, t) != (index, to_ours[index], to_theirs[index]):
                yield Region(base[b:index], ours[o : to_ours[index]], theirs[t : to_theirs[index]])
            b, o, t = index + 1, to_ours[index] + 1, to_theirs[index] + 1
            yield Region(base[index:b], ours[o - 1 : o], theirs[t - 1 : t])
    if b < len(base) or o < len(ours) or t < len(theirs):
        yield Region(base[b:], ours[o:], theirs[t:])


def _matches(one: Sequence[Any], other: Sequence[Any]) -> dict[int, int]:
    """Which members of ``one`` stand unchanged where in ``other``."""
    keys = [[msgspec.json.encode(member, order="sorted") for member in side] for side in (one, other)]
    both = (stretch for stretch in stretches(*keys) if stretch.same)
    return {at: at - each.begin + each.other_begin for each in both for at in range(each.begin, each.end)}


def _settled(region: Region) -> Sequence[Any] | None:
    """A stretch that at most one side changed, or both the same way; None otherwise."""
    if region.theirs in (region.ours, region.base):
        return region.ours
    return region.theirs if region.ours == region.base else None


def _all(kind: type, *values: Any) -> bool:
    return all(isinstance(value, kind) for value in values)


def _by(key: str, members: list[Any]) -> dict[str, Any]:
    return {member[key]: member for member in members}


def _named(key: str, *sides: list[Any]) -> bool:
    """Every member has a name of its own within its side; a list of a schema may be called like one of ours."""
    if not _all(dict, *(member for side in sides for member in side)):
        return False
    names = [[member.get(key) for member in side] for side in sides]
    return all(_all(str, *own) and len(set(own)) == len(own) for own in names)
