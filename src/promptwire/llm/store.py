"""The place for the SQL of the LLM service: rows that govern models, seen by every process within a second.

A row is an api value under its kind and id. Every change takes the next revision of one counter, so a process knows
by one number whether what it holds is still what is stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, String, Table, Text, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from promptwire.database import INSERTS, Database, Question, metadata
from promptwire.errors import Failure

T = TypeVar("T")

FRESH_S: Final = 0.5  # how long a process takes what it holds for what is stored
_COUNTER_LOCK: Final = 0x726F7773  # "rows", the advisory lock under which the counter moves on PostgreSQL

rows = Table(
    "rows",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_rows_revision", "revision"),
)


_REVISION: Final = Question(select(func.max(rows.c.revision).label("last")))
_OF_KIND: Final = (
    select(rows.c.id, rows.c.body).where(rows.c.kind == bindparam("kind"), ~rows.c.deleted).order_by(rows.c.id)
)


class RowStore:
    """Rows, by kind and id."""

    def __init__(self, database: Database, *, fresh_s: float = FRESH_S) -> None:
        self._database = database
        self._fresh_s = fresh_s
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._seen = -1

    async def put(self, kind: str, id: str, value: object) -> int:
        """Keep ``value``; the revision it has now."""
        return await self._write(kind, id, msgspec.json.encode(value).decode(), deleted=False)

    async def delete(self, kind: str, id: str) -> None:
        """Forget a row. Raises Failure (not_found)."""
        if id not in await self.all(kind, object):
            raise Failure("not_found", f"there is no {kind.replace('_', ' ')} {id!r}")
        await self._write(kind, id, "null", deleted=True)

    async def all(self, kind: str, of: type[T]) -> dict[str, T]:
        """Every row of ``kind``, by id."""
        return await self._database.read(_all, kind, of)

    async def revision(self) -> int:
        """The number of the last change."""
        row = await self._database.ask(_REVISION)
        return 0 if row is None else row.last or 0

    async def seen(self) -> int:
        """The same as of at most `FRESH_S` ago; what this process has changed is in it.

        All that is kept of the rows asks here, so that a run has to wait for one look and not for each of them.
        """
        if time.monotonic() - self._looked_at > self._fresh_s:
            async with self._looking:
                if time.monotonic() - self._looked_at > self._fresh_s:
                    try:
                        self._seen = max(self._seen, await self.revision())
                    except SQLAlchemyError:
                        self._looked_at = time.monotonic()  # a store that is lost is not asked by every run either
                        raise
                    self._looked_at = time.monotonic()
        return self._seen

    async def _write(self, kind: str, id: str, body: str, *, deleted: bool) -> int:
        insert = INSERTS[self._database.engine.dialect.name]
        async with self._database.transaction() as connection:
            if not self._database.sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(_COUNTER_LOCK)))
            revision = await connection.run_sync(_revision) + 1
            values = {"revision": revision, "deleted": deleted, "body": body}
            statement = insert(rows).values(kind=kind, id=id, **values)
            statement = statement.on_conflict_do_update(index_elements=[rows.c.kind, rows.c.id], set_=values)
            await connection.execute(statement)
        self._seen = max(self._seen, revision)
        return revision


def _revision(connection: Connection) -> int:
    row = _REVISION.ask(connection)
    return 0 if row is None else row.last or 0


def _all(connection: Connection, kind: str, of: type[T]) -> dict[str, T]:
    found = connection.execute(_OF_KIND, {"kind": kind})
    return {row.id: msgspec.json.decode(row.body, type=of) for row in found}


class Kept(Generic[T]):
    """What ``make`` makes of the rows of some kinds, made anew when a row changed.

    While the store cannot be read, what is kept holds on.
    """

    def __init__(
        self,
        store: RowStore,
        kinds: Mapping[str, type[object]],
        make: Callable[[Mapping[str, Mapping[str, object]]], T],
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._make = make
        self._making = asyncio.Lock()
        self._revision = -1
        self._value: T | None = None

    async def now(self) -> T:
        """The value as of at most `FRESH_S` ago."""
        try:
            revision = await self._store.seen()
            if self._value is None or revision != self._revision:
                async with self._making:
                    if self._value is None or revision != self._revision:
                        self._value = self._make(
                            {kind: await self._store.all(kind, of) for kind, of in self._kinds.items()}
                        )
                        self._revision = revision
        except SQLAlchemyError as error:
            if self._value is None:
                raise Failure("overloaded", "the rows that govern models cannot be read") from error
        return self._value
