"""The place for the SQL of records: every run a row, found by what a person remembers of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    Float,
    Index,
    Row,
    String,
    Table,
    Text,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from promptwire.api.base import Error
from promptwire.api.message import Attempt, Message, Usage
from promptwire.api.prompt import Content
from promptwire.api.record import Record, Round, RunStatus
from promptwire.database import INSERTS, Database, Encoded, Noted, metadata
from promptwire.errors import Failure
from promptwire.moment import timestamp

LEASE_S: Final = 15.0  # how long a run is believed to go on without a sign of life of its process

runs = Table(
    "runs",
    metadata,
    Column("id", Noted(100), primary_key=True),
    Column("prompt", Noted(100)),
    Column("version", Noted()),
    Column("label", Noted()),
    Column("status", String(10), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("duration_ms", Float),
    Column("ttft_ms", Float),
    Column("finish_reason", String(20)),
    Column("model", Noted()),
    Column("usage", Encoded(Usage)),
    Column("cost", Float),
    Column("error", Encoded(Error)),
    Column("trace_id", String(32), nullable=False),
    Column("person", Noted(), nullable=False),
    Column("key", Noted(), nullable=False),
    Column("scenario", Noted(), nullable=False),
    Column("replay_of", Noted(100)),
    Column("attempts", Encoded(list[Attempt])),
    Column("excerpt", Noted(), nullable=False),
    Column("request", Text),
    Column("content", Text),
    Column("messages", Text),
    Column("answer", Text),
    Column("rounds", Text),
    Column("cut", Encoded(list[str]), nullable=False),
    Column("writer", String(32), nullable=False),
    Column("alive_until", String(32), nullable=False),
    Index("ix_runs_started_at_id", "started_at", "id"),
    Index("ix_runs_prompt_started_at_id", "prompt", "started_at", "id"),
    Index("ix_runs_trace_id", "trace_id"),
    Index("ix_runs_status", "status"),
)

_CONTENTS: Final[Mapping[str, Any]] = {
    "request": msgspec.Raw,
    "content": Content,
    "messages": list[Message],
    "answer": Message,
    "rounds": list[Round],
}
_LISTED: Final = tuple(name for name in Record.__struct_fields__ if name not in _CONTENTS and name != "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs are looked for. ``direct``: those that asked a model directly, those of prompts, or both."""

    prompt: str | None = None
    direct: bool | None = None
    status: Sequence[RunStatus] = ()
    version: str | None = None
    person: str | None = None
    model: str | None = None
    since: str | None = None
    until: str | None = None
    text: str | None = None
    after: tuple[str, str] | None = None  # when it started and its id: where the page before ended
    limit: int = 50


class RecordStore:
    """Records of runs. ``writer`` names this process."""

    def __init__(self, database: Database, writer: str) -> None:
        self._database, self._writer = database, writer

    async def put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep runs as they are now."""
        own = {"writer": self._writer, "alive_until": _until()}
        await self._database.write(_put, [{**row, **own} for row in rows])

    async def still_running(self) -> None:
        """A sign of life for the runs of this process."""
        mine = (runs.c.writer == self._writer) & (runs.c.status == "running")
        await self._database.write(_execute, update(runs).where(mine).values(alive_until=_until()))

    async def record(self, run_id: str) -> Record:
        """A run with its contents. Raises Failure (not_found)."""
        columns = [*(runs.c[name] for name in (*_LISTED, *_CONTENTS)), _status()]
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*columns).where(runs.c.id == run_id))).one_or_none()
        if row is None:
            raise Failure("not_found", f"no run {run_id!r} is kept")
        record = _record(row)
        for name, kind in _CONTENTS.items():
            if (text := getattr(row, name)) is not None:
                setattr(record, name, msgspec.json.decode(text, type=kind))
        return record

    async def find(self, wanted: Wanted) -> list[Record]:
        """The runs that fit, the latest first, without their contents."""
        columns = [*(runs.c[name] for name in _LISTED), _status()]
        chosen = select(*columns).where(*_conditions(wanted)).limit(wanted.limit)
        chosen = chosen.order_by(runs.c.started_at.desc(), runs.c.id.desc())
        async with self._database.reading() as connection:
            return [_record(row) for row in await connection.execute(chosen)]

    async def forget(self, *, before: str, most: int) -> int:
        """Forget runs started before a moment, and the oldest beyond so many; how many those were."""
        async with self._database.transaction() as connection:
            oldest = select(runs.c.started_at).order_by(runs.c.started_at.desc()).offset(most).limit(1)
            edge = await connection.scalar(oldest)
            gone = runs.c.started_at < before if edge is None else runs.c.started_at <= max(before, edge)
            count = await connection.scalar(select(func.count()).where(gone))
            await connection.execute(delete(runs).where(gone))
            return count or 0


def _upsert(insert: Callable[[Table], Any]) -> Executable:
    statement = insert(runs)
    new = {name: statement.excluded[name] for name in runs.columns.keys() if name != "id"}  # noqa: SIM118
    return statement.on_conflict_do_update(index_elements=[runs.c.id], set_=new)


_UPSERT: Final[Mapping[str, Executable]] = {name: _upsert(insert) for name, insert in INSERTS.items()}


def _put(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(_UPSERT[connection.dialect.name], rows)


def _execute(connection: Connection, statement: Executable) -> None:
    connection.execute(statement)


def _until() -> str:
    return timestamp(datetime.now(UTC) + timedelta(seconds=LEASE_S))


def _status() -> ColumnElement[str]:
    """How a run ended, as far as that is known: one whose process is silent is lost."""
    silent = (runs.c.status == "running") & (runs.c.alive_until < timestamp())
    return case((silent, "lost"), else_=runs.c.status).label("status")


def _record(row: Row[Any]) -> Record:
    return Record(**{name: getattr(row, name) for name in (*_LISTED, "status")})


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        runs.c[name] == value
        for name in ("prompt", "version", "person", "model")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.direct is not None:
        found.append(runs.c.prompt.is_(None) if wanted.direct else runs.c.prompt.is_not(None))
    if wanted.status:
        found.append(_status().in_(wanted.status))
    if wanted.since is not None:
        found.append(runs.c.started_at >= wanted.since)
    if wanted.until is not None:
        found.append(runs.c.started_at < wanted.until)
    if wanted.text:
        found.append(_says(wanted.text))
    if wanted.after is not None:
        found.append(tuple_(runs.c.started_at, runs.c.id) < wanted.after)
    return found


def _says(text: str) -> ColumnElement[bool]:
    """The text is in what was asked or answered; contents are JSON, where some characters are written otherwise."""
    written = msgspec.json.encode(text).decode()[1:-1]
    places = (runs.c.request, runs.c.messages, runs.c.answer, runs.c.rounds, type_coerce(runs.c.error, Text))
    return or_(runs.c.id == text, *(place.icontains(written, autoescape=True) for place in places))
