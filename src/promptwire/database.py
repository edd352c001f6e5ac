"""The place for the connection to the database: engine, transactions and migration, on SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

from promptwire.errors import Failure
from promptwire.sqlite import BUSY_TIMEOUT_MS, READERS, Threads, prepare

P = ParamSpec("P")
T = TypeVar("T")

MIGRATIONS: Final = Path(__file__).parent / "migrations"
MIGRATION_LOCK: Final = 0x70726F6D70747769  # "promptwi", the advisory lock's name on PostgreSQL
CONNECT_TIMEOUT_S: Final = 10  # to a PostgreSQL that does not answer; the driver waits for two minutes
_COUNTED: Final = re.compile(r"_m?\d+$")  # what SQLAlchemy adds to the name of a column that something is compared with
_SQLITE: Final = sqlite_dialect()

INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {"sqlite": sqlite_insert, "postgresql": postgres_insert}
"""What begins an INSERT that knows ``on_conflict``, by the name of the dialect."""

log = logging.getLogger(__name__)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The tables of every store, so that one test can compare them with what the migrations make."""


class DatabaseError(Exception):
    """The database cannot be used as it is."""


class Encoded(TypeDecorator[Any]):
    """A column that holds an api value as JSON text: the shape on the wire is the shape in storage."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._decoder = msgspec.json.Decoder(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To storage."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From storage."""
        return None if value is None else self._decoder.decode(value)


class Noted(TypeDecorator[str]):
    """A column for words from outside that are only noted: cut at ``length``, and without NUL.

    PostgreSQL takes neither, and a row that it refuses would hold up all that are written with it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in a database."""
        return dialect.type_descriptor(Text() if self.length is None else String(self.length))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To storage."""
        return None if value is None else value[: self.length].replace("\0", "\N{REPLACEMENT CHARACTER}")


class Question:
    """A SELECT of one row at most that runs ask for, put together once: that costs more than its answer.

    ``statement`` leaves its places open (`bindparam`). On SQLite the driver is asked, without what SQLAlchemy does for
    every statement alike.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        compiled = statement.compile(dialect=_SQLITE)
        self._text, self._places = str(compiled), tuple(compiled.positiontup or ())
        self._given = dict[str, Any](compiled.params)
        columns = statement.selected_columns
        self._row = msgspec.defstruct("Row", [str(name) for name in columns.keys()])  # noqa: SIM118
        self._readers = [_reader_of(column.type) for column in columns]

    def ask(self, connection: Connection, **values: str) -> Row[*tuple[Any, ...]] | None:
        """The row, if there is one, for the ``values`` in its places."""
        link = connection.connection.dbapi_connection
        if isinstance(link, sqlite3.Connection) and "\0" not in "".join(values.values()):  # which `_refuse_nul` refuses
            said = self._given | values
            with contextlib.suppress(sqlite3.Error):  # SQLAlchemy asks again, and says what is wrong in its own words
                row = link.execute(self._text, [said[place] for place in self._places]).fetchone()
                return row and cast("Any", self._row(*map(_read, self._readers, row)))
        return connection.execute(self.statement, values).one_or_none()


