"""grpclib as a peer, on uvloop, carrying the same structs with the same codec."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvloop
from grpclib.client import Channel, UnaryStreamMethod, UnaryUnaryMethod
from grpclib.const import Cardinality, Handler
from grpclib.encoding.base import CodecBase
from grpclib.server import Server

from bench.peers import peer
from interop.api.echo import ECHO_SVC, Request, Response

STREAM = ECHO_SVC.methods["EchoServer"]
SERVICE = "demo.EchoSvc"


class ThriftCodec(CodecBase):
    """Bare structs."""

    @property
    def __content_subtype__(self) -> str:
        return "thrift"

    def encode(self, message: Any, message_type: Any) -> bytes:
        side = STREAM.request if message_type is Request else STREAM.response
        return side.encode(message)

    def decode(self, data: bytes, message_type: Any) -> Any:
        side = STREAM.request if message_type is Request else STREAM.response
        return side.decode(data)


class Echo:
    """The handler."""

    async def ping(self, stream: Any) -> None:
        await stream.send_message(await peer.ping(await stream.recv_message()))

    async def many(self, stream: Any) -> None:
        async for response in peer.many(await stream.recv_message()):
            await stream.send_message(response)

    def __mapping__(self) -> dict[str, Handler]:
        return {
            f"/{SERVICE}/Ping": Handler(self.ping, Cardinality.UNARY_UNARY, Request, Response),
            f"/{SERVICE}/EchoServer": Handler(self.many, Cardinality.UNARY_STREAM, Request, Response),
        }


@asynccontextmanager
async def serve() -> AsyncGenerator[str, None]:
    """A server on a free port."""
    server = Server([Echo()], codec=ThriftCodec())
    listener = socket.create_server(("127.0.0.1", 0))
    await server.start(sock=listener)
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    server.close()
    await server.wait_closed()


class Client:
    """The two methods on a channel."""

    def __init__(self, channel: Channel) -> None:
        self._ping = UnaryUnaryMethod(channel, f"/{SERVICE}/Ping", Request, Response)
        self._stream = UnaryStreamMethod(channel, f"/{SERVICE}/EchoServer", Request, Response)

    async def ping(self, req: Request) -> Response:
        return await self._ping(req)

    async def echo_server(self, req: Request) -> AsyncIterator[Response]:
        async with self._stream.open() as stream:
            await stream.send_message(req, end=True)
            async for response in stream:
                yield response


@asynccontextmanager
async def connect(address: str) -> AsyncGenerator[peer.Calls, None]:
    """A client."""
    host, port = address.rsplit(":", 1)
    channel = Channel(host, int(port), codec=ThriftCodec())
    yield Client(channel)
    channel.close()


if __name__ == "__main__":
    peer.main(serve, connect, uvloop.run)
