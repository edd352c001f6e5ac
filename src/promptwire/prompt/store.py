"""The place for the SQL of the prompt service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Row, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError

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
)


class PromptStore:
    """Prompts with their drafts. Every method raises Failure: not_found, or conflict."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, key: str, *, name: str, description: str, draft: Content) -> Prompt:
        """Keep a new prompt. A key that is taken is a conflict."""
        at = now()
        row = {"name": name, "description": description, "draft": draft, "created_at": at, "updated_at": at}
        statement = insert(prompts).values(key=key, revision=1, **row).returning(prompts)
        try:
            async with self._database.transaction() as connection:
                return _prompt((await connection.execute(statement)).one())
        except IntegrityError as error:
            raise Failure("conflict", f"a prompt with the key {key!r} exists") from error

    async def prompt(self, key: str) -> Prompt:
        """One prompt."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(prompts).where(prompts.c.key == key))).one_or_none()
        if row is None:
            raise unknown(key)
        return _prompt(row)

    async def every(self) -> list[Prompt]:
        """All prompts, the last edited first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(prompts).order_by(prompts.c.updated_at.desc(), prompts.c.key))
            return [_prompt(row) for row in rows]

    async def is_empty(self) -> bool:
        """Nobody has written a prompt yet."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(prompts.c.key).limit(1))).one_or_none() is None

    async def update(self, key: str, *, revision: int | None, **values: Any) -> Prompt:
        """Change a prompt; when ``revision`` is given and no longer the stored one, it is a conflict."""
        statement = update(prompts).where(prompts.c.key == key)
        if revision is not None:
            statement = statement.where(prompts.c.revision == revision)
        statement = statement.values(revision=prompts.c.revision + 1, updated_at=now(), **values).returning(prompts)
        async with self._database.transaction() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            now_at = (await self.prompt(key)).revision
            raise Failure("conflict", f"the draft has moved on: it is at revision {now_at}, the edit was of {revision}")
        return _prompt(row)


def _prompt(row: Row[Any]) -> Prompt:
    return Prompt(**row._asdict())  # the row's columns are the struct's fields


def unknown(key: str) -> Failure:
    """The failure of a call that names a prompt nobody wrote."""
    return Failure("not_found", f"no prompt with the key {key!r}")


def now() -> str:
    """This moment, as text that sorts in time: UTC, microseconds, like ``2026-11-24T10:00:00.000000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
