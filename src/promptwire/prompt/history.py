"""The place for the SQL of versions: commits that never change, branches, labels and every move of a label."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content
from promptwire.api.version import Branch, Commit, Label, Move, Version
from promptwire.database import Database, Question
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.person import person
from promptwire.prompt import drafts
from promptwire.prompt.tables import MAIN, branches, commits, known, label_moves, labels, living, prompts, unknown

PRODUCTION: Final = "production"  # the label of what is in use

_AT_LABEL: Final = select(labels).where(labels.c.key == bindparam("key"), labels.c.name == bindparam("label"))
_OF_BRANCH: Final = select(branches.c.head).where(
    branches.c.key == bindparam("key"), branches.c.name == bindparam("branch")
)
_VERSIONS: Final = select(commits).where(commits.c.key == bindparam("key"), living(commits))
_LABELLED: Final = _AT_LABEL.with_only_columns(labels.c.version)
_LABEL: Final = Question(_AT_LABEL)
_HEAD: Final = Question(_OF_BRANCH)
_COMMIT: Final = Question(_VERSIONS.where(commits.c.version == bindparam("version")))
_FLOATING: Final = Question(
    _VERSIONS.where(commits.c.version == func.coalesce(_LABELLED.scalar_subquery(), _OF_BRANCH.scalar_subquery()))
)

Look: TypeAlias = Callable[[Content, str], Awaitable[dict[str, str]]]


class History:
    """The versions of every prompt. Methods raise Failure: not_found, conflict, permission_denied."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(
        self, key: str, content: Content | None, commit: Version, *, base: str | None, look: Look | None = None
    ) -> Commit:
        """Keep a version for good. ``commit.version`` empty: the next number; no ``content``: the caller's draft's.

        ``base`` is where the branch must be; ``commit.parents`` holds what was merged in, if anything. ``look`` refuses
        a content that may not be kept, and says which versions its snippets have. A draft that says the same is of this
        version from now on.
        """
        who = person()
        try:
            async with self._database.transaction() as connection:
                await _lock(connection, key)
                content = content or (await connection.run_sync(drafts.current, key, who)).content
                head = await connection.run_sync(_head, key, commit.branch)
                if base is not None and base != (head or ""):
                    raise Failure("conflict", f"{commit.branch} is at {head or 'nothing'}, not at {base or 'nothing'}")
                last = await connection.scalar(select(func.max(commits.c.number)).where(commits.c.key == key))
                number = (last or 0) + 1
                for parent in commit.parents:
                    await connection.run_sync(fetch, key, parent)
                commit.version = commit.version or str(number)
                commit.parents = list(dict.fromkeys([*([head] if head else []), *commit.parents]))
                snippets = None if look is None else await look(content, key)
                made = Commit(key=key, version=commit, content=content, snippets=snippets or None)
                await connection.execute(insert(commits).values(**_row(made, number)))
                await _set_head(connection, key, commit.branch, commit.version, existed=head is not None)
                await connection.run_sync(drafts.settle, key, who, content, commit.version)
                return made
        except IntegrityError as error:
            raise Failure("conflict", f"{key!r} has a version {commit.version} already") from error

    async def fetch(self, key: str, version: str) -> Commit:
        """One version."""
        return await self._database.read(fetch, key, version)

    async def chosen(self, key: str, *, version: str | None, label: str | None) -> Commit:
        """A version wins over a label, a label over the newest version of the main branch."""
        return await self._database.read(_chosen, key, version, label)

    async def floating(self, key: str) -> Commit | None:
        """What is meant when no version is named: the one in production, else the newest main version; None without."""
        row = await self._database.ask(_FLOATING, key=key, label=PRODUCTION, branch=MAIN)
        return None if row is None else _committed(row)

    async def versions(self, key: str, branch: str | None = None) -> list[Version]:
        """The versions committed on a branch, or all; the newest first, each with its labels."""
        return await self._database.read(_versions, key, branch)

    async def branches(self, key: str) -> list[Branch]:
        """Every branch with its newest version, by name."""
        chosen = select(branches).where(branches.c.key == key).order_by(branches.c.name)
        return [Branch(name=row.name, head=row.head) for row in await self._database.read(_rows_of, key, chosen)]

    async def create_branch(self, key: str, name: str, version: str) -> Branch:
        """A new branch that begins at a version."""
        try:
            async with self._database.transaction() as connection:
                await connection.run_sync(fetch, key, version)
                await connection.execute(insert(branches).values(key=key, name=name, head=version))
        except IntegrityError as error:
            raise Failure("conflict", f"{key!r} has a branch {name!r} already") from error
        return Branch(name=name, head=version)

    async def drop_branch(self, key: str, name: str) -> None:
        """Forget a branch; its versions stay."""
        async with self._database.transaction() as connection:
            gone = delete(branches).where(branches.c.key == key, branches.c.name == name).returning(branches.c.name)
            if (await connection.execute(gone)).one_or_none() is None:
                raise Failure("not_found", f"{key!r} has no branch {name!r}")

    async def labels(self, key: str) -> list[Label]:
        """Where every label is, by name."""
        chosen = select(labels).where(labels.c.key == key).order_by(labels.c.name)
        return [_label(row) for row in await self._database.read(_rows_of, key, chosen)]

    async def move_label(self, key: str, label: Label, *, reason: str, was: str | None, keep: bool) -> Label:
        """Point a label at a version and write down who did; ``keep``: its keepers stay who they are."""
        async with self._database.transaction() as connection:
            await _lock(connection, key)
            await connection.run_sync(fetch, key, label.version)
            before = await connection.run_sync(_labelled, key, label.name)
            _allow(before, label.name, label.moved_by)
            current = before.version if before else ""
            if was is not None and was != current:
                raise Failure("conflict", f"{label.name!r} is at {current or 'nothing'}, not at {was or 'nothing'}")
            label.moved_at = timestamp()
            if keep and before is not None:
                label.keepers = before.keepers
            values = {name: getattr(label, name) for name in ("version", "moved_at", "moved_by", "keepers")}
            if before is None:
                await connection.execute(insert(labels).values(key=key, name=label.name, **values))
            else:
                at = (labels.c.key == key) & (labels.c.name == label.name)
                await connection.execute(update(labels).where(at).values(**values))
            await _note(connection, key, label, current or None, label.version, reason)
            return label

    async def drop_label(self, key: str, name: str, *, person: str, reason: str) -> None:
        """Take a label away; its history stays."""
        async with self._database.transaction() as connection:
            before = await connection.run_sync(_labelled, key, name)
            if before is None:
                raise Failure("not_found", f"{key!r} has no label {name!r}")
            _allow(before, name, person)
            await connection.execute(delete(labels).where(labels.c.key == key, labels.c.name == name))
            before.moved_by, before.moved_at = person, timestamp()
            await _note(connection, key, before, before.version, None, reason)

    async def moves(self, key: str) -> list[Move]:
        """Every move of every label, the newest first."""
        chosen = select(label_moves).where(label_moves.c.key == key).order_by(label_moves.c.id.desc())
        rows = await self._database.read(_rows_of, key, chosen)
        return [Move(**{name: getattr(row, name) for name in Move.__struct_fields__}) for row in rows]


