"""Connections are kept while they can be used, and closed when not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from promptwire.llm.vendor_pool import Place, Pool

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n%b\r\nok"


class Vendor:
    """Answers every request the same way, and counts who came."""

    def __init__(self) -> None:
        self.place = Place("", 0, tls=False)
        self.came = 0
        self.headers = b""
        self.writers = list[asyncio.StreamWriter]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        self.writers.append(writer)
        while await reader.read(4096):
            writer.write(ANSWER % self.headers)
        writer.close()


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.place = Place("127.0.0.1", server.sockets[0].getsockname()[1], tls=False)
    yield vendor
    for writer in vendor.writers:
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool()
    yield pool
    await pool.close()


async def ask(pool: Pool, place: Place) -> bytes:
    connection = await pool.take(place)
    try:
        connection.send(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
        await connection.head()
        return await connection.read()
    finally:
        pool.give_back(place, connection)


async def test_a_connection_is_used_again(pool: Pool, vendor: Vendor) -> None:
    for _ in range(3):
        assert await ask(pool, vendor.place) == b"ok"
    assert vendor.came == 1
    await pool.close()


async def test_two_at_once_are_two_connections(pool: Pool, vendor: Vendor) -> None:
    first, second = await pool.take(vendor.place), await pool.take(vendor.place)
    assert first is not second
    pool.give_back(vendor.place, first)
    pool.give_back(vendor.place, second)
    await pool.close()


async def test_one_that_the_vendor_will_close_is_not_kept(pool: Pool, vendor: Vendor) -> None:
    vendor.headers = b"connection: close\r\n"
    for _ in range(2):
        assert await ask(pool, vendor.place) == b"ok"
    assert vendor.came == 2
    await pool.close()


async def test_one_whose_answer_was_not_read_is_closed_at_once(pool: Pool, vendor: Vendor) -> None:
    connection = await pool.take(vendor.place)
    connection.send(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
    pool.give_back(vendor.place, connection)
    await connection.closed
    assert await ask(pool, vendor.place) == b"ok"
    assert vendor.came == 2
    await pool.close()


async def test_one_that_was_lost_while_it_waited_is_not_given(pool: Pool, vendor: Vendor) -> None:
    await ask(pool, vendor.place)
    kept = await pool.take(vendor.place)
    kept.send(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
    await kept.head()
    assert await kept.read() == b"ok"
    pool.give_back(vendor.place, kept)
    vendor.writers[0].transport.abort()
    await kept.closed
    assert await ask(pool, vendor.place) == b"ok"
    assert vendor.came == 2
    await pool.close()


async def test_nobody_there_is_an_error_of_the_system(pool: Pool, vendor: Vendor) -> None:
    with pytest.raises(ConnectionRefusedError):
        await pool.take(Place("127.0.0.1", 1, tls=False))
