"""The place for the SQL of saved inputs, and of which one a person goes on with."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from promptwire.api.input import Input
from promptwire.api.message import Message
from promptwire.database import Database, Encoded, metadata
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.prompt.tables import known, living

inputs = Table(
    "inputs",
    metadata,
    Column("key", String(100), ForeignKey("prompts.key"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("values", Encoded(dict[str, msgspec.Raw]), nullable=False),
    Column("messages", Encoded(list[Message]), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("owner", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("updated_at", String(32), nullable=False),
    UniqueConstraint("key", "owner", "name"),
)
marks = Table(
    "input_marks",
    metadata,
    Column("key", String(100), ForeignKey("prompts.key"), primary_key=True),
    Column("person", String(100), primary_key=True),
    Column("id", String(32), nullable=False),
)


class InputStore:
    """Saved inputs, as a person sees them. Methods raise Failure: not_found, conflict, permission_denied."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def every(self, key: str, person: str) -> tuple[list[Input], str | None]:
        """What ``person`` sees of a prompt's inputs, by name, and which of them is marked."""
        return await self._database.read(_every, key, person)

    async def one(self, key: str, id: str, person: str) -> Input:
        """One input."""
        return await self._database.read(_one, key, id, person)

    async def create(self, key: str, person: str, **values: Any) -> Input:
        """Keep a new input. A name this person has given already is a conflict."""
        row = {
            "key": key,
            "id": secrets.token_hex(6),
            "owner": person,
            "revision": 1,
            "updated_at": timestamp(),
            **values,
        }
        try:
            async with self._database.transaction() as connection:
                await connection.run_sync(known, key)
                return _input((await connection.execute(insert(inputs).values(**row).returning(inputs))).one())
        except IntegrityError as error:
            raise _taken(key, str(row["name"])) from error

    async def update(self, key: str, id: str, person: str, *, revision: int | None, **values: Any) -> Input:
        """Change an input; when ``revision`` is given and no longer the stored one, it is a conflict."""
        try:
            async with self._database.transaction() as connection:
                before = await connection.run_sync(_one, key, id, person, lock=True)
                if revision is not None and revision != before.revision:
                    raise Failure(
                        "conflict",
                        f"it has moved on: it is at revision {before.revision}, the change was of {revision}",
                    )
                if not values.get("shared", True):
                    _allow(before, person)
                at = (inputs.c.key == key) & (inputs.c.id == id)
                changed = (
                    update(inputs).where(at).values(revision=before.revision + 1, updated_at=timestamp(), **values)
                )
                return _input((await connection.execute(changed.returning(inputs))).one())
        except IntegrityError as error:
            raise _taken(key, values["name"]) from error

    async def delete(self, key: str, id: str, person: str) -> None:
        """Forget an input, and that anybody marked it."""
        async with self._database.transaction() as connection:
            _allow(await connection.run_sync(_one, key, id, person, lock=True), person)
            await connection.execute(delete(marks).where(marks.c.key == key, marks.c.id == id))
            await connection.execute(delete(inputs).where(inputs.c.key == key, inputs.c.id == id))

    async def mark(self, key: str, id: str | None, person: str) -> None:
        """Remember which input a person goes on with; None: with none."""
        async with self._database.transaction() as connection:
            await connection.run_sync(known, key)
            await connection.execute(delete(marks).where(marks.c.key == key, marks.c.person == person))
            if id is not None:
                await connection.run_sync(_one, key, id, person, lock=True)
                await connection.execute(insert(marks).values(key=key, person=person, id=id))


def _seen_by(person: str) -> Any:
    return or_(inputs.c.owner == person, inputs.c.shared)


def _allow(one: Input, person: str) -> None:
    if one.owner != person:
        raise Failure("permission_denied", f"only {one.owner or 'its owner'} may take {one.name!r} away from others")


def _every(connection: Connection, key: str, person: str) -> tuple[list[Input], str | None]:
    known(connection, key)
    chosen = select(inputs).where(inputs.c.key == key, _seen_by(person))
    rows = connection.execute(chosen.order_by(func.lower(inputs.c.name), inputs.c.id))
    found = [_input(row) for row in rows]
    marked = connection.scalar(select(marks.c.id).where(marks.c.key == key, marks.c.person == person))
    return found, marked if any(one.id == marked for one in found) else None


def _one(connection: Connection, key: str, id: str, person: str, *, lock: bool = False) -> Input:
    """An input; with ``lock`` nobody else changes it until the transaction ends."""
    chosen = select(inputs).where(inputs.c.key == key, inputs.c.id == id, _seen_by(person), living(inputs))
    if (row := connection.execute(chosen.with_for_update() if lock else chosen).one_or_none()) is None:
        known(connection, key)
        raise Failure("not_found", f"{key!r} has no saved input {id!r}")
    return _input(row)


def _input(row: Row[Any]) -> Input:
    return Input(**row._asdict())  # the row's columns are the struct's fields


def _taken(key: str, name: str) -> Failure:
    return Failure("conflict", f"you have an input {name!r} of {key!r} already")
