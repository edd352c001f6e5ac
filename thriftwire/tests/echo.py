"""The service that the tests of the shell call, and its handler."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from typing import Any, cast

import thriftwire
from contract.echo import ECHO_SERVICE, EchoService, Ping, Pong, Refused
from thriftwire.events import Event
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine

__all__ = ["ECHO_SERVICE", "LINKS", "STREAMS", "WIRES", "Echo", "EchoService", "Ping", "Pong", "Refused"]


class Echo:
    """The handler. It notes what happened to it, for the tests to wait for."""

    def __init__(self) -> None:
        self.happened: dict[str, asyncio.Event] = {}
        self.calls: list[thriftwire.Call] = []
        self.live = 0

    def event(self, name: str) -> asyncio.Event:
        return self.happened.setdefault(name, asyncio.Event())

    def _note(self) -> None:
        call = thriftwire.current()
        assert call is not None
        self.calls.append(call)

    def _misbehave(self, request: Ping) -> None:
        match request.fault:
            case "biz":
                raise thriftwire.BizStatusError(40400, "no such thing", {"class": "not_found"})
            case "error":
                raise ValueError("broken")
            case "refused":
                raise Refused(reason="declared")
            case "application":
                raise thriftwire.ApplicationError(42, "typed")
            case _:
                pass

    async def _hang(self, request: Ping) -> None:
        if request.fault == "hang":
            self.event("hanging").set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.event("cancelled").set()
                raise

    async def ping(self, request: Ping) -> Pong:
        self._note()
        self._misbehave(request)
        await self._hang(request)
        return Pong(text=request.text)

    async def add(self, a: int, b: int) -> int:
        return a + b

    async def fire(self, request: Ping) -> None:
        self._note()
        self.event(request.text).set()

    async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
        self._note()
        self.live += 1
        try:
            if request.fault == "early":
                raise thriftwire.BizStatusError(42901, "too many")
            for index in range(request.times):
                yield Pong(text=request.text + "x" * request.size, index=index)
            self._misbehave(request)
            await self._hang(request)
        finally:
            self.live -= 1
            self.event("closed").set()

    async def join(self, requests: AsyncIterator[Ping]) -> Pong:
        self._note()
        texts = [request.text async for request in requests]
        return Pong(text=" ".join(texts), index=len(texts))

    async def talk(self, requests: AsyncIterator[Ping]) -> AsyncGenerator[Pong]:
        self._note()
        self.live += 1
        index = 0
        try:
            async for request in requests:
                self._misbehave(request)
                await self._hang(request)
                yield Pong(text=request.text, index=index)
                index += 1
        finally:
            self.live -= 1
            self.event("closed").set()


LINKS = ("local", "ttstream", "ttheader", "grpc")
STREAMS = ("local", "ttstream", "grpc")  # every way a stream travels
WIRES = ("ttstream", "ttheader", "ttheaderframed", "framed", "buffered")


@contextlib.asynccontextmanager
async def linked(
    kind: str, handler: Echo, *, server: dict[str, Any] | None = None, **client: Any
) -> AsyncIterator[EchoService]:
    """The echo service over one kind of link; ``server`` and ``client`` are further arguments of the two sides."""
    client.setdefault("name", "test.client")
    if kind == "local":
        async with thriftwire.local.connect(ECHO_SERVICE, handler, **client) as echo:
            yield echo
        return
    async with (
        thriftwire.Server({ECHO_SERVICE: handler}, name="test.echo", **(server or {})) as running,
        thriftwire.connect(running.address, ECHO_SERVICE, transport=cast("Any", kind), **client) as echo,
    ):
        yield echo


async def pings(texts: Iterable[str]) -> AsyncIterator[Ping]:
    """A client's stream."""
    for text in texts:
        yield Ping(text=text)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what no event announces."""
    async with asyncio.timeout(5):
        while not condition():
            await passes(0.001)


async def passes(seconds: float) -> None:
    """Let time pass in which nothing must happen, or in which something happens of itself."""
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, passed.set)
    await passed.wait()


async def happens(event: asyncio.Event) -> None:
    """Wait for an event that must come."""
    async with asyncio.timeout(5):
        await event.wait()


def records(caplog: Any, level: int = logging.WARNING) -> list[str]:
    """What was logged at this level or above."""
    return [record.getMessage() for record in caplog.records if record.levelno >= level]


Script = Callable[[Event], Sequence[Event] | None]


@contextlib.asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[str]:
    """A TTHeader Streaming server that is a function from an event to the events it answers, or None to hang up."""
    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        machine = StreamingMachine(Role.SERVER)
        try:
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(65536):
                    for event in machine.receive(data):
                        answers = script(event)
                        for answer in answers or ():
                            machine.send(answer)
                        writer.write(machine.outgoing())
                        if answers is None:
                            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
    finally:
        server.close()
        if serving:
            await asyncio.wait(serving)