class Database:
    """The database of one process. `migrate` before the first use, `close` after the last."""

    def __init__(self, url: str) -> None:
        self.url = _async_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(self)
        self._reader = Threads(self.url, "read", most=READERS) if self.sqlite else None
        self._writer = Threads(self.url, "write") if self.sqlite else None
        for threads in (self._reader, self._writer):
            if threads is not None:
                _refuse_nul(threads.engine)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection that reads and writes; committed at the end, rolled back when the block raises."""
        async with self.engine.connect() as connection:
            await connection.execution_options(promptwire_begin="BEGIN IMMEDIATE")
            async with connection.begin():
                yield connection

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the data and waits for no writer."""
        async with self.engine.connect() as connection:
            if not self.sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` gives, which sees one state of the data and waits for no writer.

        On SQLite it is one step of a thread; a connection that `reading` gives takes one for each of its moves, and a
        run waits for this before its model is asked.
        """
        if self._reader is not None:
            return await self._reader.do(lambda connection: work(connection, *args, **kwargs))
        async with self.reading() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def ask(self, question: Question, **values: str) -> Row[*tuple[Any, ...]] | None:
        """The one row that a question is for; `read` without a transaction, which a single statement is by itself."""
        if self._reader is not None:
            return await self._reader.do(lambda connection: question.ask(connection, **values), alone=True)
        async with self.reading() as connection:
            return await connection.run_sync(question.ask, **values)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` gives, which reads and writes; committed at its end, rolled back when it raises.

        On SQLite it is one step of a thread, as `read` is; who is cancelled leaves it to end.
        """
        if self._writer is not None:
            return await self._writer.do(lambda connection: work(connection, *args, **kwargs))
        async with self.transaction() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def migrate(self) -> None:
        """Bring the tables to the newest shape. Several processes may do so at once: one does, the others wait."""
        async with self.engine.connect() as connection:
            current = await connection.run_sync(_revision)
        if current == newest_revision():
            return
        if current is not None and current > newest_revision():
            raise DatabaseError(f"the database is at revision {current}, newer than this program ({newest_revision()})")
        with self._migration_lock():
            async with self.transaction() as connection:
                if not self.sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                await connection.run_sync(_upgrade)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        for threads in (self._reader, self._writer):
            if threads is not None:
                await threads.close()

    @contextlib.contextmanager
    def _migration_lock(self) -> Iterator[None]:
        """SQLite cannot switch its journal while others begin to write, so the file system says who migrates."""
        if not self.sqlite:
            yield
            return
        with Path(f"{self.url.database}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with contextlib.closing(sqlite3.connect(self.url.database)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")  # kept in the file for good
            yield


def _reader_of(type_: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """What makes a value of what SQLite gives, if it is not the value."""
    return type_.dialect_impl(_SQLITE).result_processor(_SQLITE, None)


def _read(reader: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if reader is None else reader(value)


def newest_revision() -> str:
    """The last revision of the one chain of migrations: files are named after their revisions, in order."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).split("_")[0]


def _revision(connection: Connection) -> str | None:
    """The revision the database is at, None when it has never been migrated."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError:
        return None


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each plug-in that it loads when imported
    from alembic import command  # imported late: a start on a current database does without it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("the database is at revision %s", newest_revision())


def _async_url(url: str) -> Any:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError("the database's URL does not parse") from error  # without the URL: it may hold a password
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise DatabaseError(f"the database is sqlite or postgresql, not {backend!r}")
    if backend == "sqlite" and not parsed.database:
        raise DatabaseError("the database is a file")
    return parsed.set(drivername=drivers[backend])


def _engine(database: Database) -> AsyncEngine:
    if not database.sqlite:
        patience_s = database.url.query.get("connect_timeout", CONNECT_TIMEOUT_S)
        connect_args: dict[str, Any] = {"connect_timeout": patience_s}
        engine = create_async_engine(
            database.url, pool_pre_ping=True, pool_size=10, max_overflow=10, connect_args=connect_args
        )
        _refuse_nul(engine.sync_engine)
        return engine
    connect_args = {"timeout": BUSY_TIMEOUT_MS / 1000, "factory": Releasing}
    engine = create_async_engine(database.url, connect_args=connect_args)
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    _refuse_nul(engine.sync_engine)
    return engine


class Releasing(sqlite3.Connection):
    """A connection that gives its lock back when it is closed.

    Whoever is cancelled inside a transaction leaves a statement half read; SQLite then keeps the closed connection,
    and its lock, until that statement is collected, and nobody can write.
    """

    def close(self) -> None:
        """Roll back and close."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # it is closed already
            self.rollback()
        super().close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("promptwire_begin", "BEGIN"))


def _refuse_nul(engine: Engine) -> None:
    """Let nothing with a NUL in it be kept or looked for: PostgreSQL cannot, so SQLite does not either.

    JSON holds a NUL as an escape, so what is `Encoded` is not concerned.
    """
    event.listen(engine, "before_cursor_execute", _without_nul)


def _without_nul(_: Connection, _cursor: Any, _statement: str, parameters: Any, context: Any, many: bool) -> None:
    """Raises Failure (invalid_request), which names the column, or what it is compared with."""
    positional: bool = context.dialect.positional
    for row in parameters if many else (parameters,):
        for place, value in enumerate(row if positional else row.values()):
            if isinstance(value, str) and "\0" in value:
                name = _COUNTED.sub("", (context.compiled.positiontup if positional else list(row))[place])
                said = f"{name} holds a NUL character (U+0000), which can neither be kept nor looked for"
                raise Failure("invalid_request", said, details={"field": name})
