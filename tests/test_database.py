"""The database migrates once however many start, keeps transactions apart, and stores api values as they are."""

import asyncio
import pkgutil
import sys
import threading
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

import promptwire
from promptwire.database import Database, DatabaseError, Encoded, Question, metadata, newest_revision
from promptwire.errors import Failure
from promptwire.sqlite import READERS
from servers import migrated


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(f"sqlite:///{tmp_path}/data/promptwire.db") as database:
        yield database


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Database]:
    async with migrated(database_url) as database:
        yield database


async def test_the_tables_are_those_the_stores_describe(database: Database) -> None:
    for module in pkgutil.walk_packages(promptwire.__path__, "promptwire."):
        if not module.name.startswith(("promptwire.__main__", "promptwire.migrations")):
            import_module(module.name)  # its tables join the metadata

    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from promptwire.database import Database\n"
        "async def main():\n"
        "    database = Database(sys.argv[1]); await database.migrate(); await database.close()\n"
        "asyncio.run(main())\n"
    )
    url = f"sqlite:///{tmp_path}/promptwire.db"
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, url) for _ in range(4)]
    assert [await process.wait() for process in processes] == [0, 0, 0, 0]
    database = Database(url)
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
    await database.close()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await database.migrate()


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute(text("CREATE TABLE t (a INTEGER)"))
            raise ZeroDivisionError
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).has_table("t")) is False


async def test_writers_take_turns_and_readers_wait_for_none(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))

    async def add_one() -> None:
        async with database.transaction() as connection:
            n: int = (await connection.execute(text("SELECT n FROM counter"))).scalar_one()
            async with database.reading() as reader:
                assert await reader.scalar(text("SELECT n FROM counter")) == n
            await connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(add_one() for _ in range(4)))
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT n FROM counter")) == 4


class Point(msgspec.Struct):
    x: int
    label: str = ""


async def test_an_encoded_column_gives_back_the_value(database: Database) -> None:
    table = Table("points", MetaData(), Column("point", Encoded(Point)))
    async with database.transaction() as connection:
        await connection.run_sync(table.create)
        await connection.execute(insert(table), [{"point": Point(1, "é")}, {"point": None}])
        assert list(await connection.scalars(select(table.c.point))) == [Point(1, "é"), None]


PEOPLE = Table("people", MetaData(), Column("id", Integer), Column("name", Text), Column("point", Encoded(Point)))


@pytest.mark.parametrize(
    ("refused", "statement"),
    [
        ("name", insert(PEOPLE).values(id=2, name="a\0b")),
        ("name", insert(PEOPLE).values([{"id": 2, "name": "b"}, {"id": 3, "name": "a\0"}])),
        ("name", update(PEOPLE).where(PEOPLE.c.id == 1).values(name="\0")),
        ("name", select(PEOPLE).where(PEOPLE.c.id == 1, PEOPLE.c.name == "a\0b")),
        ("wanted", select(PEOPLE).where(PEOPLE.c.name == bindparam("wanted", "a\0b"))),
        ("id", text("SELECT id FROM people WHERE name = :id").bindparams(id="a\0b")),
    ],
)
async def test_a_nul_is_refused_by_the_name_of_what_holds_it(either: Database, refused: str, statement: Any) -> None:
    async with either.transaction() as connection:
        await connection.run_sync(PEOPLE.create)
        await connection.execute(insert(PEOPLE), [{"id": 1, "name": "a", "point": Point(1, "in JSON \0")}])
    with pytest.raises(Failure, match=f"{refused} holds a NUL") as failed:
        async with either.transaction() as connection:
            await connection.execute(statement)
    assert (failed.value.class_, failed.value.details) == ("invalid_request", {"field": refused})
    assert [tuple(row) for row in await either.read(_everybody)] == [(1, "a", Point(1, "in JSON \0"))]


async def test_a_nul_is_refused_among_many_rows_and_by_readers(either: Database) -> None:
    async with either.transaction() as connection:
        await connection.run_sync(PEOPLE.create)
    with pytest.raises(Failure, match="name holds a NUL"):
        async with either.transaction() as connection:
            await connection.execute(insert(PEOPLE), [{"id": 1, "name": "a"}, {"id": 2, "name": "\0"}])
    with pytest.raises(Failure, match="name holds a NUL"):
        await either.read(lambda connection: connection.execute(select(PEOPLE).where(PEOPLE.c.name == "\0")).all())
    assert await either.read(_everybody) == []


NEXT = (PEOPLE.c.id + 1).label("next")
NAMED = Question(select(PEOPLE.c.id, PEOPLE.c.point, NEXT).where(PEOPLE.c.name == bindparam("name")).limit(1))


async def test_a_question_is_answered_in_and_outside_a_transaction(either: Database) -> None:
    async with either.transaction() as connection:
        await connection.run_sync(PEOPLE.create)
        await connection.execute(
            insert(PEOPLE), [{"id": 1, "name": "a", "point": Point(1, "é")}, {"id": 2, "name": "b", "point": None}]
        )
        inside = await connection.run_sync(NAMED.ask, name="a")
    for row in (inside, await either.ask(NAMED, name="a"), await either.read(NAMED.ask, name="a")):
        assert row is not None
        assert (row.id, row.point, row.next) == (1, Point(1, "é"), 2)
    other = await either.ask(NAMED, name="b")
    assert other is not None and (other.id, other.point) == (2, None)
    assert await either.ask(NAMED, name="c") is None


