"""Vendors played from a script: what the providers' tests share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec
from aiohttp import web

from promptwire.api.llm import ChatRequest
from promptwire.api.message import Message
from promptwire.llm.provider import Chunk, Endpoint, Kind, Provider, Target

USER = Message(role="user", content="hi")


class Played:
    """A vendor that answers every request with the same bytes, and keeps what it was asked."""

    def __init__(self, pieces: tuple[bytes, ...], content_type: str, status: int) -> None:
        self._pieces, self._content_type, self._status = pieces, content_type, status
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Play."""
        self.paths.append(request.path_qs)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        response = web.StreamResponse(status=self._status, headers={"Content-Type": self._content_type})
        await response.prepare(request)
        for piece in self._pieces:
            await response.write(piece)
        return response


class Stage:
    """Plays vendors until it is closed: called, it starts one that answers with these bytes, and gives its target."""

    last: Played

    def __init__(self) -> None:
        self._runners: list[web.AppRunner] = []

    async def __call__(
        self, *pieces: bytes, kind: Kind = "openai", content_type: str = "text/event-stream", status: int = 200
    ) -> Target:
        self.last = Played(pieces, content_type, status)
        app = web.Application()
        app.router.add_post("/{path:.*}", self.last.answer)
        runner = web.AppRunner(app, access_log=None)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        endpoint = Endpoint(name="acme", kind=kind, base_url=address, api_key="sk-key")
        return Target(id="acme/m1", model="m1", endpoint=endpoint)

    async def close(self) -> None:
        """Stop every vendor."""
        for runner in self._runners:
            await runner.cleanup()


async def read(provider: Provider, target: Target, **fields: Any) -> list[Chunk]:
    """What the provider yields for a request with these fields."""
    given: dict[str, Any] = {"model": target.id, "messages": [USER]} | fields
    async with contextlib.aclosing(provider.stream(target, ChatRequest(**given))) as stream:
        return [chunk async for chunk in stream]


def data(*events: dict[str, Any] | bytes) -> bytes:
    """Server-sent events with these data."""
    encoded = (event if isinstance(event, bytes) else msgspec.json.encode(event) for event in events)
    return b"".join(b"data: " + event + b"\n\n" for event in encoded)


def cut_up(stream: bytes, size: int) -> Iterator[bytes]:
    """The stream in pieces of ``size``."""
    return (stream[at : at + size] for at in range(0, len(stream), size))
