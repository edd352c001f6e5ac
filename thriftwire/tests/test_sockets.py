from __future__ import annotations

import asyncio
import logging
import resource
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping, happens, passes, pings, records, until
from thriftwire import ConnectError, LimitExceeded, ServerTimeouts, TransportError
from thriftwire.call import close
from thriftwire.events import Message, Open
from thriftwire.sockets import FLUSH_BYTES, Connection, split_address
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine


@asynccontextmanager
async def serving(handler: Echo, **options: Any) -> AsyncIterator[tuple[thriftwire.Server, str, int]]:
    async with thriftwire.Server({ECHO_SERVICE: handler}, **options) as server:
        host, port = split_address(server.address)
        yield server, host, port


def opening(method: str = "Repeat", call_id: int = 1) -> StreamingMachine:
    """A client's machine that has opened a stream."""
    machine = StreamingMachine(Role.CLIENT, first_call_id=call_id)
    machine.send(Open(call_id=call_id, service="EchoService", method=method))
    return machine


async def still_serves(address: str) -> None:
    async with thriftwire.connect(address, ECHO_SERVICE) as echo:
        assert [pong.index async for pong in echo.repeat(Ping(times=2))] == [0, 1]


async def closed(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(5):
        try:
            while await reader.read(65536):
                pass
        except ConnectionResetError:
            pass


# What strangers send


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        bytes(64),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"\x00\x00\x00\x20\x10\x00\x00\x02" + b"\xff" * 60,
        b"\x3f\xff\xff\xff\x10\x00\x00\x02\x00\x00\x00\x01\x00\x08" + bytes(64),
        b"\x3f\xff\xff\xff\x80\x01\x00\x01" + bytes(64),
    ],
    ids=["http", "zeros", "tls", "bad header", "a frame of 1 GiB", "a message of 1 GiB"],
)
async def test_garbage_closes_its_connection_and_nothing_else(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(Echo()) as (server, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(garbage)
        await closed(reader)
        writer.close()
        await still_serves(server.address)
    assert len([line for line in records(caplog, logging.INFO) if "127.0.0.1" in line]) == 1
    assert not records(caplog, logging.WARNING)


async def test_half_a_frame_and_gone_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    handler = Echo()
    async with serving(handler) as (server, host, port):
        _, writer = await asyncio.open_connection(host, port)
        machine = opening("Talk")
        machine.send(Message(1, ECHO_SERVICE.methods["Talk"].request.encode(Ping(fault="hang"))))
        writer.write(machine.outgoing())
        await happens(handler.event("hanging"))
        machine.send(Message(1, bytes(1000)))
        writer.write(machine.outgoing()[:500])
        writer.close()
        await happens(handler.event("closed"))
        await still_serves(server.address)
    assert handler.live == 0
    assert not records(caplog)


async def test_bytes_may_come_one_at_a_time() -> None:
    handler = Echo()
    async with serving(handler) as (_, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        machine = opening()
        machine.send(Message(1, ECHO_SERVICE.methods["Repeat"].request.encode(Ping(text="hi"))))
        for byte in machine.outgoing():
            writer.write(bytes((byte,)))
            await writer.drain()
        events = machine.receive(await reader.read(65536))
        assert any(isinstance(event, Message) for event in events)
        writer.close()


async def test_a_client_that_reads_nothing_holds_little_memory() -> None:
    handler = Echo()
    timeouts = ServerTimeouts(send_s=0.3)
    async with serving(handler, timeouts=timeouts) as (server, host, port):
        await still_serves(server.address)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _, writer = await asyncio.open_connection(host, port)
        machine = opening()
        payload = ECHO_SERVICE.methods["Repeat"].request.encode(Ping(times=10_000_000, size=1000))
        machine.send(Message(1, payload))
        writer.write(machine.outgoing())
        await until(lambda: handler.live == 1)
        await still_serves(server.address)
        handler.event("closed").clear()
        await happens(handler.event("closed"))
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kib < 4096
        writer.close()


# Back-pressure


async def test_a_slow_handler_stops_its_client() -> None:
    sent = 0

    async def flood() -> AsyncIterator[Ping]:
        nonlocal sent
        while True:
            sent += 1
            yield Ping(text="x" * 10_000, fault="hang")

    handler = Echo()
    async with (
        serving(handler, stall_s=None) as (server, _, _),
        thriftwire.connect(server.address, ECHO_SERVICE) as echo,
    ):
        task = asyncio.ensure_future(anext(echo.talk(flood())))
        await happens(handler.event("hanging"))
        last = -1
        while last != sent:
            last = sent
            await passes(0.05)
        assert 10 < sent < 5000
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_reader_that_holds_others_up_loses_its_stream() -> None:
    async def asking(gate: asyncio.Event) -> AsyncIterator[Ping]:
        yield Ping(text="before")
        await gate.wait()
        yield Ping(text="after")

    gate = asyncio.Event()
    async with (
        serving(Echo()) as (server, _, _),
        thriftwire.connect(server.address, ECHO_SERVICE, stall_s=0.05) as echo,
    ):
        other = echo.talk(asking(gate))
        assert (await anext(other)).text == "before"
        slow = echo.repeat(Ping(times=100_000, size=1000))
        await anext(slow)
        gate.set()
        assert (await anext(other)).text == "after"
        with pytest.raises(LimitExceeded, match="held up"):
            await anext(slow)


async def test_a_new_call_avoids_a_connection_that_is_held_up() -> None:
    handler = Echo()
    async with (
        serving(handler) as (server, _, _),
        thriftwire.connect(server.address, ECHO_SERVICE, stall_s=None) as echo,
    ):
        slow = echo.repeat(Ping(times=100_000, size=1000))
        await anext(slow)
        await passes(0.05)
        assert [pong.index async for pong in echo.repeat(Ping(times=2))] == [0, 1]
        assert len({call.peer for call in handler.calls}) == 2
        await close(slow)


class Recorder(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.writes.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None: ...


async def test_what_is_sent_in_one_turn_is_written_at_once() -> None:
    transport = Recorder()
    link = Connection(StreamingMachine(Role.CLIENT))
    link.connection_made(transport)
    link.send(Open(call_id=1, service="S", method="M"))
    for _ in range(10):
        link.send(Message(1, b"x"))
    assert transport.writes == []
    await asyncio.sleep(0)
    assert len(transport.writes) == 1


async def test_a_producer_that_never_yields_is_flushed_by_size() -> None:
    transport = Recorder()
    link = Connection(StreamingMachine(Role.CLIENT))
    link.connection_made(transport)
    link.send(Open(call_id=1, service="S", method="M"))
    for _ in range(10):
        link.send(Message(1, bytes(FLUSH_BYTES // 2)))
    assert len(transport.writes) >= 3
    assert max(map(len, transport.writes)) < 2 * FLUSH_BYTES


# Addresses and TLS


@pytest.mark.parametrize(
    ("address", "parts"),
    [("localhost:80", ("localhost", 80)), ("[::1]:80", ("::1", 80)), (":0", ("", 0))],
)
def test_an_address_is_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts


@pytest.mark.parametrize("address", ["localhost", "localhost:", "localhost:http", "localhost:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_address(address)


async def test_a_unix_socket(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'echo.sock'}"
    server = thriftwire.Server({ECHO_SERVICE: Echo()})
    assert await server.start(address) == address
    await still_serves(address)
    await server.stop()


async def test_ipv6() -> None:
    server = thriftwire.Server({ECHO_SERVICE: Echo()})
    try:
        await server.start("[::1]", 0)
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    assert server.address.startswith("[::1]:")
    await still_serves(server.address)
    await server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", "req", *made, *names, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True
    )
    return cert, key


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "framed", "grpc"])
async def test_tls_on_every_wire(kind: Any, certificate: tuple[Path, Path]) -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(*certificate)
    theirs = ssl.create_default_context(cafile=certificate[0])
    async with (
        serving(Echo(), tls=ours) as (server, _, _),
        thriftwire.connect(server.address, ECHO_SERVICE, transport=kind, tls=theirs) as echo,
    ):
        assert (await echo.ping(Ping(text="hi"))).text == "hi"
        assert [pong.index async for pong in echo.repeat(Ping(times=3000))] == list(range(3000))
        assert [pong.text async for pong in echo.talk(pings("ab"))] == ["a", "b"]


async def test_a_certificate_nobody_vouches_for_is_a_connect_error(certificate: tuple[Path, Path]) -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(*certificate)
    async with (
        serving(Echo(), tls=ours) as (server, _, _),
        thriftwire.connect(server.address, ECHO_SERVICE, tls=ssl.create_default_context()) as echo,
    ):
        with pytest.raises(ConnectError, match="certificate"):
            await echo.ping(Ping())


async def test_a_server_that_talks_nonsense_breaks_the_calls_on_its_connection() -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with thriftwire.connect(f"{host}:{port}", ECHO_SERVICE) as echo:
        with pytest.raises(TransportError):
            await anext(echo.repeat(Ping()))
    server.close()
