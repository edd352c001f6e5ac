"""The place for who includes a snippet: every draft and version, directly and through other snippets.

Found by reading the texts themselves; there is no index that could be wrong. The database passes over what holds no
include at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Text, cast, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content, PromptKind
from promptwire.api.snippet import SnippetUse
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.history import History
from promptwire.prompt.snippets import DRAFT
from promptwire.prompt.tables import commits, drafts, labels, living, prompts
from promptwire.template.snippets import included

SHOWN: Final = 5  # users named when a deletion is refused


class Node(NamedTuple):
    """A draft or a version of a prompt."""

    key: str
    version: str


class User(NamedTuple):
    """A draft or version that names a snippet itself. ``pinned``: the version it names; None when it floats."""

    node: Node
    name: str
    kind: PromptKind
    pinned: str | None


class _Target(NamedTuple):
    """What is looked for: a snippet at one version, or any; how it leads to the first; what version of that is held."""

    key: str
    version: str | None
    through: tuple[str, ...]
    pinned: str | None


class Usage:
    """Who includes what, in the prompts and versions of ``database``."""

    def __init__(self, database: Database, history: History) -> None:
        self._database, self._history = database, history

    async def uses(self, key: str) -> list[SnippetUse]:
        """The drafts and versions that ``key`` is part of, the nearest first."""
        found: dict[Node, SnippetUse] = {}
        left = deque([_Target(key, None, (), None)])
        async with self._database.reading() as connection:
            named = await _labels(connection)
            while left:
                target = left.popleft()
                async for user in self._users(connection, target):
                    if user.node in found:
                        continue
                    pinned = target.pinned if target.through else user.pinned
                    found[user.node] = _use(user, target.through, pinned, named)
                    if user.kind == "snippet":
                        through = (user.node.key, *target.through)
                        left.append(_Target(user.node.key, user.node.version, through, pinned))
        return list(found.values())

    async def _users(self, connection: AsyncConnection, target: _Target) -> AsyncIterator[User]:
        floating: str | None = None
        if target.version is not None:
            commit = await self._history.floating(target.key)
            floating = DRAFT if commit is None else commit.version.version
        for user in await users(connection, target.key):
            if target.version is None or (user.pinned or floating) == target.version:
                yield user


async def users(connection: AsyncConnection, key: str) -> list[User]:
    """The drafts and versions of other prompts that name ``key`` themselves."""
    who = (prompts.c.key, prompts.c.name, prompts.c.kind)
    written = select(*who, literal(DRAFT).label("version"), drafts.c.content).join(
        drafts, drafts.c.key == prompts.c.key
    )
    written = written.where(_has_includes(drafts.c.content))
    versions = select(*who, commits.c.version, commits.c.content).join(commits, commits.c.key == prompts.c.key)
    versions = versions.where(_has_includes(commits.c.content)).order_by(commits.c.number.desc())
    found: list[User] = []
    for chosen in (written, versions):
        for row in await connection.execute(chosen.where(prompts.c.key != key, living(prompts))):
            node = Node(row.key, row.version)
            found += (User(node, row.name, row.kind, pinned) for pinned in _pins(row.content, key))
    return list(dict.fromkeys(found))  # the drafts of several people are one user


async def refuse_in_use(connection: AsyncConnection, key: str) -> None:
    """Raises Failure (conflict) when somebody includes ``key``."""
    if found := await users(connection, key):
        named = dict.fromkeys(f"{user.node.key} ({user.node.version})" for user in found)
        more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
        raise Failure("conflict", f"{key!r} is in use: it is included by {', '.join([*named][:SHOWN])}{more}")


def _has_includes(column: Column[Any]) -> ColumnElement[bool]:
    return cast(column, Text).like("%{{>%")


def _pins(content: Content, key: str) -> Iterable[str | None]:
    """The versions of ``key`` that a content names, None for the one that floats; each once."""
    return dict.fromkeys(one.reference.version for one in included(content) if one.reference.key == key)


async def _labels(connection: AsyncConnection) -> dict[Node, list[str]]:
    named: dict[Node, list[str]] = {}
    for key, name, version in await connection.execute(select(labels.c.key, labels.c.name, labels.c.version)):
        named.setdefault(Node(key, version), []).append(name)
    return named


def _use(user: User, through: tuple[str, ...], pinned: str | None, named: dict[Node, list[str]]) -> SnippetUse:
    node = user.node
    return SnippetUse(
        key=node.key,
        name=user.name,
        kind=user.kind,
        version=None if node.version == DRAFT else node.version,
        labels=sorted(named.get(node, [])),
        through=list(through),
        pinned=pinned,
    )
