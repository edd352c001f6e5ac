"""What tests of tools share: connections that may go to this machine, a safe, and models that call tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from promptwire.database import Database
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.prompt.tools.reach import Outbound, Reach
from promptwire.prompt.tools.safe import Safe
from promptwire.secrets import Secrets
from servers import migrated


class Site:
    """An HTTP service that tells what it was asked; ``/slow`` never answers."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[web.Request] = []
        self.bodies: list[str] = []
        self.reached, self.left = asyncio.Event(), asyncio.Event()  # /slow was; its caller went away

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer by path."""
        self.asked.append(request)
        self.bodies.append(await request.text())
        match request.path.split("/")[1]:
            case "slow":
                self.reached.set()
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    self.left.set()
                    raise
            case "missing":
                return web.Response(status=404, text="no such thing")
            case "away":
                raise web.HTTPFound("http://127.0.0.1:1/")
            case "large":
                return web.Response(text="x" * 100_000)
            case "binary":
                return web.Response(body=b"\xff\xfe\x00", content_type="image/png")
            case "echo":
                return web.json_response(dict(request.headers))
            case _:
                pass
        return web.json_response({"path": request.raw_path})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    made = Outbound(Reach("127.0.0.0/8"))
    yield made
    await made.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(f"sqlite:///{tmp_path}/promptwire.db") as database:
        yield database


@pytest.fixture
def safe(database: Database) -> Safe:
    return Safe(database, Secrets(b"k" * 32))


@pytest.fixture
def llm() -> LLMService:
    return LLMService(always(Catalogue([], [])), {"simulated": Simulated()})
