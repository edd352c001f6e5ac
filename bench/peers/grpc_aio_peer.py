"""grpc.aio as a peer, on asyncio's own loop, carrying the same structs with the same codec."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio

import grpc
from bench.peers import peer
from interop.api.echo import ECHO_SVC, Request, Response

STREAM = ECHO_SVC.methods["EchoServer"]
SERVICE = "demo.EchoSvc"


@asynccontextmanager
async def serve() -> AsyncGenerator[str, None]:
    """A server on a free port."""
    server = grpc.aio.server(options=[("grpc.max_concurrent_streams", 2048)])
    codec = {"request_deserializer": STREAM.request.decode, "response_serializer": STREAM.response.encode}
    handlers = {
        "Ping": grpc.unary_unary_rpc_method_handler(peer.ping, **codec),
        "EchoServer": grpc.unary_stream_rpc_method_handler(peer.many, **codec),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0)


class Client:
    """The two methods on a channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        codec = {"request_serializer": STREAM.request.encode, "response_deserializer": STREAM.response.decode}
        self._ping = channel.unary_unary(f"/{SERVICE}/Ping", **codec)
        self._stream = channel.unary_stream(f"/{SERVICE}/EchoServer", **codec)

    async def ping(self, req: Request) -> Response:
        return await self._ping(req)

    def echo_server(self, req: Request) -> AsyncIterator[Response]:
        return aiter(self._stream(req))


@asynccontextmanager
async def connect(address: str) -> AsyncGenerator[peer.Calls, None]:
    """A client."""
    async with grpc.aio.insecure_channel(address) as channel:
        yield Client(channel)


if __name__ == "__main__":
    peer.main(serve, connect, asyncio.run)
