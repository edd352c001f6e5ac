"""One request of the SDK's asynchronous twin against a server that answers byte by byte what a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from client.test_http import DELTA, HEAD, START, answering
from promptwire.api.message import Delta
from promptwire.client.aio_http import AsyncLink
from promptwire.client.errors import NotFound, Unreachable, UpstreamCut
from promptwire.client.questions import chat
from promptwire.client.reading import Reading
from promptwire.client.server import Server

ASKED = chat("hi", resumable_s=0, timeout_s=None, model="m")


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[AsyncLink]:
    link = AsyncLink(Server.of(url, "secret", "Anné"))
    try:
        yield link
    finally:
        await link.close()


async def test_events_come_and_a_stream_that_just_stops_was_cut() -> None:
    with answering(HEAD + START + DELTA) as (url, request):
        async with linked(url) as link:
            events = link.events(ASKED, Reading(0))
            await anext(events)
            assert await anext(events) == Delta(text="hi")
            with pytest.raises(UpstreamCut):
                await anext(events)
    said = request()
    assert said.startswith(b"POST /prefix/api/chat HTTP/1.1\r\n")
    assert b"Bearer secret" in said and b"Ann%C3%A9" in said


async def test_a_refusal_is_the_failure_the_server_named() -> None:
    body = b'{"error":{"code":40400,"class":"not_found","phase":"connect","message":"no prompt","retryable":false}}'
    head = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    with answering(head + body) as (url, _):
        async with linked(url) as link:
            with pytest.raises(NotFound, match="no prompt"):
                await link.ask("GET", "/api/prompts/a", kind=dict[str, Any])


async def test_where_nobody_listens_nobody_can_be_reached() -> None:
    async with linked("http://127.0.0.1:1") as link:
        with pytest.raises(Unreachable, match="no server answers"):
            await link.ask("GET", "/api/models", kind=dict[str, Any])
