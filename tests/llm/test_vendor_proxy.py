"""Where the environment names a proxy, vendors are asked through it, unless it is said that one is not."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llm.test_vendor_http import at, fail, post
from llm.test_vendor_tls import certificate
from promptwire.llm.simulate_server import SimulateServer
from promptwire.llm.vendor_http import VendorHTTP

__all__ = ["certificate"]  # a fixture

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Proxy:
    """A proxy on this machine; ``asked`` is the first line of each request, ``said`` its Proxy-Authorization."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self.port = 0
        self.refuses = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            self.asked.append(first)
            self.said += [line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-authorization")]
            if self.refuses:
                writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
                return
            verb, where, _ = first.split(" ")
            place = where if verb == "CONNECT" else where.removeprefix("http://").partition("/")[0]
            host, _, port = place.partition(":")
            theirs, ours = await asyncio.open_connection(host, int(port))
            if verb == "CONNECT":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                ours.write(head.replace(f"http://{place}", "", 1).encode())
            async with asyncio.TaskGroup() as both:
                both.create_task(_pour(reader, ours))
                both.create_task(_pour(theirs, writer))


async def _pour(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            drain.write(data)
            await drain.drain()
        drain.close()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    made = Proxy()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.mark.parametrize("name", ["http_proxy", "ALL_PROXY"])
async def test_a_vendor_is_asked_through_the_proxy_that_the_environment_names(
    http: VendorHTTP, vendor: SimulateServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"http://me:secret@127.0.0.1:{proxy.port}")
    address = f"http://127.0.0.1:{vendor.port}/v1"
    assert (await post(http, at(address)))[-1] == b"[DONE]"
    assert proxy.asked == [f"POST {address}/chat/completions HTTP/1.1"]
    assert proxy.said == ["Basic bWU6c2VjcmV0"]


async def test_a_vendor_that_needs_no_proxy_is_asked_directly(
    http: VendorHTTP, vendor: SimulateServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "example.com,127.0.0.1")
    assert (await post(http, at(f"http://127.0.0.1:{vendor.port}/v1")))[-1] == b"[DONE]"
    assert proxy.asked == []


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy"])
async def test_tls_goes_through_the_proxy_unopened(
    http: VendorHTTP, proxy: Proxy, certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("nobody vouches for the certificate")

    monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with await asyncio.start_server(never, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        failure = await fail(http, at(f"https://127.0.0.1:{port}/v1"))
    assert proxy.asked == [f"CONNECT 127.0.0.1:{port} HTTP/1.1"]
    assert (failure.class_, failure.phase) == ("upstream_error", "connect")
    assert "certificate" in failure.message


async def test_a_proxy_that_refuses_is_said(http: VendorHTTP, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
    proxy.refuses = True
    failure = await fail(http, at("https://vendor.invalid/v1"))
    assert (failure.class_, failure.phase) == ("upstream_error", "connect")
    assert "the proxy answered 403" in failure.message


async def test_a_proxy_that_is_not_there_is_said(
    http: VendorHTTP, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    failure = await fail(http, at("https://vendor.invalid/v1"))
    assert failure.class_ == "upstream_error" and "127.0.0.1:1" in failure.message


async def test_a_proxy_of_another_kind_is_refused_by_its_name(
    http: VendorHTTP, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "socks5://me:secret@127.0.0.1:1080")
    failure = await fail(http, at("https://vendor.invalid/v1"))
    assert failure.class_ == "invalid_request"
    assert "a proxy of HTTP, not of socks5" in failure.message and "secret" not in failure.message
