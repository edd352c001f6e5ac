"""The place for the SQL of prompts: what is everybody's of one, beside the draft of the person who calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.prompt import Content, Drafted, Prompt
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.person import person
from promptwire.prompt import drafts
from promptwire.prompt.drafts import Draft, Edit
from promptwire.prompt.tables import living, now, prompts, trash, unknown

NAMED: Final = ("name", "description")  # counted by ``about_revision``: people write them where they write the draft

Check: TypeAlias = Callable[[AsyncConnection, str], Awaitable[None]]


class PromptStore:
    """Prompts as the person who calls sees them. Every method raises Failure: not_found, or conflict."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, key: str, *, draft: Content, **about: Any) -> Prompt:
        """Keep a new prompt. A key that is taken, if only by a prompt in the trash, is a conflict."""
        at = now()
        row: dict[str, Any] = {"name": "", "description": "", "tags": [], "folder": "", "kind": "chat", **about}
        row |= {"about_revision": 1, "created_at": at, "updated_at": at}
        try:
            async with self._database.transaction() as connection:
                await connection.execute(insert(prompts).values(key=key, **row))
                await drafts.keep(connection, key, person(), Edit(draft))
                return await _prompt(connection, key)
        except IntegrityError as error:
            where = "is in the trash" if await self.is_trashed(key) else "exists"
            raise Failure("conflict", f"a prompt with the key {key!r} {where}") from error

    async def prompt(self, key: str) -> Prompt:
        """One prompt."""
        async with self._database.reading() as connection:
            return await _prompt(connection, key)

    async def every(self) -> list[Prompt]:
        """All prompts, the last edited first; who else has drafts of them is left out."""
        who = person()
        async with self._database.reading() as connection:
            ordered = select(prompts).where(living(prompts)).order_by(prompts.c.updated_at.desc(), prompts.c.key)
            rows = (await connection.execute(ordered)).all()
            found = await drafts.every(connection, who)
        return [_made(row, who, found[row.key]) for row in rows]

    async def is_empty(self) -> bool:
        """Nobody has written a prompt yet, or deleted one."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(prompts.c.key).limit(1))).one_or_none() is None

    async def draft(self, key: str, person: str) -> Draft:
        """What a person has written of a prompt. Not found when that is nothing."""
        async with self._database.reading() as connection:
            if (found := await drafts.own(connection, key, person)) is None:
                await _row(connection, key)
                raise Failure("not_found", f"{person or 'nobody'} has no draft of {key!r}")
            return found

    async def beginning(self, key: str) -> Draft:
        """What the person who calls has written of a prompt, or begins with."""
        async with self._database.reading() as connection:
            await _row(connection, key)
            return await drafts.current(connection, key, person())

    async def update(
        self, key: str, *, draft: Edit | None = None, about_revision: int | None = None, **about: Any
    ) -> Prompt:
        """Keep an edit of the caller's draft, and what is said about the prompt; all of it or, in a conflict, nothing.

        When ``about_revision`` is given, another name or description is not replaced unseen: it is a conflict.
        """
        async with self._database.transaction() as connection:
            row = await _row(connection, key, lock=True)
            if any(getattr(row, name) != about.get(name, getattr(row, name)) for name in NAMED):
                if about_revision is not None and about_revision != row.about_revision:
                    said = f"they are at revision {row.about_revision}, the edit was of {about_revision}"
                    raise Failure("conflict", f"name and description have moved on: {said}")
                about["about_revision"] = row.about_revision + 1
            await connection.execute(update(prompts).where(prompts.c.key == key).values(updated_at=now(), **about))
            if draft is not None:
                await drafts.keep(connection, key, person(), draft)
            return await _prompt(connection, key)

    async def delete(self, key: str, person: str, check: Check | None = None) -> None:
        """Put a prompt into the trash, with everything that belongs to it, unless ``check`` raises."""
        async with self._database.transaction() as connection:
            await _row(connection, key, lock=True)
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


async def _row(connection: AsyncConnection, key: str, *, lock: bool = False) -> Row[Any]:
    """What is everybody's of a prompt; with ``lock`` nobody else changes it until the transaction ends."""
    chosen = select(prompts).where(prompts.c.key == key, living(prompts))
    row = (await connection.execute(chosen.with_for_update() if lock else chosen)).one_or_none()
    if row is None:
        raise unknown(key)
    return row


async def _prompt(connection: AsyncConnection, key: str) -> Prompt:
    row, who = await _row(connection, key), person()
    others = await drafts.others(connection, key, who)
    return _made(row, who, await drafts.current(connection, key, who), others)


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
