"""What every peer does: serve, or load a server, told by one JSON argument and answering in JSON lines.

The Kitex peer (thriftwire/tests/interop/kitex) speaks the same way, so all are driven alike.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from interop.api.echo import Request, Response

PACE_S = 0.02


class Calls(Protocol):
    """A connected client."""

    async def ping(self, req: Request) -> Response: ...

    def echo_server(self, req: Request) -> AsyncIterator[Response]: ...


async def ping(request: Request, _: object = None) -> Response:
    """The handler of ping-pong calls; grpc.aio hands handlers a second argument."""
    return Response(message=request.message, n=request.n)


async def many(request: Request, _: object = None) -> AsyncIterator[Response]:
    """The handler of server streaming: as fast as it goes, or one message every 20 ms."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for number in range(request.n or 0):
        if request.message == "paced":
            await asyncio.sleep(max(0.0, begin + number * PACE_S - loop.time()))
        yield Response(message=request.message, n=number)


async def load(client: Calls, method: str, streams: int, n: int, message: str) -> dict[str, object]:
    """Run all streams, or callers, at once; what it cost this process."""

    async def stream() -> None:
        number = 0
        async for response in client.echo_server(Request(message=message, n=n)):
            assert response.n == number
            number += 1
        assert number == n

    async def calls() -> None:
        for _ in range(n):
            await client.ping(Request(message=message))

    one = stream if method == "EchoServer" else calls
    begin, cpu = time.perf_counter(), _cpu()
    await asyncio.gather(*(one() for _ in range(streams)))
    seconds, cpu = time.perf_counter() - begin, _cpu() - cpu
    return {"failed": 0, "messages": streams * n, "seconds": seconds, "cpu_seconds": cpu}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(
    serve: Callable[[], AbstractAsyncContextManager[str]],
    connect: Callable[[str], AbstractAsyncContextManager[Calls]],
    run: Callable[[Coroutine[Any, Any, None]], object],
) -> None:
    """Do what the command line says."""
    command, argument = sys.argv[1], json.loads(sys.argv[2])

    async def serving() -> None:
        async with serve() as address:
            print(json.dumps({"event": "listening", "address": address}), flush=True)
            await asyncio.to_thread(sys.stdin.read)

    async def loading() -> None:
        async with connect(argument["address"]) as client:
            done = await load(
                client, argument["method"], argument["streams"], argument["n"], argument.get("message", "many")
            )
        print(json.dumps(done), flush=True)

    run(serving() if command == "serve" else loading())
