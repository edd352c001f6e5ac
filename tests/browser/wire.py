"""A wire between the page and Promptwire that a test can cut."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Wire:
    """Relays bytes to ``target``. ``cut`` breaks every connection there is; new ones are made as before."""

    def __init__(self, target: str, loop: asyncio.AbstractEventLoop) -> None:
        address = urlsplit(target)
        self._target = (address.hostname or "", address.port or 0)
        self._loop = loop
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def start(self) -> asyncio.Server:
        """Listen on a free port."""
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    def cut(self) -> int:
        """Break what is open, and say how many ends that were."""

        async def now() -> int:
            ends = list(self._open)
            for writer in ends:
                writer.transport.abort()
            return len(ends)

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(10)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection(*self._target)
        self._open |= {writer, away}
        try:
            await asyncio.gather(_pump(reader, away), _pump(there, writer))
        finally:
            self._open -= {writer, away}
            writer.transport.abort()
            away.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextlib.contextmanager
def wired(target: str) -> Iterator[Wire]:
    """A wire to ``target``, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    wire = Wire(target, loop)
    server = asyncio.run_coroutine_threadsafe(wire.start(), loop).result(10)
    try:
        yield wire
    finally:
        wire.cut()
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
