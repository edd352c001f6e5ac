"""SQLite is worked in by threads: a piece of work is all done or not at all, and whoever waits hears how it went."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from promptwire.sqlite import Threads, driver


@pytest.fixture
async def readers(tmp_path: Path) -> AsyncIterator[Threads]:
    threads = Threads(make_url(f"sqlite:///{tmp_path}/a.db"), "read", most=2)
    yield threads
    await threads.close()


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Threads]:
    threads = Threads(make_url(f"sqlite:///{tmp_path}/a.db"), "write")
    await threads.do(lambda connection: connection.execute(text("CREATE TABLE numbers (n INTEGER UNIQUE)")))
    yield threads
    await threads.close()


def put(connection: Connection, *numbers: int) -> None:
    connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": n} for n in numbers])


def numbers(connection: Connection) -> list[int]:
    return [*connection.scalars(text("SELECT n FROM numbers ORDER BY n"))]


def nothing(connection: Connection) -> None:
    connection.execute(text("SELECT * FROM nothing"))


async def test_what_is_written_is_there_or_not_at_all(readers: Threads, writer: Threads) -> None:
    def half(connection: Connection) -> None:
        put(connection, 2)
        raise ZeroDivisionError

    await writer.do(lambda connection: put(connection, 1))
    with pytest.raises(ZeroDivisionError):
        await writer.do(half)
    with pytest.raises(DBAPIError):
        await writer.do(lambda connection: put(connection, 3, 1))
    await writer.do(lambda connection: put(connection, 4))
    assert await readers.do(numbers) == [1, 4]


async def test_a_reader_reads_in_a_transaction_but_for_a_statement_alone(readers: Threads) -> None:
    def within(connection: Connection) -> bool:
        return driver(connection).in_transaction

    assert await readers.do(within)
    assert not await readers.do(within, alone=True)
    with pytest.raises(DBAPIError):
        await readers.do(lambda connection: connection.execute(text("CREATE TABLE t (a INTEGER)")))


async def test_a_thread_keeps_its_connection_until_the_database_is_wrong(writer: Threads) -> None:
    def link(connection: Connection) -> tuple[int, Connection]:
        return threading.get_ident(), connection

    before = await writer.do(link)
    assert await writer.do(link) == before
    with pytest.raises(DBAPIError):
        await writer.do(nothing)
    thread, connection = await writer.do(link)
    assert thread == before[0] and connection is not before[1]


async def test_there_are_as_many_threads_as_work_and_no_more_than_said(readers: Threads) -> None:
    seen: set[int] = set()
    both, may = threading.Barrier(3), threading.Event()

    def held(connection: Connection) -> None:
        seen.add(threading.get_ident())
        both.wait(20)
        assert may.wait(20)

    def look(connection: Connection) -> None:
        seen.add(threading.get_ident())

    for _ in range(3):
        await readers.do(look)
    assert len(seen) == 1
    holding = [asyncio.create_task(readers.do(held)) for _ in range(2)]
    await asyncio.to_thread(both.wait, 20)
    looking = asyncio.create_task(readers.do(look))
    await asyncio.sleep(0)
    may.set()
    await asyncio.gather(*holding, looking)
    assert len(seen) == 2


async def test_who_is_cancelled_leaves_the_work_to_its_end(readers: Threads, writer: Threads) -> None:
    begun, may = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        put(connection, 1)
        begun.set()
        assert may.wait(20)

    writing = asyncio.create_task(writer.do(slow))
    assert await asyncio.to_thread(begun.wait, 20)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    may.set()
    await writer.do(lambda connection: put(connection, 2))
    assert await readers.do(numbers) == [1, 2]


async def test_closing_waits_for_the_work_and_then_there_is_none(readers: Threads, writer: Threads) -> None:
    writing = [asyncio.create_task(writer.do(lambda connection, n=n: put(connection, n))) for n in range(20)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*writing)
    assert await readers.do(numbers) == [*range(20)]
    with pytest.raises(RuntimeError, match="closed"):
        await writer.do(nothing)


def test_a_loop_that_is_gone_hears_nothing(tmp_path: Path) -> None:
    threads = Threads(make_url(f"sqlite:///{tmp_path}/a.db"), "read")
    begun, may = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        begun.set()
        assert may.wait(20)

    async def leave() -> None:
        asking = asyncio.create_task(threads.do(slow))
        await asyncio.sleep(0)
        assert begun.wait(20)
        asking.cancel()

    asyncio.run(leave())
    may.set()
    assert asyncio.run(threads.do(lambda connection: driver(connection).execute("SELECT 1").fetchone())) == (1,)
    asyncio.run(threads.close())


async def test_a_database_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    threads = Threads(make_url(f"sqlite:///{tmp_path}/nowhere/a.db"), "read")
    for _ in range(2):
        with pytest.raises((DBAPIError, sqlite3.Error)):
            await threads.do(nothing)
    await threads.close()
