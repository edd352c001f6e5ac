from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from echo import LINKS, STREAMS, Echo, Ping, linked, pings, until
from thriftwire import BizStatusError, Cancelled, LimitExceeded, Limits
from thriftwire.tracing import (
    Outcome,
    RPCFinish,
    RPCStart,
    Side,
    Sink,
    StreamFinish,
    StreamRecv,
    StreamRecvHeader,
    StreamSend,
    StreamStart,
    TraceEvent,
    outcome_of,
)


class Recorder:
    """A tracer that keeps everything."""

    def __init__(self) -> None:
        self.starts: list[RPCStart] = []
        self.events: list[TraceEvent] = []

    def __call__(self, start: RPCStart) -> Sink:
        self.starts.append(start)
        return self.events.append

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    @property
    def finish(self) -> RPCFinish:
        assert isinstance(self.events[-1], RPCFinish)
        return self.events[-1]


@pytest.mark.parametrize("kind", ["ttstream", "grpc"])
async def test_a_stream_is_told_from_start_to_finish_on_both_sides(kind: str) -> None:
    client, server = Recorder(), Recorder()
    async with linked(kind, Echo(), server={"tracers": [server]}, tracers=[client]) as echo:
        assert len([pong async for pong in echo.repeat(Ping(text="hi", times=2))]) == 2
        await until(lambda: server.events and isinstance(server.events[-1], RPCFinish))
    assert client.names == [
        "StreamSend",
        "StreamStart",
        "StreamRecvHeader",
        "StreamRecv",
        "StreamRecv",
        "StreamFinish",
        "RPCFinish",
    ]
    assert server.names == ["StreamStart", "StreamRecv", "StreamSend", "StreamSend", "StreamFinish", "RPCFinish"]
    assert client.starts[0].side is Side.CLIENT and server.starts[0].side is Side.SERVER
    ours, theirs = client.finish, server.finish
    assert (ours.sent, ours.received) == (theirs.received, theirs.sent) == (1, 2)
    assert ours.sent_bytes == theirs.received_bytes > 0
    assert ours.received_bytes == theirs.sent_bytes > 0
    assert ours.outcome is theirs.outcome is Outcome.OK


@pytest.mark.parametrize("kind", LINKS)
async def test_a_single_call_is_told_by_its_start_and_finish(kind: str) -> None:
    recorder = Recorder()
    async with linked(kind, Echo(), tracers=[recorder]) as echo:
        await echo.ping(Ping())
    assert recorder.names == ["RPCFinish"]
    assert recorder.starts[0].call.method == "Ping"
    assert (recorder.finish.sent, recorder.finish.received) == (1, 1)
    assert recorder.finish.duration_s >= 0


@pytest.mark.parametrize("kind", STREAMS)
async def test_the_finish_is_when_the_user_sees_the_end(kind: str) -> None:
    recorder = Recorder()
    async with linked(kind, Echo(), tracers=[recorder]) as echo:
        stream = echo.repeat(Ping(times=3))
        await anext(stream)
        await echo.ping(Ping())  # by now a wire has brought everything, trailer included
        assert sum(isinstance(event, StreamRecv) for event in recorder.events) == 1
        assert not any(isinstance(event, StreamFinish) for event in recorder.events)
        assert len([pong async for pong in stream]) == 2
        assert recorder.finish.received == 3


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_business_status_is_an_outcome_of_its_own(kind: str) -> None:
    client, server = Recorder(), Recorder()
    more: dict[str, Any] = {} if kind == "local" else {"server": {"tracers": [server]}}
    async with linked(kind, Echo(), tracers=[client], **more) as echo:
        with pytest.raises(BizStatusError):
            async for _ in echo.repeat(Ping(fault="biz")):
                pass
        assert client.finish.outcome is Outcome.BIZ
        assert isinstance(client.finish.error, BizStatusError)
        if more:
            await until(lambda: server.events and isinstance(server.events[-1], RPCFinish))
            assert server.finish.outcome is Outcome.BIZ


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_call_left_early_finishes_too(kind: str) -> None:
    recorder = Recorder()
    async with linked(kind, Echo(), tracers=[recorder]) as echo:
        async with aclosing(echo.repeat(Ping(times=3, fault="hang"))) as stream:
            await anext(stream)
        assert isinstance(recorder.finish.error, Cancelled)
        async for _ in echo.repeat(Ping(times=3, fault="hang")):
            break
        await until(lambda: sum(isinstance(event, RPCFinish) for event in recorder.events) == 2)


async def test_a_handler_sees_why_its_call_ended() -> None:
    recorder = Recorder()
    async with linked("ttstream", Echo(), server={"tracers": [recorder]}) as echo:
        async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as stream:
            await anext(stream)
        await until(lambda: recorder.events and isinstance(recorder.events[-1], RPCFinish))
    assert isinstance(recorder.finish.error, Cancelled)
    assert recorder.finish.outcome is Outcome.ERROR


async def test_the_headers_of_a_stream_are_told() -> None:
    recorder = Recorder()
    async with linked("ttstream", Echo(), tracers=[recorder]) as echo:
        assert [pong.text async for pong in echo.talk(pings("ab"))] == ["a", "b"]
    (headers,) = [event for event in recorder.events if isinstance(event, StreamRecvHeader)]
    assert headers.headers == {}
    sends = [event for event in recorder.events if isinstance(event, StreamSend)]
    assert len(sends) == 2 and sends[0].at <= sends[1].at
    assert isinstance(recorder.events[0], StreamStart)


async def test_a_refused_call_is_told_as_well() -> None:
    recorder = Recorder()
    limits = Limits(calls_per_s=0.001)
    async with linked("ttstream", Echo(), server={"tracers": [recorder], "limits": limits}) as echo:
        await echo.ping(Ping())
        with pytest.raises(LimitExceeded):
            await echo.ping(Ping())
        await until(lambda: len(recorder.starts) == 2)
    assert isinstance(recorder.finish.error, LimitExceeded)


async def test_a_tracer_may_add_metadata_before_the_call_goes_out() -> None:
    def stamp(start: RPCStart) -> None:
        start.call.metadata.transient["TRACE"] = "1"

    handler = Echo()
    async with linked("ttstream", handler, tracers=[stamp]) as echo:
        await echo.ping(Ping())
    assert handler.calls[0].metadata.upstream == {"TRACE": "1"}


async def test_a_tracer_that_fails_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def at_once(start: RPCStart) -> None:
        raise RuntimeError("broken tracer")

    def later(start: RPCStart) -> Sink:
        def sink(event: TraceEvent) -> None:
            raise RuntimeError("broken sink")

        return sink

    recorder = Recorder()
    async with linked("ttstream", Echo(), tracers=[at_once, later, recorder]) as echo:
        assert len([pong async for pong in echo.repeat(Ping(times=2))]) == 2
    assert recorder.finish.outcome is Outcome.OK
    assert caplog.text.count("RuntimeError: broken tracer") == caplog.text.count("RuntimeError: broken sink") == 1


def test_there_are_three_outcomes() -> None:
    assert outcome_of(None) is Outcome.OK
    assert outcome_of(BizStatusError(1, "b")) is Outcome.BIZ
    assert outcome_of(ValueError()) is outcome_of(Cancelled("c")) is Outcome.ERROR
