"""The place for SQLite as a process works with it beside its event loop: threads, each with a connection of its own.

A piece of work is one step of a thread, in one transaction. The way to a thread and back is on the path of every run,
so it is a queue and a callback, which takes a fourth of the time that an executor does; and a connection stays with
its thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 10_000
READERS: Final = 8  # threads
PRAGMAS: Final = (
    "synchronous = NORMAL",
    "foreign_keys = ON",
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "temp_store = MEMORY",
)

Work: TypeAlias = Callable[[Connection], Any]
Purpose: TypeAlias = Literal["read", "write"]


class _Job(NamedTuple):
    """What a thread is to do, and who waits for it."""

    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    work: Work
    alone: bool


class Threads:
    """Up to ``most`` threads that read, or write: what they do is seen when it has ended well, or not at all."""

    def __init__(self, url: URL, purpose: Purpose, *, most: int = 1) -> None:
        self.engine = _engine(url, purpose, most)
        self._purpose: Purpose = purpose
        self._most = most
        self._threads: list[threading.Thread] = []
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._unfinished = 0
        self._closed = False

    async def do(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """What ``work`` gives; ``alone``: it is one statement, and needs no transaction around it.

        Who is cancelled leaves the thread to end it.
        """
        if self._closed:
            raise RuntimeError("the database is closed")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(loop, done, work, alone))
        self._unfinished += 1
        if len(self._threads) < min(self._unfinished, self._most):
            thread = threading.Thread(target=self._run, name=f"sqlite-{self._purpose}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return await done

    async def close(self) -> None:
        """Wait for what is still to be done, and close every connection."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self.engine.dispose()

    def _run(self) -> None:
        session = _Session(self.engine, self._purpose)
        while (job := self._jobs.get()) is not None:
            answer: Any = None
            error: BaseException | None = None
            try:
                answer = session.do(job)
            except BaseException as exc:  # noqa: BLE001 - whoever waits hears of it
                error = exc
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                job.loop.call_soon_threadsafe(self._end, job.done, answer, error)
            del job, answer, error  # which a thread that waits would hold
        session.close()

    def _end(self, done: asyncio.Future[Any], answer: Any, error: BaseException | None) -> None:
        self._unfinished -= 1
        if done.done():  # who waited was cancelled
            return
        if error is None:
            done.set_result(answer)
        else:
            done.set_exception(error)


class _Session:
    """The connection of one thread. After an error of the database another is opened."""

    def __init__(self, engine: Engine, purpose: Purpose) -> None:
        self._engine, self._purpose = engine, purpose
        self._connection: Connection | None = None

    def do(self, job: _Job) -> Any:
        """The work of a job, in a transaction unless it is one statement."""
        if (connection := self._connection) is None:
            connection = self._connection = self._engine.connect()
        try:
            if job.alone:
                return job.work(connection)
            return _written(connection, job.work) if self._purpose == "write" else _read(connection, job.work)
        except (SQLAlchemyError, sqlite3.Error):
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _written(connection: Connection, work: Work) -> Any:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        answer = work(connection)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        driver(connection).rollback()
        raise
    return answer


def _read(connection: Connection, work: Work) -> Any:
    link = driver(connection)  # which begins in no time
    link.execute("BEGIN")
    try:
        return work(connection)
    finally:
        link.rollback()


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's connection under one of SQLAlchemy's."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def prepare(connection: Any, _: object) -> None:
    """Make a new connection of a driver ready."""
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _engine(url: URL, purpose: Purpose, most: int) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite"),
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended here
        pool_size=most,
        pool_reset_on_return=None,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", prepare)
    if purpose == "read":
        event.listen(engine, "connect", _only_read)
    return engine


def _only_read(connection: Any, _: object) -> None:
    connection.execute("PRAGMA query_only = ON")
