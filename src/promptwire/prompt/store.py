"""The place for the SQL of prompts: what is everybody's of one, beside the draft of the person who calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content, Drafted, Prompt
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.person import person
from promptwire.prompt import drafts
from promptwire.prompt.drafts import Draft, Edit
from promptwire.prompt.tables import KNOWN, living, prompts, trash, unknown

NAMED: Final = ("name", "description")  # counted by ``about_revision``: people write them where they write the draft

Check: TypeAlias = Callable[[AsyncConnection, str], Awaitable[None]]


class PromptStore:
    """Prompts in ``database`` as the person who calls sees them. Methods raise Failure: not_found, or conflict."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(self, key: str, *, draft: Content, **about: Any) -> Prompt:
        """Keep a new prompt. A key that is taken, if only by a prompt in the trash, is a conflict."""
        at = timestamp()
        row: dict[str, Any] = {"name": "", "description": "", "tags": [], "folder": "", "kind": "chat", **about}
        row |= {"about_revision": 1, "created_at": at, "updated_at": at}
        try:
            async with self.database.transaction() as connection:
                await connection.execute(insert(prompts).values(key=key, **row))
                await connection.run_sync(drafts.keep, key, person(), Edit(draft))
                return await connection.run_sync(_prompt, key, person())
        except IntegrityError as error:
            where = "is in the trash" if await self.is_trashed(key) else "exists"
            raise Failure("conflict", f"a prompt with the key {key!r} {where}") from error

    async def known(self, key: str) -> None:
        """There is such a prompt."""
        if await self.database.ask(KNOWN, key=key) is None:
            raise unknown(key)

    async def prompt(self, key: str) -> Prompt:
        """One prompt."""
        return await self.database.read(_prompt, key, person())

    async def every(self) -> list[Prompt]:
        """All prompts, the last edited first; who else has drafts of them is left out."""
        return await self.database.read(_every, person())

    async def is_empty(self) -> bool:
        """Nobody has written a prompt yet, or deleted one."""
        return await self.database.read(lambda connection: not connection.execute(select(prompts.c.key).limit(1)).all())

    async def draft(self, key: str, person: str) -> Draft:
        """What a person has written of a prompt. Not found when that is nothing."""
        return await self.database.read(_draft, key, person)

    async def beginning(self, key: str) -> Draft:
        """What the person who calls has written of a prompt, or begins with."""
        return await self.database.read(_beginning, key, person())

    async def update(
        self, key: str, *, draft: Edit | None = None, about_revision: int | None = None, **about: Any
    ) -> Prompt:
        """Keep an edit of the caller's draft, and what is said about the prompt; all of it or, in a conflict, nothing.

        When ``about_revision`` is given, another name or description is not replaced unseen: it is a conflict.
        """
        async with self.database.transaction() as connection:
            row = await connection.run_sync(row_of, key, lock=True)
            if any(getattr(row, name) != about.get(name, getattr(row, name)) for name in NAMED):
                if about_revision is not None and about_revision != row.about_revision:
                    said = f"they are at revision {row.about_revision}, the edit was of {about_revision}"
                    raise Failure("conflict", f"name and description have moved on: {said}")
                about["about_revision"] = row.about_revision + 1
            await connection.execute(
                update(prompts).where(prompts.c.key == key).values(updated_at=timestamp(), **about)
            )
            if draft is not None:
                await connection.run_sync(drafts.keep, key, person(), draft)
            return await connection.run_sync(_prompt, key, person())

    async def delete(self, key: str, person: str, check: Check | None = None) -> None:
        """Put a prompt into the trash, with everything that belongs to it, unless ``check`` raises."""
        async with self.database.transaction() as connection:
            await connection.run_sync(row_of, key, lock=True)
            if check is not None:
                await check(connection, key)
            await connection.execute(insert(trash).values(key=key, deleted_at=timestamp(), deleted_by=person))

    async def restore(self, key: str) -> None:
        """Take a prompt out of the trash."""
        async with self.database.transaction() as connection:
            gone = delete(trash).where(trash.c.key == key).returning(trash.c.key)
            if (await connection.execute(gone)).one_or_none() is None:
                raise Failure("not_found", f"no prompt with the key {key!r} is in the trash")

    async def is_trashed(self, key: str) -> bool:
        """Whether a prompt was deleted."""
        found = select(trash.c.key).where(trash.c.key == key)
        return await self.database.read(lambda connection: bool(connection.execute(found).all()))


_PROMPT: Final = select(prompts).where(prompts.c.key == bindparam("key"), living(prompts))


def row_of(connection: Connection, key: str, *, lock: bool = False) -> Row[Any]:
    """What is everybody's of a prompt; with ``lock`` nobody else changes it until the transaction ends."""
    row = connection.execute(_PROMPT.with_for_update() if lock else _PROMPT, {"key": key}).one_or_none()
    if row is None:
        raise unknown(key)
    return row


def _prompt(connection: Connection, key: str, person: str) -> Prompt:
    row = row_of(connection, key)
    others = drafts.others(connection, key, person)
    return _made(row, person, drafts.current(connection, key, person), others)


def _every(connection: Connection, person: str) -> list[Prompt]:
    ordered = select(prompts).where(living(prompts)).order_by(prompts.c.updated_at.desc(), prompts.c.key)
    rows = connection.execute(ordered).all()
    found = drafts.every(connection, person)
    return [_made(row, person, found[row.key]) for row in rows]


def _draft(connection: Connection, key: str, person: str) -> Draft:
    if (found := drafts.own(connection, key, person)) is None:
        row_of(connection, key)
        raise Failure("not_found", f"{person or 'nobody'} has no draft of {key!r}")
    return found


def _beginning(connection: Connection, key: str, person: str) -> Draft:
    row_of(connection, key)
    return drafts.current(connection, key, person)


def _made(row: Row[Any], person: str, draft: Draft, others: list[Drafted] | None = None) -> Prompt:
    """The row's columns are fields of the struct."""
    return Prompt(
        **row._asdict(),
        person=person,
        draft=draft.content,
        revision=draft.revision,
        base=draft.base,
        modified=draft.modified,
        others=others or [],
    )
