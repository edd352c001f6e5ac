"""thriftwire as a peer: TTHeader Streaming for streams, framed for calls, on uvloop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import uvloop

import thriftwire
from bench.peers import peer
from interop.api.echo import ECHO_SVC, Request, Response


class Echo:
    """The handler; only what is measured does something."""

    async def ping(self, req: Request) -> Response:
        return await peer.ping(req)

    async def echo_unary(self, req: Request) -> Response:
        raise NotImplementedError

    def echo_server(self, req: Request) -> AsyncIterator[Response]:
        return peer.many(req)

    async def echo_client(self, reqs: AsyncIterator[Request]) -> Response:
        raise NotImplementedError

    def echo_bidi(self, reqs: AsyncIterator[Request]) -> AsyncIterator[Response]:
        raise NotImplementedError

    async def fire(self, req: Request) -> None:
        raise NotImplementedError


@asynccontextmanager
async def serve() -> AsyncGenerator[str, None]:
    """A server on a free port."""
    async with thriftwire.Server({ECHO_SVC: Echo()}) as server:
        yield server.address


@asynccontextmanager
async def connect(address: str) -> AsyncGenerator[peer.Calls, None]:
    """A client."""
    async with thriftwire.connect(address, ECHO_SVC) as client:
        yield client


if __name__ == "__main__":
    peer.main(serve, connect, uvloop.run)
