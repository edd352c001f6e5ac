from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from echo import (
    ECHO_SERVICE,
    LINKS,
    STREAMS,
    WIRES,
    Echo,
    EchoService,
    Ping,
    Pong,
    Refused,
    happens,
    linked,
    pings,
    scripted,
    until,
)
from thriftwire import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    ConnectError,
    RecvTimeout,
    StreamTimeout,
    TransportError,
    calling,
)
from thriftwire.client import bind
from thriftwire.events import End, Event, Failure, Headers, Message, Open, Reset


@pytest.fixture(params=LINKS)
async def echo(request: pytest.FixtureRequest, handler: Echo) -> AsyncIterator[EchoService]:
    async with linked(request.param, handler) as client:
        yield client


@pytest.fixture(params=STREAMS)
async def streams(request: pytest.FixtureRequest, handler: Echo) -> AsyncIterator[EchoService]:
    async with linked(request.param, handler) as client:
        yield client


@pytest.fixture
def handler() -> Echo:
    return Echo()


@contextmanager
def full_listener() -> Iterator[str]:
    """A port on which connecting hangs: its queue is full and nobody accepts."""
    with socket.socket() as listener, contextlib.ExitStack() as queue:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = queue.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        host, port = listener.getsockname()
        yield f"{host}:{port}"


# What a call gives


async def test_ping_pong(echo: EchoService) -> None:
    assert await echo.ping(Ping(text="hi")) == Pong(text="hi")


@pytest.mark.parametrize("wire", WIRES)
async def test_ping_pong_on_every_variant(wire: str, handler: Echo) -> None:
    async with linked(wire, handler) as echo:
        assert await echo.ping(Ping(text="hi")) == Pong(text="hi")
        assert await echo.add(1, b=2) == 3
        with pytest.raises(Refused, match="declared"):
            await echo.ping(Ping(fault="refused"))
        with pytest.raises(ApplicationError, match="biz error: broken"):
            await echo.ping(Ping(fault="error"))
        await echo.fire(Ping(text="fired"))
        await happens(handler.event("fired"))


async def test_server_streaming(streams: EchoService) -> None:
    assert [pong.index async for pong in streams.repeat(Ping(times=3))] == [0, 1, 2]
    assert [pong async for pong in streams.repeat(Ping(times=0))] == []


async def test_client_streaming(streams: EchoService) -> None:
    assert await streams.join(pings("abc")) == Pong(text="a b c", index=3)
    assert await streams.join(pings("")) == Pong(text="", index=0)


async def test_bidirectional_streaming_answers_each_message_as_it_comes(streams: EchoService) -> None:
    gate = asyncio.Event()

    async def two() -> AsyncIterator[Ping]:
        yield Ping(text="a")
        await gate.wait()
        yield Ping(text="b")

    async with aclosing(streams.talk(two())) as replies:
        assert (await anext(replies)).text == "a"
        gate.set()
        assert [pong.text async for pong in replies] == ["b"]


async def test_a_long_stream_arrives_whole_and_in_order(streams: EchoService) -> None:
    count = 0
    async for pong in streams.repeat(Ping(times=3000, size=300)):
        assert pong.index == count
        count += 1
    assert count == 3000


async def test_many_streams_share_a_connection(handler: Echo) -> None:
    async def indexes(echo: EchoService, times: int) -> list[int]:
        return [pong.index async for pong in echo.repeat(Ping(times=times))]

    async with linked("ttstream", handler) as echo:
        results = await asyncio.gather(*(indexes(echo, times) for times in range(100)))
        assert results == [list(range(times)) for times in range(100)]
    assert len({call.peer for call in handler.calls}) == 1


async def test_a_big_message_travels(echo: EchoService) -> None:
    text = "x" * 4_000_000
    assert (await echo.ping(Ping(text=text))).text == text


async def test_a_finished_stream_stays_finished(streams: EchoService) -> None:
    stream = streams.repeat(Ping(times=1))
    assert [pong.index async for pong in stream] == [0]
    assert [pong async for pong in stream] == []


# Outcomes


async def test_a_business_status_is_raised_whole(echo: EchoService) -> None:
    with pytest.raises(BizStatusError) as caught:
        await echo.ping(Ping(fault="biz"))
    assert (caught.value.code, caught.value.message) == (40400, "no such thing")
    assert caught.value.extra == {"class": "not_found"}


async def test_a_business_status_after_messages_comes_after_them(streams: EchoService) -> None:
    seen: list[int] = []
    with pytest.raises(BizStatusError, match="no such thing"):
        async for pong in streams.repeat(Ping(times=2, fault="biz")):
            seen.append(pong.index)  # noqa: PERF401 - a comprehension would lose them
    assert seen == [0, 1]


