"""The place for the SQL of the prompt service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content, Prompt
from promptwire.database import Database, Encoded, metadata
from promptwire.errors import Failure

prompts = Table(
    "prompts",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("draft", Encoded(Content), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("tags", Encoded(list[str]), nullable=False, server_default="[]"),
    Column("folder", Text, nullable=False, server_default=""),
    Column("kind", String(20), nullable=False, server_default="chat"),
)
trash = Table(
    "trash",
    metadata,
    Column("key", String(100), ForeignKey("prompts.key"), primary_key=True),
    Column("deleted_at", String(32), nullable=False),
    Column("deleted_by", Text, nullable=False),
)
"""The prompts that were deleted. Their rows, drafts and versions stay; whoever asks for them finds nothing."""

Check: TypeAlias = Callable[[AsyncConnection, str], Awaitable[None]]


class PromptStore:
    """Prompts with their drafts. Every method raises Failure: not_found, or conflict."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, key: str, *, draft: Content, **described: Any) -> Prompt:
        """Keep a new prompt. A key that is taken, if only by a prompt in the trash, is a conflict."""
        at = now()
        row: dict[str, Any] = {"name": "", "description": "", "tags": [], "folder": "", "kind": "chat", **described}
        statement = insert(prompts).values(key=key, revision=1, draft=draft, created_at=at, updated_at=at, **row)
        try:
            async with self._database.transaction() as connection:
                return _prompt((await connection.execute(statement.returning(prompts))).one())
        except IntegrityError as error:
            where = "is in the trash" if await self.is_trashed(key) else "exists"
            raise Failure("conflict", f"a prompt with the key {key!r} {where}") from error

    async def prompt(self, key: str) -> Prompt:
        """One prompt."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(prompts).where(prompts.c.key == key, living(prompts)))).one_or_none()
        if row is None:
            raise unknown(key)
        return _prompt(row)

    async def every(self) -> list[Prompt]:
        """All prompts, the last edited first."""
        async with self._database.reading() as connection:
            newest = select(prompts).where(living(prompts)).order_by(prompts.c.updated_at.desc(), prompts.c.key)
            return [_prompt(row) for row in await connection.execute(newest)]

    async def is_empty(self) -> bool:
        """Nobody has written a prompt yet, or deleted one."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(prompts.c.key).limit(1))).one_or_none() is None

    async def update(self, key: str, *, revision: int | None, **values: Any) -> Prompt:
        """Change a prompt; when ``revision`` is given and no longer the stored one, it is a conflict."""
        statement = update(prompts).where(prompts.c.key == key, living(prompts))
        if revision is not None:
            statement = statement.where(prompts.c.revision == revision)
        statement = statement.values(revision=prompts.c.revision + 1, updated_at=now(), **values).returning(prompts)
        async with self._database.transaction() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            now_at = (await self.prompt(key)).revision
            raise Failure("conflict", f"the draft has moved on: it is at revision {now_at}, the edit was of {revision}")
        return _prompt(row)

    async def delete(self, key: str, person: str, check: Check | None = None) -> None:
        """Put a prompt into the trash, with everything that belongs to it, unless ``check`` raises."""
        async with self._database.transaction() as connection:
            found = select(prompts.c.key).where(prompts.c.key == key, living(prompts)).with_for_update()
            if (await connection.execute(found)).one_or_none() is None:
                raise unknown(key)
            if check is not None:
                await check(connection, key)
            await connection.execute(insert(trash).values(key=key, deleted_at=now(), deleted_by=person))

    async def restore(self, key: str) -> None:
        """Take a prompt out of the trash."""
        async with self._database.transaction() as connection:
            gone = delete(trash).where(trash.c.key == key).returning(trash.c.key)
            if (await connection.execute(gone)).one_or_none() is None:
                raise Failure("not_found", f"no prompt with the key {key!r} is in the trash")

    async def is_trashed(self, key: str) -> bool:
        """Whether a prompt was deleted."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(trash.c.key).where(trash.c.key == key))).one_or_none() is not None


def living(table: Table) -> ColumnElement[bool]:
    """The rows of ``table``, which has the keys of prompts, whose prompt is not in the trash."""
    return table.c.key.not_in(select(trash.c.key))


def _prompt(row: Row[Any]) -> Prompt:
    return Prompt(**row._asdict())  # the row's columns are the struct's fields


def unknown(key: str) -> Failure:
    """The failure of a call that names a prompt nobody wrote."""
    return Failure("not_found", f"no prompt with the key {key!r}")


def now() -> str:
    """This moment, as text that sorts in time: UTC, microseconds, like ``2026-11-24T10:00:00.000000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
