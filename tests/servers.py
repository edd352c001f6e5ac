"""The servers that tests start for themselves, once a session: a Redis and a PostgreSQL; and a database on either."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from needs import need, postgres_path
from promptwire.database import Database


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis."""
    with redis_of_its_own(tmp_path_factory.mktemp("redis")) as (url, _):
        yield url


@contextlib.contextmanager
def redis_of_its_own(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL and the process of a Redis that a test may kill."""
    need("redis")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([*command, "--daemonize", "no"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}", process
        process.terminate()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL, up to the database's name."""
    need("postgres")
    postgres = postgres_path()
    assert postgres is not None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="promptwire-postgres-") as folder:
        owner = _ordinary_user()
        if owner is not None:  # PostgreSQL refuses to be root
            os.chown(folder, owner, -1)
        data = f"{folder}/data"
        initdb = [str(postgres.with_name("initdb")), "-D", data, "-U", "promptwire", "-A", "trust", "-N"]
        subprocess.run(initdb, check=True, capture_output=True, user=owner, cwd=folder)
        command = [str(postgres), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, user=owner, cwd=folder) as process:
            url = f"postgresql://promptwire@127.0.0.1:{port}/"
            _until_ready(url, process)
            yield url
            process.terminate()


def _ordinary_user() -> int | None:
    """Who may run PostgreSQL when the tests run as root."""
    if os.getuid():
        return None
    names = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
    return names.get("postgres", names["nobody"])


def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url + "postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)  # the server says that it is ready to nobody but its log
        else:
            return


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of a test's own, on SQLite and again on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/promptwire.db"
    server: str = request.getfixturevalue("postgres_server")
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportCallIssue, reportArgumentType]  # a literal by the typing
    return server + name


@contextlib.asynccontextmanager
async def migrated(url: str) -> AsyncIterator[Database]:
    """The database at ``url`` with its tables, while a test needs it."""
    database = Database(url)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database, migrated."""
    async with migrated(database_url) as database:
        yield database
