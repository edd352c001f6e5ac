"""A Typewriter served from Python; any Kitex client can call it, streaming or not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

from api.typewriter import TYPEWRITER, Count, Letter, Request, Typewriter

import thriftwire


class Handler(Typewriter):
    """Types what it is given."""

    async def type(self, request: Request) -> AsyncGenerator[Letter, None]:
        """Type the text, a letter at a time."""
        for letter in request.text:
            yield Letter(text=letter)
            await asyncio.sleep(request.interval_ms / 1000)

    async def measure(self, request: Request) -> Count:
        """Count the letters; there must be some."""
        if not request.text:
            raise thriftwire.BizStatusError(40000, "there is nothing to measure")
        return Count(letters=len(request.text))


async def main(port: int = 9000) -> None:
    """Serve until interrupted."""
    server = thriftwire.Server({TYPEWRITER: Handler()}, name="typewriter")
    print(f"serving on {await server.start('127.0.0.1', port)}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
