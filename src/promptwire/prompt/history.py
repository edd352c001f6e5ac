"""The place for the SQL of versions: commits that never change, branches, labels and every move of a label."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content
from promptwire.api.version import Branch, Commit, Label, Move, Version
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.person import person
from promptwire.prompt import drafts
from promptwire.prompt.tables import MAIN, branches, commits, label_moves, labels, living, now, prompts, unknown

PRODUCTION: Final = "production"  # the label of what is in use

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
                content = content or (await drafts.current(connection, key, who)).content
                head = await _head(connection, key, commit.branch)
                if base is not None and base != (head or ""):
                    raise Failure("conflict", f"{commit.branch} is at {head or 'nothing'}, not at {base or 'nothing'}")
                last = await connection.scalar(select(func.max(commits.c.number)).where(commits.c.key == key))
                number = (last or 0) + 1
                for parent in commit.parents:
                    await _commit(connection, key, parent)
                commit.version = commit.version or str(number)
                commit.parents = list(dict.fromkeys([*([head] if head else []), *commit.parents]))
                snippets = None if look is None else await look(content, key)
                made = Commit(key=key, version=commit, content=content, snippets=snippets or None)
                await connection.execute(insert(commits).values(**_row(made, number)))
                await _set_head(connection, key, commit.branch, commit.version, existed=head is not None)
                await drafts.settle(connection, key, who, content, commit.version)
                return made
        except IntegrityError as error:
            raise Failure("conflict", f"{key!r} has a version {commit.version} already") from error

    async def fetch(self, key: str, version: str) -> Commit:
        """One version."""
        async with self._database.reading() as connection:
            return await _commit(connection, key, version)

    async def chosen(self, key: str, *, version: str | None, label: str | None) -> Commit:
        """A version wins over a label, a label over the newest version of the main branch."""
        async with self._database.reading() as connection:
            if version is None and label is not None:
                at = await _labelled(connection, key, label)
                if at is None:
                    await _known(connection, key)
                    raise Failure("not_found", f"{key!r} has no label {label!r}")
                version = at.version
            if version is None and (version := await _head(connection, key, MAIN)) is None:
                await _known(connection, key)
                raise Failure("not_found", f"{key!r} has no version yet")
            return await _commit(connection, key, version)

    async def floating(self, key: str) -> Commit | None:
        """What is meant when no version is named: the one in production, else the newest main version; None without."""
        async with self._database.reading() as connection:
            at = await _labelled(connection, key, PRODUCTION)
            version = await _head(connection, key, MAIN) if at is None else at.version
            return None if version is None else await _commit(connection, key, version)

    async def versions(self, key: str, branch: str | None = None) -> list[Version]:
        """The versions committed on a branch, or all; the newest first, each with its labels."""
        async with self._database.reading() as connection:
            await _known(connection, key)
            chosen = select(commits).where(commits.c.key == key).order_by(commits.c.number.desc())
            if branch is not None:
                chosen = chosen.where(commits.c.branch == branch)
            found = [_version(row) for row in await connection.execute(chosen)]
            named = await connection.execute(select(labels.c.name, labels.c.version).where(labels.c.key == key))
            at: dict[str, list[str]] = {}
            for name, version in named:
                at.setdefault(version, []).append(name)
        for version in found:
            version.labels = sorted(at.get(version.version, []))
        return found

    async def branches(self, key: str) -> list[Branch]:
        """Every branch with its newest version, by name."""
        async with self._database.reading() as connection:
            await _known(connection, key)
            rows = await connection.execute(select(branches).where(branches.c.key == key).order_by(branches.c.name))
            return [Branch(name=row.name, head=row.head) for row in rows]

    async def create_branch(self, key: str, name: str, version: str) -> Branch:
        """A new branch that begins at a version."""
        try:
            async with self._database.transaction() as connection:
                await _commit(connection, key, version)
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
        async with self._database.reading() as connection:
            await _known(connection, key)
            rows = await connection.execute(select(labels).where(labels.c.key == key).order_by(labels.c.name))
            return [_label(row) for row in rows]

    async def move_label(self, key: str, label: Label, *, reason: str, was: str | None, keep: bool) -> Label:
        """Point a label at a version and write down who did; ``keep``: its keepers stay who they are."""
        async with self._database.transaction() as connection:
            await _lock(connection, key)
            await _commit(connection, key, label.version)
            before = await _labelled(connection, key, label.name)
            _allow(before, label.name, label.moved_by)
            current = before.version if before else ""
            if was is not None and was != current:
                raise Failure("conflict", f"{label.name!r} is at {current or 'nothing'}, not at {was or 'nothing'}")
            label.moved_at = now()
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
            before = await _labelled(connection, key, name)
            if before is None:
                raise Failure("not_found", f"{key!r} has no label {name!r}")
            _allow(before, name, person)
            await connection.execute(delete(labels).where(labels.c.key == key, labels.c.name == name))
            before.moved_by, before.moved_at = person, now()
            await _note(connection, key, before, before.version, None, reason)

    async def moves(self, key: str) -> list[Move]:
        """Every move of every label, the newest first."""
        async with self._database.reading() as connection:
            await _known(connection, key)
            chosen = select(label_moves).where(label_moves.c.key == key).order_by(label_moves.c.id.desc())
            fields = Move.__struct_fields__
            return [Move(**{name: getattr(row, name) for name in fields}) for row in await connection.execute(chosen)]


async def _lock(connection: AsyncConnection, key: str) -> None:
    """Nobody else changes the versions of a prompt until the transaction ends."""
    chosen = select(prompts.c.key).where(prompts.c.key == key, living(prompts)).with_for_update()
    if (await connection.execute(chosen)).one_or_none() is None:
        raise unknown(key)


async def _known(connection: AsyncConnection, key: str) -> None:
    found = select(prompts.c.key).where(prompts.c.key == key, living(prompts))
    if (await connection.execute(found)).one_or_none() is None:
        raise unknown(key)


async def _commit(connection: AsyncConnection, key: str, version: str) -> Commit:
    chosen = select(commits).where(commits.c.key == key, commits.c.version == version, living(commits))
    if (row := (await connection.execute(chosen)).one_or_none()) is None:
        await _known(connection, key)
        raise Failure("not_found", f"{key!r} has no version {version!r}")
    return Commit(key=key, version=_version(row), content=row.content, snippets=row.snippets)


async def _head(connection: AsyncConnection, key: str, branch: str) -> str | None:
    """The newest version of a branch; None for a main branch that has none yet."""
    chosen = select(branches.c.head).where(branches.c.key == key, branches.c.name == branch)
    head: str | None = await connection.scalar(chosen)
    if head is None and branch != MAIN:
        raise Failure("not_found", f"{key!r} has no branch {branch!r}")
    return head


async def _set_head(connection: AsyncConnection, key: str, branch: str, version: str, *, existed: bool) -> None:
    at = (branches.c.key == key) & (branches.c.name == branch)
    if existed:
        await connection.execute(update(branches).where(at).values(head=version))
    else:
        await connection.execute(insert(branches).values(key=key, name=branch, head=version))


async def _labelled(connection: AsyncConnection, key: str, name: str) -> Label | None:
    chosen = select(labels).where(labels.c.key == key, labels.c.name == name)
    row = (await connection.execute(chosen)).one_or_none()
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


def _version(row: Row[Any]) -> Version:
    fields = ("version", "branch", "message", "author", "parents", "created_at")
    return Version(**{name: getattr(row, name) for name in fields})


def _label(row: Row[Any]) -> Label:
    return Label(**{name: getattr(row, name) for name in Label.__struct_fields__})
