"""Vendors are reached, or the reason why not is told, without a key in it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from promptwire.errors import Failure
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.simulate_server import SimulateServer
from promptwire.llm.timeouts import Waits
from promptwire.llm.vendor_http import VendorHTTP

REQUEST = {"model": "echo", "messages": [{"role": "user", "content": "hi"}], "stream": True}


def at(url: str, **timeouts: float) -> Target:
    endpoint = Endpoint(name="acme", kind="openai", base_url=url, api_key="sk-secret-1", headers={"x-team": "blue"})
    return Target(id="acme/m", model="m", endpoint=endpoint, timeouts=Waits(**timeouts))


class Reading:
    """Every event, as it is."""

    over = False

    def read(self, data: bytes) -> list[bytes]:
        self.over = data == b"[DONE]"
        return [data]

    def close(self) -> list[bytes]:
        return []


async def post(http: VendorHTTP, target: Target) -> list[bytes]:
    return [event async for event in http.stream(target, "/chat/completions", {}, lambda: REQUEST, Reading())]


async def fail(http: VendorHTTP, target: Target) -> Failure:
    with pytest.raises(Failure) as failed:
        await post(http, target)
    assert "sk-secret" not in str(failed.value.to_error())
    return failed.value


async def test_a_refused_connection_names_the_address(http: VendorHTTP) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    failure = await fail(http, at(f"http://127.0.0.1:{port}/v1"))
    assert (failure.class_, failure.phase, failure.http_status) == ("upstream_error", "connect", 502)
    assert f"127.0.0.1:{port}" in failure.message


async def test_a_name_that_does_not_resolve_is_said(http: VendorHTTP) -> None:
    failure = await fail(http, at("http://nowhere.invalid/v1"))
    assert (failure.class_, failure.phase) == ("upstream_error", "connect")
    assert "nowhere.invalid" in failure.message


@pytest.mark.parametrize("url", ["", "not a url", "ftp://x/y", "http://"])
async def test_an_address_that_is_none_is_the_operators_mistake(http: VendorHTTP, url: str) -> None:
    failure = await fail(http, at(url))
    assert failure.class_ == "invalid_request"


async def test_a_connection_that_is_not_made_in_time(http: VendorHTTP) -> None:
    with socket.socket() as deaf:  # TLS to a socket that never answers
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        failure = await fail(http, at(f"https://127.0.0.1:{deaf.getsockname()[1]}/v1", connect_s=0.1))
    assert (failure.class_, failure.phase) == ("timeout_connect", "connect")


@pytest.fixture
async def rude() -> AsyncIterator[str]:
    """A server that redirects, or hangs up, by path."""

    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://elsewhere.invalid/"})

    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def wordy(_: web.Request) -> web.Response:
        return web.Response(status=500, body=b"x" * 1_000_000)

    async def compressed(_: web.Request) -> web.Response:
        said = b"".join(b"data: %d\n\n" % number for number in range(20_000)) + b"data: [DONE]\n\n"
        response = web.Response(body=said, content_type="text/event-stream")
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async def garbled(_: web.Request) -> web.Response:
        return web.Response(body=b"data: [DONE]\n\n", headers={"Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_post("/compressed/chat/completions", compressed)
    app.router.add_post("/garbled/chat/completions", garbled)
    app.router.add_post("/redirect/chat/completions", redirect)
    app.router.add_post("/hang_up/chat/completions", hang_up)
    app.router.add_post("/wordy/chat/completions", wordy)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_key_follows_no_redirect(http: VendorHTTP, rude: str) -> None:
    failure = await fail(http, at(f"{rude}/redirect"))
    assert (failure.class_, failure.vendor_status) == ("upstream_error", 307)


async def test_a_vendor_that_hangs_up_cut_the_answer(http: VendorHTTP, rude: str) -> None:
    failure = await fail(http, at(f"{rude}/hang_up"))
    assert (failure.class_, failure.phase) == ("upstream_cut", "first_packet")


async def test_a_wordy_refusal_is_cut(http: VendorHTTP, rude: str) -> None:
    failure = await fail(http, at(f"{rude}/wordy"))
    assert failure.class_ == "upstream_error" and len(failure.vendor_body or "") == 2000


async def test_an_answer_compressed_all_the_same_is_read(http: VendorHTTP, rude: str) -> None:
    assert await post(http, at(f"{rude}/compressed")) == [*(b"%d" % number for number in range(20_000)), b"[DONE]"]
    assert (await fail(http, at(f"{rude}/garbled"))).class_ == "upstream_cut"


async def test_a_connection_is_used_again(http: VendorHTTP, vendor: SimulateServer) -> None:
    target = at(f"http://127.0.0.1:{vendor.port}/v1")
    for _ in range(5):
        assert (await post(http, target))[-1] == b"[DONE]"
    assert vendor.connections == 1


async def test_our_headers_and_the_endpoints_are_sent(http: VendorHTTP) -> None:
    seen: list[dict[str, str]] = []

    async def look(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/chat/completions", look)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await post(http, at(f"http://127.0.0.1:{runner.addresses[0][1]}"))
    await runner.cleanup()
    assert seen[0]["x-team"] == "blue"
    assert seen[0]["Accept-Encoding"] == "identity"


async def test_closing_twice_and_before_the_first_use_is_fine() -> None:
    http = VendorHTTP()
    await http.close()
    await http.close()


async def test_a_reader_that_takes_nothing_holds_back_the_vendor(http: VendorHTTP) -> None:
    """What a fast vendor sends stays with it, but for a few pieces and what the kernels hold."""
    sent, more = 0, asyncio.Event()

    async def moved(before: int) -> None:
        while sent == before:
            more.clear()
            await more.wait()

    async def blast(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        event = b"data: " + b"x" * 1000 + b"\n\n"
        while True:
            await response.write(event)
            sent += len(event)
            more.set()

    app = web.Application()
    app.router.add_post("/chat/completions", blast)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target = at(f"http://127.0.0.1:{runner.addresses[0][1]}")
    events = http.stream(target, "/chat/completions", {}, dict, Reading())
    await anext(events)
    with contextlib.suppress(TimeoutError):  # until the vendor can send no more
        while sent < 64 * 1024**2:
            stuck = sent
            await asyncio.wait_for(moved(stuck), 0.1)
    assert sent < 64 * 1024**2
    await events.aclose()
    await runner.cleanup()
