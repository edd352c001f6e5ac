"""A Typewriter called from Python, wherever it runs: here, or in Go behind Kitex."""

from __future__ import annotations

import asyncio
import sys

from api.typewriter import TYPEWRITER, Request

import thriftwire


async def main(address: str = "127.0.0.1:9000", text: str = "Hello from Python") -> None:
    """Type a text, then count its letters."""
    request = Request(text=text, interval_ms=5)
    async with thriftwire.connect(address, TYPEWRITER, transport="ttheader", name="typewriter.client") as typewriter:
        async for letter in typewriter.type(request):
            print(letter.text, end="", flush=True)
        count = await typewriter.measure(request)
        print(f"  ({count.letters} letters)")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
