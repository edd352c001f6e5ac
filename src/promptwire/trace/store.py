"""The place for the SQL of traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Executable, Index, String, Table, delete, func, select

from promptwire.api.base import Json
from promptwire.api.trace import SpanEvent, TraceSpan
from promptwire.database import INSERTS, Database, Encoded, Noted, metadata

spans = Table(
    "spans",
    metadata,
    Column("trace_id", String(32), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("parent_id", String(16)),
    Column("name", Noted(), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("process", Noted(), nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("status", String(10), nullable=False),
    Column("message", Noted(), nullable=False),
    Column("attributes", Encoded(dict[str, Json]), nullable=False),
    Column("events", Encoded(list[SpanEvent]), nullable=False),
    Index("ix_spans_started_us", "started_us"),
)
_COLUMNS: Final = tuple(column.name for column in spans.columns)


class TraceStore:
    """Spans by trace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, found: Sequence[TraceSpan]) -> None:
        """Keep spans; one that is kept already stays as it is."""
        await self._database.write(_add, found)

    async def spans(self, trace_id: str) -> list[TraceSpan]:
        """The spans of a trace, by when they began."""
        chosen = select(spans).where(spans.c.trace_id == trace_id).order_by(spans.c.started_us, spans.c.id)
        async with self._database.reading() as connection:
            return [TraceSpan(**row._asdict()) for row in await connection.execute(chosen)]

    async def forget(self, *, before_us: int, most: int) -> int:
        """Forget spans begun before a moment, and the oldest beyond so many; how many those were."""
        async with self._database.transaction() as connection:
            oldest = select(spans.c.started_us).order_by(spans.c.started_us.desc()).offset(most).limit(1)
            edge = max(before_us, (await connection.scalar(oldest) or 0) + 1)
            count = await connection.scalar(select(func.count()).where(spans.c.started_us < edge))
            await connection.execute(delete(spans).where(spans.c.started_us < edge))
            return count or 0


_INSERT: Final[Mapping[str, Executable]] = {
    name: insert(spans).on_conflict_do_nothing() for name, insert in INSERTS.items()
}


def _add(connection: Connection, found: Sequence[TraceSpan]) -> None:
    rows = [{name: getattr(span, name) for name in _COLUMNS} for span in found]
    connection.execute(_INSERT[connection.dialect.name], rows)
