"""Reads many event streams at once over bare HTTP, and says when what came: ``reader load JSON``.

The argument: ``host``, ``port``, ``path``, ``body``, ``headers``, ``end``, the text that ends a stream, ``streams``,
how many at once, begun ``apart_ms``, and ``repeat``, how often one after another.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, cast

import uvloop


class Reader(asyncio.Protocol):
    """One request, and the times at which its answer came."""

    def __init__(self, request: bytes, end: bytes) -> None:
        self._request, self._end = request, end
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times: list[float] = []
        self.tail = b""
        self.events = 0
        self.whole = False
        self.begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.begun = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.times and not data.startswith(b"HTTP/1.1 200"):
            self.over.set_exception(RuntimeError(data[:400].decode(errors="replace")))
            return
        self.times.append(time.perf_counter())
        self.events += data.count(b"data: {")
        self.tail = (self.tail + data)[-1024:]  # the last event is longer than the others
        if self._end in self.tail:
            self.whole = True
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def load(said: dict[str, Any]) -> dict[str, Any]:
    """Read all streams to their end."""
    loop = asyncio.get_running_loop()
    body = json.dumps(said["body"]).encode()
    headers = {"host": said["host"], "content-type": "application/json", "content-length": len(body)} | said["headers"]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"POST {said['path']} HTTP/1.1\r\n{head}\r\n".encode() + body
    begin = time.perf_counter()
    readers: list[Reader] = []
    for _ in range(said["repeat"]):
        together: list[Reader] = []
        for _ in range(said["streams"]):
            _, reader = await loop.create_connection(
                lambda: Reader(request, said["end"].encode()), said["host"], said["port"]
            )
            together.append(reader)
            await asyncio.sleep(said["apart_ms"] / 1000)
        await asyncio.gather(*(reader.over for reader in together))
        readers += together
    gaps = sorted(b - a for reader in readers for a, b in zip(reader.times, reader.times[1:], strict=False))
    first = sorted(reader.times[0] - reader.begun for reader in readers)
    return {
        "failed": sum(not reader.whole for reader in readers),
        "events": sum(reader.events for reader in readers),
        "seconds": time.perf_counter() - begin,
        "first_ms": [round(_at(first, share) * 1e3, 3) for share in (0.5, 0.99)],
        "gap_ms": [round(_at(gaps, share) * 1e3, 3) for share in (0.5, 0.99)],
    }


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(json.loads(sys.argv[2])))), flush=True)
