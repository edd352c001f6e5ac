from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from echo import LINKS, STREAMS, Echo, Ping, linked, pings
from thriftwire import BizStatusError, Cancelled, Middleware
from thriftwire.call import Call
from thriftwire.middleware import Chain, leave


class Journal:
    """Middleware that writes down what it sees."""

    def __init__(self, name: str = "", *, swallow: bool = False) -> None:
        self.name, self.swallow = name, swallow
        self.lines: list[str] = []

    @contextlib.asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        self.lines.append(f"{self.name}begin {call.method}")
        try:
            yield
        except BaseException as error:
            self.lines.append(f"{self.name}failed {type(error).__name__}")
            if not self.swallow:
                raise
        else:
            self.lines.append(f"{self.name}end")

    async def sent(self, call: Call, message: Any) -> Any:
        self.lines.append("sent")
        return message

    async def received(self, call: Call, message: Any) -> Any:
        self.lines.append("received")
        return message

    @property
    def all(self) -> Middleware:
        return Middleware(around=self.around, sent=self.sent, received=self.received)


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_client_sees_its_call_and_every_message(kind: str) -> None:
    journal = Journal()
    async with linked(kind, Echo(), middleware=[journal.all]) as echo:
        assert len([pong async for pong in echo.repeat(Ping(times=2))]) == 2
    assert journal.lines == ["begin Repeat", "sent", "received", "received", "end"]


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "grpc"])
async def test_a_server_sees_the_same_from_its_side(kind: str) -> None:
    journal = Journal()
    async with linked(kind, Echo(), server={"middleware": [journal.all]}) as echo:
        await echo.ping(Ping())
        assert [pong.text async for pong in echo.talk(pings("ab"))] == ["a", "b"]
    unary, stream = journal.lines[:4], journal.lines[4:]
    assert unary == ["begin Ping", "received", "sent", "end"]
    assert stream == ["begin Talk", "received", "sent", "received", "sent", "end"]


@pytest.mark.parametrize("kind", LINKS)
async def test_a_failure_is_raised_through_the_hook_and_cannot_be_swallowed(kind: str) -> None:
    journal = Journal(swallow=True)
    async with linked(kind, Echo(), middleware=[journal.all]) as echo:
        with pytest.raises(BizStatusError):
            await echo.ping(Ping(fault="biz"))
    assert journal.lines == ["begin Ping", "sent", "failed BizStatusError"]


@pytest.mark.parametrize("kind", STREAMS)
async def test_leaving_early_is_seen_as_a_cancellation(kind: str) -> None:
    journal = Journal()
    async with (
        linked(kind, Echo(), middleware=[journal.all]) as echo,
        aclosing(echo.repeat(Ping(times=5))) as stream,
    ):
        await anext(stream)
    assert journal.lines[-1] == f"failed {Cancelled.__name__}"


@pytest.mark.parametrize("kind", STREAMS)
async def test_letting_go_of_a_stream_ends_what_is_around_it(kind: str) -> None:
    journal = Journal()
    async with linked(kind, Echo(), middleware=[journal.all]) as echo:
        async for _ in echo.repeat(Ping(times=5)):
            break
    assert journal.lines[-1] == f"failed {Cancelled.__name__}"


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_message_can_be_replaced(kind: str) -> None:
    async def louder(call: Call, message: Any) -> Any:
        return msgspec.structs.replace(message, text=message.text.upper())

    async with linked(kind, Echo(), middleware=[Middleware(received=louder)]) as echo:
        assert [pong.text async for pong in echo.repeat(Ping(text="a"))] == ["A"]


@pytest.mark.parametrize("kind", LINKS)
async def test_a_hook_can_add_metadata_before_the_call_goes_out(kind: str) -> None:
    @contextlib.asynccontextmanager
    async def stamp(call: Call) -> AsyncIterator[None]:
        call.metadata.persistent["TENANT"] = "blue"
        yield

    handler = Echo()
    async with linked(kind, handler, middleware=[Middleware(around=stamp)]) as echo:
        await echo.ping(Ping())
    assert handler.calls[0].metadata.persistent == {"TENANT": "blue"}


async def test_a_hook_may_refuse_and_may_replace_a_failure() -> None:
    @contextlib.asynccontextmanager
    async def no(call: Call) -> AsyncIterator[None]:
        raise BizStatusError(40300, "no")
        yield

    @contextlib.asynccontextmanager
    async def renamed(call: Call) -> AsyncIterator[None]:
        try:
            yield
        except BizStatusError as error:
            raise BizStatusError(1, "renamed") from error

    async with linked("ttstream", Echo(), server={"middleware": [Middleware(around=no)]}) as echo:
        with pytest.raises(BizStatusError, match="no"):
            await echo.ping(Ping())
    async with linked("ttstream", Echo(), middleware=[Middleware(around=renamed)]) as echo:
        with pytest.raises(BizStatusError, match="renamed"):
            await echo.ping(Ping(fault="biz"))


async def test_the_first_is_outermost_for_calls_and_for_messages() -> None:
    order: list[str] = []

    def marked(name: str) -> Middleware:
        @contextlib.asynccontextmanager
        async def around(call: Call) -> AsyncIterator[None]:
            order.append(f"+{name}")
            yield
            order.append(f"-{name}")

        async def sent(call: Call, message: str) -> str:
            return message + name

        return Middleware(around=around, sent=sent, received=sent)

    chain = Chain([marked("1"), marked("2")])
    await leave(await chain.enter(Call()))
    assert order == ["+1", "+2", "-2", "-1"]
    assert chain.sent is not None and await chain.sent(Call(), "") == "12"
    assert chain.received is not None and await chain.received(Call(), "") == "21"


async def test_without_middleware_there_is_nothing_to_do() -> None:
    chain = Chain()
    assert chain.sent is None and chain.received is None
    assert await chain.enter(Call()) is None
    await leave(None, ValueError())
