"""The simulated vendor on a port of its own, in a thread, with the times at which its answers were stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from promptwire.llm.meter import Meter
from promptwire.llm.simulate_server import SimulateServer


class Vendor:
    """A running vendor. Times are seconds of `time.time`, which a page on the same machine shares."""

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop, server: SimulateServer) -> None:
        self.url = url
        self._loop = loop
        self._server = server

    def until_active(self) -> None:
        """Wait until an answer is being typed."""
        self._on_its_loop(lambda meter: meter.active > 0)

    def stopped_at(self) -> float:
        """Wait until no answer is being typed any more, and say when that was, on the vendor's own clock."""
        return self._on_its_loop(lambda meter: meter.active == 0)

    @property
    def requests(self) -> int:
        """How often it was asked."""
        return self._server.requests

    def received(self) -> list[bytes]:
        """The bodies of the last requests."""
        return [body for _, body in self._server.received]

    @property
    def last_asked(self) -> dict[str, Any]:
        """The body of the last request."""
        return json.loads(self._server.received[-1][1])

    @property
    def told_to_stop(self) -> int:
        """How many answers ended because the reader left."""
        return self._server.meter.told_to_stop

    def _on_its_loop(self, holds: Callable[[Meter], bool]) -> float:
        async def wait() -> float:
            await self._server.meter.until(holds)
            return time.time()

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result(30)


@contextlib.contextmanager
def vending() -> Iterator[Vendor]:
    """Start a vendor, and stop it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    server = SimulateServer()
    try:
        yield Vendor(asyncio.run_coroutine_threadsafe(server.start(), loop).result(30), loop, server)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
