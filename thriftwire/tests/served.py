"""The echo service on a real socket, and the command line run against it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping
from thriftwire.cli import main
from thriftwire.commands.record import Recorder

IDL: Final = str(Path(__file__).parent / "contract" / "echo.thrift")


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The address of an echo service."""
    server = thriftwire.Server({ECHO_SERVICE: Echo()}, name="echo.server")
    await server.start("127.0.0.1", 0)
    try:
        yield str(server.address)
    finally:
        await server.stop(grace_s=1)


async def recorded(folder: Path) -> Path:
    """The capture of one call of the echo service."""
    path = folder / "capture"
    async with served() as address, asyncio.timeout(5):
        host, _, port = address.rpartition(":")
        with path.open("w") as file:
            recorder = Recorder((host, int(port)), file)
            async with recorder.listening(("127.0.0.1", 0)) as between:
                async with thriftwire.connect(between, ECHO_SERVICE) as echo:
                    assert [pong.index async for pong in echo.repeat(Ping(text="a", times=3))] == [0, 1, 2]
                await recorder.ended(1)
    return path


async def thrift(*arguments: str) -> int:
    """The exit code of ``thriftwire arguments…``; it has a loop of its own, in a thread of its own."""
    return await asyncio.to_thread(main, arguments)