async def test_a_business_status_before_any_message(streams: EchoService) -> None:
    with pytest.raises(BizStatusError, match="too many"):
        await anext(streams.repeat(Ping(fault="early")))


@pytest.mark.parametrize("wire", ["framed", "buffered"])
async def test_a_business_status_is_refused_loudly_where_the_wire_has_no_place_for_it(
    wire: str, handler: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    async with linked(wire, handler) as echo:
        with pytest.raises(ApplicationError, match="business status"):
            await echo.ping(Ping(fault="biz"))
    assert "cannot carry a business status" in caplog.text


async def test_a_handlers_error_is_an_application_error_with_kitexs_prefix(
    echo: EchoService, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ApplicationError) as caught:
        await echo.ping(Ping(fault="error"))
    assert (caught.value.type, caught.value.message, caught.value.code) == (6, "biz error: broken", 12001)
    assert "ValueError: broken" in caplog.text


async def test_an_application_error_keeps_its_type(echo: EchoService) -> None:
    with pytest.raises(ApplicationError) as caught:
        await echo.ping(Ping(fault="application"))
    assert (caught.value.type, caught.value.message) == (42, "typed")


async def test_a_declared_exception_is_raised_as_itself(echo: EchoService) -> None:
    with pytest.raises(Refused) as caught:
        await echo.ping(Ping(fault="refused"))
    assert caught.value.reason == "declared"


async def test_a_stream_cut_by_a_lost_connection_gives_what_came_and_then_fails() -> None:
    def script(event: Event) -> list[Event] | None:
        if isinstance(event, Open):
            payload = ECHO_SERVICE.methods["Repeat"].response.encode(Pong(text="a"))
            return [Headers(call_id=event.call_id), Message(event.call_id, payload)]
        return None if isinstance(event, End) else []

    async with scripted(script) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        stream = echo.repeat(Ping())
        assert (await anext(stream)).text == "a"
        with pytest.raises(TransportError, match="lost"):
            await anext(stream)


async def test_a_servers_reset_is_a_cancellation_by_downstream() -> None:
    def script(event: Event) -> list[Event]:
        if isinstance(event, Open):
            return [Reset(call_id=event.call_id, failure=Failure(12009, "enough"), path=("mesh",))]
        return []

    async with scripted(script) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        with pytest.raises(Cancelled) as caught:
            await anext(echo.repeat(Ping()))
    assert (caught.value.code, caught.value.path) == (12009, ("mesh",))


async def test_a_server_that_ends_a_single_reply_without_one_is_an_error() -> None:
    def script(event: Event) -> list[Event]:
        return [End(call_id=event.call_id)] if isinstance(event, Open) else []

    async with scripted(script) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        with pytest.raises(ApplicationError) as caught:
            await echo.join(pings("a"))
    assert caught.value.type == ApplicationError.MISSING_RESULT


async def test_a_second_reply_where_one_belongs_is_an_error() -> None:
    def script(event: Event) -> list[Event]:
        payload = ECHO_SERVICE.methods["Join"].response.encode(Pong())
        return (
            [
                Headers(call_id=event.call_id),
                Message(event.call_id, payload),
                Message(event.call_id, payload),
            ]
            if isinstance(event, Open)
            else []
        )

    async with scripted(script) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        with pytest.raises(thriftwire.RemoteProtocolError, match="second message"):
            await echo.join(pings("a"))


async def test_a_payload_that_does_not_decode_fails_that_call_alone() -> None:
    def script(event: Event) -> list[Event]:
        if not isinstance(event, Open):
            return []
        payload = b"\xc1" if event.call_id == 1 else ECHO_SERVICE.methods["Repeat"].response.encode(Pong())
        return [Headers(call_id=event.call_id), Message(event.call_id, payload), End(call_id=event.call_id)]

    async with scripted(script) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        with pytest.raises(thriftwire.DecodeError):
            await anext(echo.repeat(Ping()))
        assert await anext(echo.repeat(Ping())) == Pong()


async def test_what_the_callers_own_requests_raise_is_raised_to_the_caller(streams: EchoService, handler: Echo) -> None:
    async def broken() -> AsyncIterator[Ping]:
        yield Ping(text="a")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await streams.join(broken())


# Leaving


async def test_leaving_early_closes_the_handler_at_once(streams: EchoService, handler: Echo) -> None:
    async with aclosing(streams.repeat(Ping(times=2, fault="hang"))) as stream:
        assert (await anext(stream)).index == 0
    await happens(handler.event("closed"))
    assert handler.live == 0


async def test_letting_go_of_a_stream_closes_the_handler(streams: EchoService, handler: Echo) -> None:
    async for _ in streams.repeat(Ping(times=2, fault="hang")):
        break
    await happens(handler.event("closed"))


async def test_letting_go_of_a_two_way_stream_closes_both_sides(streams: EchoService, handler: Echo) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[Ping]:
        try:
            while True:
                yield Ping(text="a")
                await asyncio.sleep(0)
        finally:
            closed.set()

    async for _ in streams.talk(endless()):
        break
    gc.collect()
    await happens(handler.event("closed"))
    await happens(closed)


async def test_cancelling_the_caller_cancels_the_handler(streams: EchoService, handler: Echo) -> None:
    async def read() -> None:
        async for _ in streams.repeat(Ping(times=1, fault="hang")):
            pass

    task = asyncio.create_task(read())
    await happens(handler.event("hanging"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await happens(handler.event("closed"))
    assert handler.event("cancelled").is_set()


async def test_a_stream_that_is_never_read_sends_nothing(handler: Echo) -> None:
    async with linked("ttstream", handler) as echo:
        echo.repeat(Ping())
        await echo.ping(Ping())
    assert [call.method for call in handler.calls] == ["Ping"]


async def test_the_servers_end_stops_the_callers_requests(streams: EchoService) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[Ping]:
        try:
            yield Ping(fault="biz")
            await asyncio.Event().wait()
        finally:
            closed.set()

    with pytest.raises(BizStatusError):
        async for _ in streams.talk(endless()):
            pass
    assert closed.is_set()


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_two_hundred_abandoned_streams_leave_nothing(handler: Echo) -> None:
    async with linked("ttstream", handler) as echo:  # the loop's own files are opened once
        await echo.ping(Ping())
    before = open_files()
    async with linked("ttstream", handler) as echo:
        for _ in range(200):
            async for _ in echo.repeat(Ping(times=3, fault="hang")):
                break
        await until(lambda: handler.live == 0)
    await until(lambda: len(asyncio.all_tasks()) == 1)
    await until(lambda: open_files() == before)


# Time


async def test_a_call_that_takes_too_long_times_out_and_its_handler_is_cancelled(
    echo: EchoService, handler: Echo
) -> None:
    with calling(timeout_s=0.05), pytest.raises(StreamTimeout):
        await echo.ping(Ping(fault="hang"))
    await happens(handler.event("cancelled"))


async def test_a_stream_that_takes_too_long_times_out(streams: EchoService, handler: Echo) -> None:
    with calling(timeout_s=0.05):
        stream = streams.repeat(Ping(times=1, fault="hang"))
    assert (await anext(stream)).index == 0
    with pytest.raises(StreamTimeout):
        await anext(stream)
    await happens(handler.event("closed"))


async def test_a_message_that_takes_too_long_is_a_recv_timeout(streams: EchoService, handler: Echo) -> None:
    with calling(recv_timeout_s=0.05):
        stream = streams.repeat(Ping(times=1, fault="hang"))
    assert (await anext(stream)).index == 0
    with pytest.raises(RecvTimeout):
        await anext(stream)
    await happens(handler.event("closed"))


@pytest.mark.parametrize("kind", LINKS)
async def test_timeouts_may_be_set_for_every_call(kind: str, handler: Echo) -> None:
    async with linked(kind, handler, timeouts=thriftwire.Timeouts(recv_s=0.05)) as echo:
        with pytest.raises(RecvTimeout):
            await echo.ping(Ping(fault="hang"))


async def test_the_handler_sees_what_is_left_of_the_deadline(echo: EchoService, handler: Echo) -> None:
    now = asyncio.get_running_loop().time()
    with calling(timeout_s=50):
        await echo.ping(Ping())
    deadline = handler.calls[0].deadline
    assert deadline is not None and 49 < deadline - now <= 50.1


async def test_no_deadline_is_no_deadline(echo: EchoService, handler: Echo) -> None:
    await echo.ping(Ping())
    assert handler.calls[0].deadline is None


async def test_the_deadline_covers_connecting() -> None:
    with full_listener() as address:
        async with thriftwire.connect(address, ECHO_SERVICE) as echo:
            with calling(timeout_s=0.05), pytest.raises(StreamTimeout):
                await echo.ping(Ping())


async def test_connecting_has_a_limit_of_its_own() -> None:
    with full_listener() as address:
        async with thriftwire.connect(address, ECHO_SERVICE, timeouts=thriftwire.Timeouts(connect_s=0.05)) as echo:
            with pytest.raises(thriftwire.ConnectTimeout):
                await echo.ping(Ping())


async def test_a_caller_who_gives_up_connecting_leaves_the_others_their_connection(handler: Echo) -> None:
    async with linked("ttstream", handler) as echo:
        first = asyncio.ensure_future(anext(echo.repeat(Ping())))
        second = asyncio.ensure_future(anext(echo.repeat(Ping(text="second"))))
        await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(5):
            assert (await second).text == "second"
        with pytest.raises(asyncio.CancelledError):
            await first


# Metadata


async def test_metadata_goes_one_hop_or_on(echo: EchoService, handler: Echo) -> None:
    with calling(transient={"TKEY": "t"}, persistent={"PKEY": "p"}):
        await echo.ping(Ping())
    metadata = handler.calls[0].metadata
    assert (metadata.upstream, metadata.persistent, metadata.transient) == ({"TKEY": "t"}, {"PKEY": "p"}, {})
    assert handler.calls[0].caller == "test.client"
    assert handler.calls[0].method == "Ping"


async def test_backward_metadata_headers_and_trailers_come_back(streams: EchoService, handler: Echo) -> None:
    class Talkative(Echo):
        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            call = thriftwire.current()
            assert call is not None
            call.headers["hk"] = "hv"
            yield Pong()
            call.trailers["tk"] = "tv"
            call.metadata.backward["bk"] = "bv"

    for kind in STREAMS:
        async with linked(kind, Talkative()) as echo:
            with calling() as call:
                stream = echo.repeat(Ping())
            await anext(stream)
            assert call.headers == {"hk": "hv"}
            assert [pong async for pong in stream] == []
            assert call.trailers == {"tk": "tv"}
            assert call.metadata.backward == {"bk": "bv"}


@pytest.mark.parametrize("kind", LINKS)
async def test_backward_metadata_comes_with_a_single_reply(kind: str) -> None:
    class Talkative(Echo):
        async def ping(self, request: Ping) -> Pong:
            call = thriftwire.current()
            assert call is not None
            call.metadata.backward["bk"] = "bv"
            return Pong()

    async with linked(kind, Talkative()) as echo:
        with calling() as call:
            await echo.ping(Ping())
    assert call.metadata.backward == {"bk": "bv"}


async def test_request_headers_reach_the_handler(echo: EchoService, handler: Echo) -> None:
    with calling(headers={"x-tenant": "blue"}):
        await echo.ping(Ping())
    assert handler.calls[0].request_headers["x-tenant"] == "blue"


# Connections


async def test_no_listener_is_a_connect_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with thriftwire.connect(f"127.0.0.1:{port}", ECHO_SERVICE) as echo:
        for _ in range(2):
            with pytest.raises(ConnectError):
                await echo.ping(Ping())
        with pytest.raises(ConnectError):
            await anext(echo.repeat(Ping()))


async def test_a_lost_connection_is_made_again(handler: Echo) -> None:
    first = thriftwire.Server({ECHO_SERVICE: handler})
    address = await first.start()
    port = int(address.rpartition(":")[2])
    async with thriftwire.connect(address, ECHO_SERVICE) as echo:
        await anext(echo.repeat(Ping()))
        await first.stop(grace_s=0)
        second = thriftwire.Server({ECHO_SERVICE: handler})
        await second.start("127.0.0.1", port)
        assert [pong.index async for pong in echo.repeat(Ping(times=2))] == [0, 1]
        await second.stop(grace_s=0)


async def test_leaving_the_client_fails_its_calls(handler: Echo) -> None:
    async def read(echo: EchoService) -> None:
        async for _ in echo.repeat(Ping(fault="hang")):
            pass

    async with linked("ttstream", handler) as echo:
        task = asyncio.create_task(read(echo))
        await happens(handler.event("hanging"))
    with pytest.raises(TransportError):
        await task


async def test_a_call_after_leaving_is_refused(handler: Echo) -> None:
    async with linked("ttstream", handler) as echo:
        pass
    with pytest.raises(ConnectError, match="closed"):
        await echo.ping(Ping())


# Arguments


async def test_arguments_are_bound_as_the_method_says(echo: EchoService) -> None:
    with pytest.raises(TypeError, match=r"add\(\) takes \(a, b\)"):
        await echo.add(1)  # pyright: ignore[reportCallIssue] - on purpose
    assert bind(ECHO_SERVICE.methods["Add"], (1,), {"b": 2}) == (1, 2)
    with pytest.raises(TypeError):
        bind(ECHO_SERVICE.methods["Add"], (1, 2), {"b": 2})
    with pytest.raises(TypeError):
        bind(ECHO_SERVICE.methods["Repeat"], (), {"c": 2})


# Many at once


@pytest.mark.parametrize("wire", ["ttstream", "buffered", "grpc"])
async def test_more_callers_than_connections_all_get_their_turn(handler: Echo, wire: Any) -> None:
    async with linked(wire, handler) as echo:

        async def calls() -> list[int]:
            return [await echo.add(number, 1) for number in range(5)]

        assert await asyncio.gather(*(calls() for _ in range(300))) == [[1, 2, 3, 4, 5]] * 300
