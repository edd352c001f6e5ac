"""A thriftwire client calls a Kitex server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

import thriftwire
from interop.api import newer
from interop.api.echo import ECHO_SVC, EchoErr, EchoSvc, Request, Response
from interop.handler import BIZ_CODE, BIZ_EXTRA, BIZ_MESSAGE, Echo
from interop.matrix import HEADED, PLAIN, STREAMS, UNARY, Row, Wire, covers
from interop.peer import Serving, serving
from thriftwire import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    RecvTimeout,
    RPCError,
    StreamTimeout,
    ThriftwireError,
    TransportError,
)

pytestmark = pytest.mark.needs("kitex")

MIB = 1024 * 1024


def connect(peer: Serving, wire: Wire) -> Any:
    return thriftwire.connect(peer.address, ECHO_SVC, transport=wire, name="py.client")


async def each(*requests: Request) -> AsyncGenerator[Request, None]:
    for request in requests:
        yield request


async def texts(replies: AsyncIterator[Response]) -> list[str]:
    return [reply.message async for reply in replies]


@covers(Row.PING, *UNARY)
async def test_a_call_is_answered(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        assert await client.ping(Request(message="hi", n=7)) == Response(message="hi", n=7)
        assert await client.ping(Request(message="again")) == Response(message="again")


@covers(Row.UNARY, *UNARY)
async def test_a_unary_mode_call_is_answered(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        assert (await client.echo_unary(Request(message="hi"))).message == "hi"


@covers(Row.ONEWAY, *PLAIN, *HEADED)
async def test_a_oneway_call_arrives(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        await client.fire(Request(message="away"))
        assert (await kitex.event("fired"))["message"] == "away"


@covers(Row.SERVER, *STREAMS)
async def test_a_server_streams(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        assert [reply.n async for reply in client.echo_server(Request(message="many", n=50))] == list(range(50))


@covers(Row.CLIENT, *STREAMS)
async def test_a_client_streams(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        reply = await client.echo_client(each(Request(message="a"), Request(message="b"), Request(message="c")))
        assert reply == Response(message="3 of c", n=3)


@covers(Row.BIDI, *STREAMS)
async def test_both_stream_in_turn(kitex: Serving, wire: Wire) -> None:
    heard = asyncio.Event()

    async def requests() -> AsyncGenerator[Request, None]:
        yield Request(message="a")
        await heard.wait()  # the answer to the first comes before the second is sent
        yield Request(message="b")

    said: list[str] = []
    async with connect(kitex, wire) as client:
        async for reply in client.echo_bidi(requests()):
            said.append(reply.message)
            heard.set()
    assert said == ["a", "b"]


@covers(Row.TEXT, *UNARY, "ttstream")
async def test_text_and_bytes_come_back_as_they_were(kitex: Serving, wire: Wire) -> None:
    request = Request(message="Größe, 大小, 🦀, \u0000", blob=bytes(range(256)))
    async with connect(kitex, wire) as client:
        if wire == "ttstream":
            (reply,) = [reply async for reply in client.echo_bidi(each(request))]
        else:
            reply = await client.ping(request)
    assert (reply.message, reply.blob) == (request.message, request.blob)


@covers(Row.DECLARED, *UNARY)
async def test_a_declared_exception_is_raised(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with pytest.raises(EchoErr) as caught:
            await client.ping(Request(message="declared"))
    assert caught.value.reason == "declared"


@covers(Row.BIZ, *UNARY, "ttstream")
async def test_a_business_status_arrives_whole_or_not_silently(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        if wire in PLAIN:
            with pytest.raises(ThriftwireError, match="missing"):
                await client.ping(Request(message="biz"))
            return
        with pytest.raises(BizStatusError) as caught:
            if wire == "ttstream":
                await client.echo_client(each(Request(message="biz")))
            else:
                await client.ping(Request(message="biz"))
    assert (caught.value.code, caught.value.message, caught.value.extra) == (BIZ_CODE, BIZ_MESSAGE, BIZ_EXTRA)


@covers(Row.BIZ_STREAM, *STREAMS)
async def test_a_business_status_comes_after_the_messages(kitex: Serving, wire: Wire) -> None:
    said: list[str] = []
    async with connect(kitex, wire) as client:
        with pytest.raises(BizStatusError, match="größer"):
            async for reply in client.echo_server(Request(message="partial")):
                said.append(reply.message)  # noqa: PERF401 - what came before the error is the point
    assert said == ["first"]


@covers(Row.FAILURE, *UNARY, "ttstream")
async def test_a_handler_that_fails_is_reported(kitex: Serving, wire: Wire) -> None:
    await _fails(kitex, wire, "fail", "boom")


@covers(Row.PANIC, *UNARY, "ttstream")
async def test_a_handler_that_panics_is_reported(kitex: Serving, wire: Wire) -> None:
    await _fails(kitex, wire, "panic", "kaboom")


async def _fails(kitex: Serving, wire: Wire, message: str, text: str) -> None:
    request = Request(message=message)
    async with connect(kitex, wire) as client:
        with pytest.raises(RPCError, match=text):
            if wire == "ttstream":
                await texts(client.echo_server(request))
            else:
                await client.ping(request)
        if wire != "ttstream":
            assert (await client.ping(Request(message="on"))).message == "on", "the connection is as good as before"


@covers(Row.UNKNOWN, *UNARY, "ttstream")
async def test_an_unknown_method_is_refused(kitex: Serving, wire: Wire) -> None:
    async with thriftwire.connect(kitex.address, newer.ECHO_SVC, transport=wire) as client:
        if wire == "ttstream":
            with thriftwire.calling(timeout_s=1), pytest.raises(StreamTimeout):
                await texts(client.missing_bidi(each(Request(message="x"))))
            return
        with pytest.raises(ApplicationError) as caught:
            await client.missing(Request(message="x"))
    assert caught.value.type in (ApplicationError.UNKNOWN_METHOD, ApplicationError.UNKNOWN_SERVICE)


@covers(Row.EDGES, *STREAMS)
async def test_headers_and_trailers_arrive(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with thriftwire.calling() as call:
            assert await texts(client.echo_bidi(each(Request(message="a")))) == ["a"]
    assert call.headers["hk"] == "hv"
    assert call.trailers["tk"] == "tv"


@covers(Row.FORWARD, *HEADED, *STREAMS)
async def test_metadata_reaches_the_handler(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with thriftwire.calling(transient={"TKEY": "t"}, persistent={"PKEY": "p"}):
            seen = json.loads(await _meta(client, wire))
    assert (seen["transient"], seen["persistent"]) == ({"TKEY": "t"}, {"PKEY": "p"})
    if wire != "ttstream":
        assert seen["caller"] == "py.client"


async def _meta(client: EchoSvc, wire: Wire) -> str:
    if wire in HEADED:
        return (await client.ping(Request(message="meta"))).message
    (text,) = await texts(client.echo_server(Request(message="meta")))
    return text


@covers(Row.BACKWARD, *HEADED)
async def test_backward_metadata_comes_with_the_reply(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with thriftwire.calling() as call:
            await client.ping(Request(message="hi"))
    assert call.metadata.backward["bk"] == "bv"


@covers(Row.DEADLINE, *HEADED, "grpc")
async def test_the_deadline_reaches_the_handler(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with thriftwire.calling(timeout_s=9):
            seen = json.loads(await _meta(client, wire))
    assert 1000 < seen["deadline_ms"] <= 9000


@covers(Row.TIMEOUT, *UNARY, "ttstream")
async def test_a_call_that_takes_too_long_is_given_up(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        with thriftwire.calling(timeout_s=1), pytest.raises(StreamTimeout):
            if wire in STREAMS:
                await texts(client.echo_server(Request(message="hang")))
            else:
                await client.ping(Request(message="hang"))
        # Kitex may see a connection close before it has read the reset that came first.
        if wire == "ttstream":
            told = await kitex.event("cancelled")
            assert "code=12015" in told["error"]
            assert "py.client" in told["error"]
        elif wire == "grpc":
            await kitex.event("cancelled")


@covers(Row.RECV, *STREAMS)
async def test_a_message_that_takes_too_long_is_given_up(kitex: Serving, wire: Wire) -> None:
    said: list[str] = []
    async with connect(kitex, wire) as client:
        with thriftwire.calling(recv_timeout_s=1), pytest.raises(RecvTimeout):
            async for reply in client.echo_server(Request(message="stall")):
                said.append(reply.message)  # noqa: PERF401 - what came before the error is the point
        told = await kitex.event("cancelled")
    assert said == ["first"]
    if wire == "ttstream":
        assert "code=12014" in told["error"]


@covers(Row.CANCEL, *STREAMS)
async def test_leaving_early_cancels_the_handler(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        async with aclosing(client.echo_server(Request(message="stall"))) as replies:
            assert (await anext(replies)).message == "first"
        told = await kitex.event("cancelled")
    if wire == "ttstream":
        assert "code=12007" in told["error"]
        assert "[canceled path: py.client]" in told["error"]


@covers(Row.CASCADE, *STREAMS)
async def test_a_cancellation_crosses_kitex_to_the_third_hop(wire: Wire) -> None:
    echo = Echo()
    last = thriftwire.Server({ECHO_SVC: echo}, name="py.last")
    await last.start()
    try:
        async with (
            serving(next=last.address, next_wire=wire, name="go.middle") as middle,
            connect(middle, wire) as client,
        ):
            with thriftwire.calling(timeout_s=1), pytest.raises(StreamTimeout):
                await texts(client.echo_server(Request(message="chain:hang")))
            reason, path = await _cancelled(echo)
    finally:
        await last.stop(grace_s=0)
    assert isinstance(reason, RPCError)
    if wire == "ttstream":
        assert (reason.code, path) == (12015, ("py.client", "go.middle"))
    else:
        assert isinstance(reason, Cancelled | StreamTimeout)  # the deadline crosses, too, and may be there first


async def _cancelled(echo: Echo) -> tuple[object, object]:
    told = await echo.event("cancelled")
    assert isinstance(told, tuple)
    return told  # pyright: ignore[reportUnknownVariableType]


@covers(Row.BIG, *UNARY, "ttstream")
async def test_a_large_message_goes_and_comes(kitex: Serving, wire: Wire) -> None:
    blob = bytes(4 * MIB)
    async with connect(kitex, wire) as client:
        if wire == "ttstream":
            (reply,) = [reply async for reply in client.echo_bidi(each(Request(message="blob", blob=blob)))]
        else:
            reply = await client.ping(Request(message="blob", blob=blob))
    assert reply.blob == blob


@covers(Row.MANY, *STREAMS)
async def test_a_thousand_streams_do_not_mix(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:

        async def talk(number: int) -> list[str]:
            return await texts(client.echo_bidi(each(*(Request(message=f"{number}-{i}") for i in range(5)))))

        said = await asyncio.gather(*(talk(number) for number in range(1000)))
    assert said == [[f"{number}-{i}" for i in range(5)] for number in range(1000)]


@covers(Row.KILLED, *UNARY, "ttstream")
async def test_a_killed_server_fails_the_call(kitex: Serving, wire: Wire) -> None:
    async with connect(kitex, wire) as client:
        if wire == "ttstream":
            replies = client.echo_server(Request(message="stall"))
            assert (await anext(replies)).message == "first"
            waiting = asyncio.ensure_future(anext(replies))
        else:
            waiting = asyncio.ensure_future(client.ping(Request(message="hang")))
            await kitex.event("hanging")
        kitex.kill()
        with pytest.raises(TransportError):
            await asyncio.wait_for(waiting, 5)


@covers(Row.STOP, *UNARY, "ttstream")
async def test_a_server_that_stops_lets_calls_finish(wire: Wire) -> None:
    async with serving(exit_wait_ms=2000) as kitex, connect(kitex, wire) as client:
        if wire not in STREAMS:
            assert (await client.ping(Request(message="hi"))).message == "hi"
            kitex.stop()
            with pytest.raises(TransportError):
                async with asyncio.timeout(10):
                    while True:
                        await client.ping(Request(message="hi"))
            return
        said: list[int | None] = []
        async for reply in client.echo_server(Request(message="slow", n=20)):
            said.append(reply.n)
            if len(said) == 1:
                kitex.stop()
    assert said == list(range(20))
