"""An answer is read as it comes, and one that has no end is not whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeAlias

import pytest

from promptwire.llm.vendor_connection import MAX_HEAD, PIECE_BYTES, Broken, Connection

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
REQUEST = b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n"


class Vendor(asyncio.Protocol):
    """The other end: what it is asked, and its hand on the wire."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.wire: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.wire = transport

    def data_received(self, data: bytes) -> None:
        self.asked.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()


Connect: TypeAlias = tuple[Connection, Vendor]


@pytest.fixture
async def link() -> AsyncIterator[Connect]:
    loop, vendor = asyncio.get_running_loop(), Vendor()
    server = await loop.create_server(lambda: vendor, "127.0.0.1", 0)
    buffer = memoryview(bytearray(PIECE_BYTES))
    port = server.sockets[0].getsockname()[1]
    _, connection = await loop.create_connection(lambda: Connection(buffer), "127.0.0.1", port)
    connection.send(REQUEST)
    await vendor.asked.wait()
    yield connection, vendor
    connection.abort()
    vendor.wire.abort()
    await vendor.gone.wait()
    await connection.closed
    server.close()
    await server.wait_closed()


async def whole(connection: Connection) -> bytes:
    read = b""
    while piece := await connection.read():
        read += piece
    return read


async def test_pieces_come_as_they_are_sent_and_the_connection_can_be_used_again(link: Connect) -> None:
    connection, vendor = link
    vendor.wire.write(CHUNKED)
    await connection.head()
    assert (connection.status, connection.headers["content-type"]) == (200, "text/event-stream")
    vendor.wire.write(b"3\r\nabc\r\n")
    assert await connection.read() == b"abc"
    vendor.wire.write(b"2\r\nde\r\n1\r\nf\r\n0\r\n\r\n")
    assert await whole(connection) == b"def"
    assert connection.reusable
    vendor.asked.clear()
    connection.send(REQUEST)
    await vendor.asked.wait()
    assert not connection.reusable
    vendor.wire.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await connection.head()
    assert connection.status == 204
    assert await connection.read() == b""


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_an_answer_may_be_cut_anywhere(link: Connect, size: int) -> None:
    connection, vendor = link
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + b"b\r\nhello world\r\n0\r\n\r\n"
    for at in range(0, len(answer), size):
        vendor.wire.write(answer[at : at + size])
        await asyncio.sleep(0)
    await connection.head()
    assert await whole(connection) == b"hello world"


async def test_an_answer_without_a_length_ends_with_its_connection(link: Connect) -> None:
    connection, vendor = link
    vendor.wire.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
    vendor.wire.close()
    await connection.head()
    assert await whole(connection) == b"all of it"
    assert not connection.reusable


@pytest.mark.parametrize(
    "sent", [b"", CHUNKED, CHUNKED + b"3\r\nab", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"]
)
async def test_what_was_cut_is_not_whole(link: Connect, sent: bytes) -> None:
    connection, vendor = link
    vendor.wire.write(sent)
    vendor.wire.close()
    with pytest.raises(Broken):
        await connection.head()
        await whole(connection)
    assert not connection.reusable


@pytest.mark.parametrize(
    "sent", [b"SSH-2.0-OpenSSH\r\n", CHUNKED + b"no length\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * MAX_HEAD]
)
async def test_what_is_not_http_ends_the_connection(link: Connect, sent: bytes) -> None:
    connection, vendor = link
    vendor.wire.write(sent)
    with pytest.raises(Broken):
        await connection.head()
        await whole(connection)
    await vendor.gone.wait()


async def test_a_vendor_that_speaks_unasked_is_not_asked_again(link: Connect) -> None:
    connection, vendor = link
    vendor.wire.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    await connection.head()
    assert connection.reusable
    vendor.wire.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")
    await connection.closed
    assert not connection.reusable


async def test_what_nobody_takes_stays_with_the_vendor(link: Connect) -> None:
    connection, vendor = link
    vendor.wire.write(CHUNKED + b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n0\r\n\r\n")
    await connection.head()
    read = 0
    while piece := await connection.read():
        assert len(piece) <= PIECE_BYTES
        read += len(piece)
    assert read == 1_000_000


async def test_what_is_poured_is_where_it_goes_until_no_more_is_wanted(link: Connect) -> None:
    connection, vendor = link
    got: list[bytes] = []
    came = asyncio.Event()

    def take(piece: bytes) -> bool:
        got.append(piece)
        came.set()
        return len(b"".join(got)) < 4

    vendor.wire.write(CHUNKED + b"1\r\na\r\n")
    await connection.head()
    pouring = asyncio.ensure_future(connection.pour(take))
    await came.wait()
    vendor.wire.write(b"3\r\nbcd\r\n")
    assert await pouring
    vendor.wire.write(b"2\r\nef\r\n")
    assert b"".join(got) == b"abcd"
    got.clear()
    pouring = asyncio.ensure_future(connection.pour(take))
    vendor.wire.write(b"0\r\n\r\n")
    assert not await pouring and got == [b"ef"]
    assert not await connection.pour(take)
    assert connection.reusable


async def test_what_cannot_be_taken_is_raised_where_it_is_poured(link: Connect) -> None:
    def refuse(piece: bytes) -> bool:
        raise ValueError(piece.decode())

    connection, vendor = link
    vendor.wire.write(CHUNKED)
    await connection.head()
    pouring = asyncio.ensure_future(connection.pour(refuse))
    await asyncio.sleep(0)
    vendor.wire.write(b"1\r\na\r\n")
    with pytest.raises(ValueError, match="a"):
        await pouring
    vendor.wire.write(b"1\r\nb\r\n")
    assert await connection.read() == b"b"


async def test_an_answer_that_breaks_while_it_is_poured_is_not_whole(link: Connect) -> None:
    connection, vendor = link
    vendor.wire.write(CHUNKED)
    await connection.head()
    pouring = asyncio.ensure_future(connection.pour(lambda piece: True))
    await asyncio.sleep(0)
    vendor.wire.abort()
    with pytest.raises(Broken):
        await pouring