async def test_what_is_wrong_with_a_question_is_said_as_of_any_statement(either: Database) -> None:
    with pytest.raises(DBAPIError):
        await either.ask(NAMED, name="a")
    with pytest.raises(Failure, match="name holds a NUL"):
        await either.ask(NAMED, name="a\0")


async def test_what_is_written_in_one_step_is_all_there_or_nothing(either: Database) -> None:
    def create(connection: Connection, wrong: bool) -> int:
        PEOPLE.create(connection)
        connection.execute(insert(PEOPLE), [{"id": 1, "name": "a", "point": None}])
        return 1 // (not wrong)

    with pytest.raises(ZeroDivisionError):
        await either.write(create, wrong=True)
    assert await either.write(create, wrong=False) == 1
    with pytest.raises(Failure, match="name holds a NUL"):
        await either.write(lambda connection: connection.execute(insert(PEOPLE).values(id=2, name="\0")))
    assert await either.read(_everybody) == [(1, "a", None)]


def _everybody(connection: Connection) -> list[Any]:
    return [*connection.execute(select(PEOPLE))]


@pytest.mark.parametrize(("url", "named"), [("mysql://db/x", "mysql"), ("sqlite://", "file"), ("db", "URL")])
def test_other_databases_are_refused(url: str, named: str) -> None:
    with pytest.raises(DatabaseError, match=named):
        Database(url)


async def test_a_database_from_the_future_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer"):
        await database.migrate()


async def test_who_is_cancelled_inside_a_transaction_leaves_no_lock(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            await connection.execute(text("SELECT 1"))

    for turns in range(60):
        tasks = [asyncio.create_task(write()) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await write()


def count(connection: Connection) -> int:
    return connection.scalar(text("SELECT n FROM counter")) or 0


async def counting(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        await connection.execute(text("INSERT INTO counter VALUES (1)"))


async def add_one(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE counter SET n = n + 1"))


class Held:
    """A reader that has begun to read and goes on when it may."""

    def __init__(self) -> None:
        self.begun, self.may = threading.Event(), threading.Event()

    def __call__(self, connection: Connection) -> tuple[int, int]:
        before = count(connection)
        self.begun.set()
        assert self.may.wait(20)
        return before, count(connection)


async def test_what_is_read_is_one_state(database: Database) -> None:
    await counting(database)
    held = Held()
    reading = asyncio.create_task(database.read(held))
    assert await asyncio.to_thread(held.begun.wait, 20)
    await add_one(database)
    assert await database.read(count) == 2
    held.may.set()
    assert await reading == (1, 1)
    assert await database.read(count) == 2


async def test_a_connection_that_reads_sees_one_state(either: Database) -> None:
    await counting(either)
    async with either.reading() as connection:
        assert await connection.run_sync(count) == 1
        await add_one(either)
        assert await connection.run_sync(count) == 1
    assert await either.read(count) == 2


async def test_what_goes_wrong_while_reading_is_said_and_leaves_the_reader_usable(either: Database) -> None:
    await counting(either)

    def divide(connection: Connection) -> float:
        return count(connection) / 0

    for _ in range(READERS + 1):
        with pytest.raises(ZeroDivisionError):
            await either.read(divide)
        with pytest.raises(DBAPIError):
            await either.read(lambda connection: connection.execute(text("SELECT n FROM nothing")).all())
    assert await either.read(count) == 1


async def test_a_reader_only_reads(either: Database) -> None:
    await counting(either)
    await either.read(count)

    def write(connection: Connection) -> None:
        connection.execute(text("UPDATE counter SET n = 7"))

    with pytest.raises(DBAPIError):
        await either.read(write)
    await add_one(either)
    assert await either.read(count) == 2


async def test_who_is_cancelled_while_reading_leaves_nothing_locked(database: Database) -> None:
    await counting(database)
    held = [Held() for _ in range(READERS)]
    readings: list[asyncio.Task[Any]] = [asyncio.create_task(database.read(one)) for one in held]
    for one in held:
        assert await asyncio.to_thread(one.begun.wait, 20)
    readings.append(asyncio.create_task(database.read(count)))  # every thread is taken
    await asyncio.sleep(0)
    for reading in readings:
        reading.cancel()
    ends = await asyncio.gather(*readings, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    await add_one(database)
    for one in held:
        one.may.set()
    assert await database.read(count) == 2
    async with database.transaction() as connection:
        await connection.execute(text("DROP TABLE counter"))


async def test_closing_waits_for_who_reads(database: Database) -> None:
    await counting(database)
    held = Held()
    reading = asyncio.create_task(database.read(held))
    assert await asyncio.to_thread(held.begun.wait, 20)
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    held.may.set()
    await closing
    assert await reading == (1, 1)
