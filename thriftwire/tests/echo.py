"""The service that the tests of the shell call, and its handler."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol, cast

import msgspec

import thriftwire
from thriftwire.service import Codec, Method, Mode, Service


class Ping(msgspec.Struct, kw_only=True):
    """What is said, how often to repeat it, and how to misbehave."""

    text: str = ""
    times: int = 1
    size: int = 0
    fault: str = ""


class Pong(msgspec.Struct, kw_only=True):
    """What comes back."""

    text: str = ""
    index: int = 0


class Refused(Exception):
    """A declared exception."""

    def __init__(self, *, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class EchoService(Protocol):
    """The four modes, and a oneway."""

    async def ping(self, request: Ping) -> Pong: ...
    async def add(self, a: int, b: int) -> int: ...
    async def fire(self, request: Ping) -> None: ...
    def repeat(self, request: Ping) -> AsyncIterator[Pong]: ...
    async def join(self, requests: AsyncIterator[Ping]) -> Pong: ...
    def talk(self, requests: AsyncIterator[Ping]) -> AsyncIterator[Pong]: ...


def _bare(kind: Any) -> Codec:
    encoder, decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(kind)

    def decode(data: bytes) -> Any:
        try:
            return decoder.decode(data)
        except msgspec.MsgspecError as error:
            raise thriftwire.DecodeError(str(error)) from error

    return Codec(encode=encoder.encode, decode=decode)


def _result(kind: Any) -> Codec:
    inner = _bare(tuple[bool, Any])

    def encode(value: Any) -> bytes:
        return inner.encode((True, value.reason) if isinstance(value, Refused) else (False, value))

    def decode(data: bytes) -> Any:
        failed, value = inner.decode(data)
        return Refused(reason=value) if failed else msgspec.convert(value, kind)

    return Codec(encode=encode, decode=decode)


def _method(name: str, mode: Mode, request: Any, response: Any, **more: Any) -> Method:
    unary = not mode.streaming
    return Method(
        name=name,
        attribute=name.lower(),
        mode=mode,
        request=_bare(tuple[tuple(kind for _, kind in request)] if unary else request[0][1]),
        response=_result(response) if unary else _bare(response),
        request_types=request,
        response_type=response,
        throws=(Refused,) if unary else (),
        **more,
    )


_PING = (("request", Ping),)
_METHODS = (
    _method("Ping", Mode.PING_PONG, _PING, Pong),
    _method("Add", Mode.PING_PONG, (("a", int), ("b", int)), int),
    _method("Fire", Mode.PING_PONG, _PING, None, oneway=True),
    _method("Repeat", Mode.SERVER, _PING, Pong),
    _method("Join", Mode.CLIENT, (("requests", Ping),), Pong),
    _method("Talk", Mode.BIDIRECTIONAL, (("requests", Ping),), Pong),
)
ECHO_SERVICE: Service[EchoService] = Service(
    name="EchoService", package="echo", methods={each.name: each for each in _METHODS}, protocol=EchoService
)


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

    async def repeat(self, request: Ping) -> AsyncIterator[Pong]:
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

    async def talk(self, requests: AsyncIterator[Ping]) -> AsyncIterator[Pong]:
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


LINKS = ("local", "ttstream", "ttheader")
STREAMS = ("local", "ttstream")  # every way a stream travels
WIRES = ("ttstream", "ttheader", "ttheaderframed", "framed", "buffered")


@contextlib.asynccontextmanager
async def linked(
    kind: str, handler: Echo, *, server: dict[str, Any] | None = None, **client: Any
) -> AsyncIterator[EchoService]:
    """The echo service over one kind of link; ``server`` and ``client`` are further arguments of the two sides."""
    client.setdefault("name", "test.client")
    if kind == "local":
        async with thriftwire.local.connect(ECHO_SERVICE, cast("EchoService", handler), **client) as echo:
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
            await asyncio.sleep(0.001)


async def happens(event: asyncio.Event) -> None:
    """Wait for an event that must come."""
    async with asyncio.timeout(5):
        await event.wait()


def records(caplog: Any, level: int = logging.WARNING) -> list[str]:
    """What was logged at this level or above."""
    return [record.getMessage() for record in caplog.records if record.levelno >= level]
