"""thriftwire over gRPC (HTTP/2) as a peer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvloop

import thriftwire
from bench.peers import peer
from bench.peers.thriftwire_peer import serve
from interop.api.echo import ECHO_SVC


@asynccontextmanager
async def connect(address: str) -> AsyncGenerator[peer.Calls, None]:
    """A client."""
    async with thriftwire.connect(address, ECHO_SVC, transport="grpc") as client:
        yield client


if __name__ == "__main__":
    peer.main(serve, connect, uvloop.run)