async def _lock(connection: AsyncConnection, key: str) -> None:
    """Nobody else changes the versions of a prompt until the transaction ends."""
    chosen = select(prompts.c.key).where(prompts.c.key == key, living(prompts)).with_for_update()
    if (await connection.execute(chosen)).one_or_none() is None:
        raise unknown(key)


def _rows_of(connection: Connection, key: str, chosen: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """What is chosen of a prompt that is known."""
    known(connection, key)
    return connection.execute(chosen).all()


def floating(connection: Connection, key: str) -> Commit | None:
    """See `History.floating`."""
    row = _FLOATING.ask(connection, key=key, label=PRODUCTION, branch=MAIN)
    return None if row is None else _committed(row)


def _chosen(connection: Connection, key: str, version: str | None, label: str | None) -> Commit:
    if version is None and label is not None:
        at = _labelled(connection, key, label)
        if at is None:
            known(connection, key)
            raise Failure("not_found", f"{key!r} has no label {label!r}")
        version = at.version
    if version is None and (version := _head(connection, key, MAIN)) is None:
        known(connection, key)
        raise Failure("not_found", f"{key!r} has no version yet")
    return fetch(connection, key, version)


def _versions(connection: Connection, key: str, branch: str | None) -> list[Version]:
    chosen = select(commits).where(commits.c.key == key).order_by(commits.c.number.desc())
    if branch is not None:
        chosen = chosen.where(commits.c.branch == branch)
    found = [_version(row) for row in _rows_of(connection, key, chosen)]
    at: dict[str, list[str]] = {}
    for name, version in connection.execute(select(labels.c.name, labels.c.version).where(labels.c.key == key)):
        at.setdefault(version, []).append(name)
    for version in found:
        version.labels = sorted(at.get(version.version, []))
    return found


def fetch(connection: Connection, key: str, version: str) -> Commit:
    """See `History.fetch`."""
    row = _COMMIT.ask(connection, key=key, version=version)
    if row is None:
        known(connection, key)
        raise Failure("not_found", f"{key!r} has no version {version!r}")
    return _committed(row)


def _head(connection: Connection, key: str, branch: str) -> str | None:
    """The newest version of a branch; None for a main branch that has none yet."""
    row = _HEAD.ask(connection, key=key, branch=branch)
    if row is None and branch != MAIN:
        raise Failure("not_found", f"{key!r} has no branch {branch!r}")
    return None if row is None else row.head


async def _set_head(connection: AsyncConnection, key: str, branch: str, version: str, *, existed: bool) -> None:
    at = (branches.c.key == key) & (branches.c.name == branch)
    if existed:
        await connection.execute(update(branches).where(at).values(head=version))
    else:
        await connection.execute(insert(branches).values(key=key, name=branch, head=version))


def _labelled(connection: Connection, key: str, name: str) -> Label | None:
    row = _LABEL.ask(connection, key=key, label=name)
    return None if row is None else _label(row)


def _allow(label: Label | None, name: str, person: str) -> None:
    if label is not None and label.keepers and person not in label.keepers:
        raise Failure("permission_denied", f"only {', '.join(label.keepers)} may move {name!r}")


async def _note(
    connection: AsyncConnection, key: str, label: Label, before: str | None, after: str | None, reason: str
) -> None:
    moved = {"before": before, "after": after, "person": label.moved_by, "reason": reason, "at": label.moved_at}
    await connection.execute(insert(label_moves).values(key=key, name=label.name, **moved))


def _row(commit: Commit, number: int) -> dict[str, Any]:
    version = commit.version
    fields = ("version", "branch", "message", "author", "parents", "created_at")
    return {name: getattr(version, name) for name in fields} | {
        "key": commit.key,
        "number": number,
        "content": commit.content,
        "snippets": commit.snippets,
    }


def _committed(row: Row[*tuple[Any, ...]]) -> Commit:
    return Commit(key=row.key, version=_version(row), content=row.content, snippets=row.snippets)


def _version(row: Row[*tuple[Any, ...]]) -> Version:
    fields = ("version", "branch", "message", "author", "parents", "created_at")
    return Version(**{name: getattr(row, name) for name in fields})


def _label(row: Row[*tuple[Any, ...]]) -> Label:
    return Label(**{name: getattr(row, name) for name in Label.__struct_fields__})
