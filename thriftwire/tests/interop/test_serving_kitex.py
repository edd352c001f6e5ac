"""A Kitex client calls a thriftwire server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import thriftwire
from interop import peer
from interop.api.echo import ECHO_SVC
from interop.handler import BIZ_CODE, BIZ_EXTRA, BIZ_MESSAGE, Echo
from interop.matrix import HEADED, PLAIN, STREAMS, UNARY, Row, Wire, covers
from interop.peer import PATIENCE_S, Outcome, serving
from thriftwire import ApplicationError, Cancelled, RPCError, TransportError

pytestmark = pytest.mark.needs("kitex")

MIB = 1024 * 1024


async def call(server: thriftwire.Server, wire: Wire, method: str = "", **argument: Any) -> Outcome:
    """The peer's call; without a method, ping on wires of ping-pong calls and EchoServer on streams."""
    method = method or ("EchoServer" if wire == "ttstream" else "Ping")
    return await peer.call(address=server.address, wire=wire, method=method, **argument)


@covers(Row.PING, *UNARY)
async def test_a_call_is_answered(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "Ping", message="hi", n=7)
    assert (outcome.kind, outcome.messages) == ("ok", [peer.Received(message="hi", n=7)])


@covers(Row.UNARY, *UNARY)
async def test_a_unary_mode_call_is_answered(ours: thriftwire.Server, wire: Wire) -> None:
    assert (await call(ours, wire, "EchoUnary", message="hi")).texts == ["hi"]


@covers(Row.ONEWAY, *PLAIN, *HEADED)
async def test_a_oneway_call_arrives(ours: thriftwire.Server, echo: Echo, wire: Wire) -> None:
    assert (await call(ours, wire, "Fire", message="away")).kind == "ok"
    assert await echo.event("fired") == "away"


@covers(Row.SERVER, *STREAMS)
async def test_a_server_streams(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "EchoServer", message="many", n=50)
    assert outcome.kind == "ok"
    assert [received.n for received in outcome.messages or ()] == list(range(50))


@covers(Row.CLIENT, *STREAMS)
async def test_a_client_streams(ours: thriftwire.Server, wire: Wire) -> None:
    assert (await call(ours, wire, "EchoClient", message="c", send=3)).texts == ["3 of c"]


@covers(Row.BIDI, *STREAMS)
async def test_both_stream_in_turn(ours: thriftwire.Server, wire: Wire) -> None:
    assert (await call(ours, wire, "EchoBidi", message="a", send=3)).texts == ["a", "a", "a"]


@covers(Row.TEXT, *UNARY, "ttstream")
async def test_text_and_bytes_come_back_as_they_were(ours: thriftwire.Server, wire: Wire) -> None:
    text = "Größe, 大小, 🦀, \u0000"
    outcome = await call(ours, wire, message=text, size=256)
    assert outcome.messages == [peer.Received(message=text, blob=256)]


@covers(Row.DECLARED, *UNARY)
async def test_a_declared_exception_is_understood(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "Ping", message="declared")
    assert (outcome.kind, outcome.text) == ("declared", "declared")


@covers(Row.BIZ, *UNARY, "ttstream")
async def test_a_business_status_arrives_whole_or_not_silently(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, message="biz")
    if wire in PLAIN:
        assert (outcome.kind, outcome.code) == ("error", ApplicationError.INTERNAL_ERROR)
        assert "could not be sent" in outcome.text
    else:
        assert (outcome.kind, outcome.code, outcome.text) == ("biz", BIZ_CODE, BIZ_MESSAGE)
        assert outcome.extra == BIZ_EXTRA


@covers(Row.BIZ_STREAM, *STREAMS)
async def test_a_business_status_comes_after_the_messages(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "EchoServer", message="partial")
    assert (outcome.kind, outcome.code) == ("biz", BIZ_CODE)
    assert outcome.texts == ["first"] or (wire == "ttstream" and outcome.texts == [])


@covers(Row.FAILURE, *UNARY, "ttstream")
async def test_a_handler_that_fails_is_reported(ours: thriftwire.Server, wire: Wire) -> None:
    await _fails(ours, wire, "fail", "boom")


@covers(Row.PANIC, *UNARY, "ttstream")
async def test_a_handler_that_breaks_is_reported(ours: thriftwire.Server, wire: Wire) -> None:
    await _fails(ours, wire, "panic", "kaboom")


async def _fails(ours: thriftwire.Server, wire: Wire, message: str, text: str) -> None:
    outcome = await call(ours, wire, message=message)
    code = {"ttstream": 12001, "grpc": 13}.get(wire, ApplicationError.INTERNAL_ERROR)
    assert (outcome.kind, outcome.code) == ("error", code)
    assert text in outcome.text


@covers(Row.UNKNOWN, *UNARY, "ttstream")
async def test_an_unknown_method_is_refused_at_once(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "MissingBidi" if wire == "ttstream" else "Missing", message="x")
    assert outcome.kind == "error"
    assert outcome.code in {"ttstream": {12001}, "grpc": {12}}.get(wire, {1, 20})
    assert "Missing" in outcome.text


@covers(Row.EDGES, *STREAMS)
async def test_headers_and_trailers_arrive(ours: thriftwire.Server, wire: Wire) -> None:
    for method in ("EchoServer", "EchoClient", "EchoBidi"):
        outcome = await call(ours, wire, method, message="a")
        assert (outcome.headers or {})["hk"] == "hv"
        assert (outcome.trailers or {})["tk"] == "tv"


@covers(Row.FORWARD, *HEADED, *STREAMS)
async def test_metadata_reaches_the_handler(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, message="meta", transient={"TKEY": "t"}, persistent={"PKEY": "p"})
    seen = json.loads(outcome.texts[0])
    assert (seen["transient"], seen["persistent"]) == ({"TKEY": "t"}, {"PKEY": "p"})
    if wire != "ttstream":
        assert seen["caller"] == "cli.svc"


@covers(Row.BACKWARD, *HEADED)
async def test_backward_metadata_comes_with_the_reply(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, "Ping", message="hi")
    assert (outcome.backward or {})["bk"] == "bv"


@covers(Row.DEADLINE, *HEADED, "grpc")
async def test_the_deadline_reaches_the_handler(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, message="meta", timeout_ms=9000)
    assert 1000 < json.loads(outcome.texts[0])["deadline_ms"] <= 9000


@covers(Row.TIMEOUT, *UNARY, "ttstream")
async def test_a_call_that_takes_too_long_is_given_up(ours: thriftwire.Server, echo: Echo, wire: Wire) -> None:
    outcome = await call(ours, wire, message="hang", timeout_ms=1000)
    assert outcome.kind == "error"
    assert "time" in outcome.text or "deadline" in outcome.text
    reason, path = await _cancelled(echo)
    if wire == "ttstream":
        assert (reason.code, path) == (12015, ("cli.svc",))


async def _cancelled(echo: Echo) -> tuple[RPCError, tuple[str, ...]]:
    """Why the handler was cancelled, and whom the cancellation crossed."""
    told: Any = await echo.event("cancelled")
    reason, path = told
    assert isinstance(reason, RPCError)
    return reason, path


@covers(Row.RECV, *STREAMS)
async def test_a_message_that_takes_too_long_is_given_up(ours: thriftwire.Server, echo: Echo, wire: Wire) -> None:
    outcome = await call(ours, wire, "EchoServer", message="stall", recv_ms=300)
    assert (outcome.kind, outcome.texts) == ("error", ["first"])
    assert outcome.code == {"ttstream": 12014, "grpc": 17}[wire]
    reason, _ = await _cancelled(echo)
    if wire == "ttstream":
        assert reason.code == 12014


@covers(Row.CANCEL, *STREAMS)
async def test_a_caller_that_cancels_ends_the_handler(ours: thriftwire.Server, echo: Echo, wire: Wire) -> None:
    outcome = await call(ours, wire, "EchoServer", message="stall", cancel_after=1)
    assert outcome.code == {"ttstream": 12007, "grpc": 1}[wire]
    reason, path = await _cancelled(echo)
    assert isinstance(reason, Cancelled)
    if wire == "ttstream":
        assert (reason.code, path) == (12007, ("cli.svc",))


@covers(Row.CASCADE, *STREAMS)
async def test_a_cancellation_crosses_us_to_the_third_hop(wire: Wire) -> None:
    async with (
        serving(name="go.last") as last,
        thriftwire.connect(last.address, ECHO_SVC, transport=wire, name="py.middle") as onward,
        thriftwire.Server({ECHO_SVC: Echo(onward)}, name="py.middle") as middle,
    ):
        outcome = await call(middle, wire, "EchoServer", message="chain:hang", timeout_ms=1000)
        told = await last.event("cancelled")
    assert outcome.kind == "error"
    if wire == "ttstream":
        assert "code=12015" in told["error"]
        assert "[canceled path: cli.svc -> py.middle]" in told["error"]


@covers(Row.BIG, *UNARY, "ttstream")
async def test_a_large_message_goes_and_comes(ours: thriftwire.Server, wire: Wire) -> None:
    outcome = await call(ours, wire, message="blob", size=4 * MIB)
    assert [received.blob for received in outcome.messages or ()] == [4 * MIB]


@covers(Row.MANY, *STREAMS)
async def test_a_thousand_streams_do_not_mix(ours: thriftwire.Server, wire: Wire) -> None:
    done = await peer.load(address=ours.address, wire=wire, method="EchoBidi", streams=1000, n=5)
    assert (done.failed, done.text) == (0, None)


@covers(Row.KILLED, *UNARY, "ttstream")
async def test_a_killed_client_ends_the_handler(ours: thriftwire.Server, echo: Echo, wire: Wire) -> None:
    method = "EchoServer" if wire in STREAMS else "Ping"
    client = await peer.start("call", {"address": ours.address, "wire": wire, "method": method, "message": "hang"})
    await echo.event("hanging")
    client.kill()
    await client.communicate()
    reason, _ = await _cancelled(echo)
    assert isinstance(reason, TransportError | Cancelled)


@covers(Row.STOP, *UNARY, "ttstream")
async def test_a_server_that_stops_lets_calls_finish(echo: Echo, wire: Wire) -> None:
    server = thriftwire.Server({ECHO_SVC: echo}, name="py.server")
    await server.start()
    method, message = ("EchoServer", "hold") if wire in STREAMS else ("Ping", "hold")
    outcome = asyncio.ensure_future(call(server, wire, method, message=message))
    async with asyncio.timeout(PATIENCE_S):
        await echo.event("holding")
        stopping = asyncio.ensure_future(server.stop(grace_s=PATIENCE_S))
        await asyncio.sleep(0)  # the server is stopping now
        echo.release.set()
        await stopping
        assert (await outcome).kind == "ok"
