from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping, pings, scripted, until
from thriftwire import Cancelled, ServerDraining, StreamTimeout, TransportError
from thriftwire.call import Call
from thriftwire.events import End, Event, Failure, Headers, Open, Reset
from thriftwire.exchange import ClientLane
from thriftwire.sockets import Connection
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine

# How calls look from outside is in test_client.py; here is what they say on the wire.


class Wire(asyncio.Transport):
    """A transport under a client's connection, read by a server's machine."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = StreamingMachine(Role.SERVER)
        self.heard: list[Event] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.heard += self.machine.receive(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def opened(call: Call | None = None) -> tuple[ClientLane, Wire, Connection]:
    """A call that is open on a connection to nobody."""
    wire, link = Wire(), Connection(StreamingMachine(Role.CLIENT))
    link.connection_made(wire)
    link.send(Open(call_id=1, service="EchoService", method="Talk"))
    lane = ClientLane(link, 1, call or Call(caller="me"), streaming=True, trace=None)
    return lane, wire, link


def last(wire: Wire, link: Connection) -> Event:
    link.flush()
    return wire.heard[-1]


async def test_giving_up_is_a_reset_with_the_reason_and_the_callers_name() -> None:
    lane, wire, link = opened()
    lane.give_up(Cancelled("enough"))
    assert last(wire, link) == Reset(call_id=1, failure=Failure(12007, "enough"), path=("me",))
    assert link.lanes == {}


async def test_an_ordinary_exception_of_the_user_is_a_cancellation_to_the_server() -> None:
    lane, wire, link = opened()
    lane.give_up(ValueError("private"))
    assert last(wire, link) == Reset(call_id=1, failure=Failure(12007, "the caller gave up: ValueError"), path=("me",))


async def test_a_cancelled_parent_ends_the_call_for_its_reason_and_lengthens_the_path() -> None:
    parent = Call()
    lane, wire, link = opened(Call(caller="b", parent=parent))
    parent.dependents.add(lane)
    parent.cancel(StreamTimeout("late"), ("a",))
    assert last(wire, link) == Reset(call_id=1, failure=Failure(12015, "late"), path=("a", "b"))
    with pytest.raises(StreamTimeout, match="late"):
        await lane.take()


async def test_a_call_that_has_ended_says_nothing_more() -> None:
    lane, wire, link = opened()
    lane.put_end(End(call_id=1))
    link.flush()
    before = len(wire.heard)
    lane.give_up(Cancelled("too late"))
    lane.half_close()
    lane.send(b"")
    link.flush()
    assert len(wire.heard) == before
    assert await lane.take() is None


async def test_a_lost_connection_does_not_undo_an_end_that_came_first() -> None:
    lane, _, link = opened()
    lane.put(b"last")
    lane.put_end(End(call_id=1))
    link.fail_all(TransportError("lost"))
    assert [await lane.take(), await lane.take()] == [b"last", None]


async def test_backward_entries_are_told_from_trailers() -> None:
    call = Call()
    lane, _, _ = opened(call)
    call.trailers["old"] = "from an earlier call"
    lane.put_end(End(call_id=1, trailers={"rpc-backward-K": "v", "own": "1"}))
    assert (call.trailers, call.metadata.backward) == ({"own": "1"}, {"K": "v"})


async def test_a_refusal_by_a_server_that_drains_retires_its_connection() -> None:
    lane, _, link = opened()
    assert link.usable
    lane.put_end(End(call_id=1, failure=Failure(ServerDraining.code, "going")))
    assert not link.usable


class Drained:
    """A server that turns every call away."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, event: Event) -> Sequence[Event]:
        if not isinstance(event, Open):
            return ()
        self.calls += 1
        return (End(call_id=event.call_id, failure=Failure(ServerDraining.code, "going")),)


async def test_a_refused_call_is_made_elsewhere_with_the_same_request() -> None:
    going, handler = Drained(), Echo()
    async with (
        scripted(going) as address,
        thriftwire.Server({ECHO_SERVICE: handler}) as new,
        thriftwire.connect([address, new.address], ECHO_SERVICE) as echo,
    ):
        for _ in range(2):
            assert [pong.text async for pong in echo.repeat(Ping(text="again"))] == ["again"]
    assert going.calls >= 1 and len(handler.calls) == 2


async def test_a_call_whose_requests_are_a_stream_is_not_made_twice() -> None:
    going, handler = Drained(), Echo()
    async with (
        scripted(going) as address,
        thriftwire.Server({ECHO_SERVICE: handler}) as new,
        thriftwire.connect([address, new.address], ECHO_SERVICE) as echo,
    ):
        with pytest.raises(ServerDraining):
            await echo.join(pings("a"))
    assert handler.calls == []


async def test_moving_ends_after_a_few_peers() -> None:
    goings = [Drained() for _ in range(5)]
    async with contextlib.AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(scripted(going)) for going in goings]
        echo = await stack.enter_async_context(thriftwire.connect(addresses, ECHO_SERVICE))
        with pytest.raises(ServerDraining):
            await anext(echo.repeat(Ping()))
    assert sum(going.calls for going in goings) == 3


async def test_a_server_that_gives_up_at_the_deadline_a_bit_sooner_is_a_timeout_too() -> None:
    def late(event: Event) -> Sequence[Event]:
        failure = Failure(6, "biz error: context deadline exceeded")
        return (End(call_id=event.call_id, failure=failure),) if isinstance(event, Open) else ()

    async with scripted(late) as address, thriftwire.connect(address, ECHO_SERVICE) as echo:
        with thriftwire.calling(timeout_s=5), pytest.raises(thriftwire.ApplicationError):
            await anext(echo.repeat(Ping()))
        with thriftwire.calling(timeout_s=5):
            stream: Any = echo.repeat(Ping())
        stream._call.deadline = asyncio.get_running_loop().time() + 0.0015
        with pytest.raises(StreamTimeout):
            await anext(stream)


async def test_an_answer_need_not_wait_for_the_rest_of_the_request() -> None:
    def refuse(event: Event) -> Sequence[Event]:
        failure = Failure(6, "no")
        return (End(call_id=event.call_id, failure=failure),) if isinstance(event, Open) else ()

    async def endless() -> AsyncIterator[Ping]:
        while True:
            yield Ping(text="x" * 100_000)

    async with scripted(refuse) as address, thriftwire.connect(address, ECHO_SERVICE) as echo, asyncio.timeout(5):
        with pytest.raises(thriftwire.ApplicationError, match="no"):
            await anext(echo.repeat(Ping(text="x" * 8_000_000)))
        with pytest.raises(thriftwire.ApplicationError, match="no"):
            await echo.join(endless())


async def test_a_stream_dropped_by_another_thread_is_given_up_in_the_loops() -> None:
    handler = Echo()
    async with (
        thriftwire.Server({ECHO_SERVICE: handler}) as server,
        thriftwire.connect(server.address, ECHO_SERVICE) as echo,
    ):
        held = [echo.repeat(Ping(times=2, fault="hang"))]
        await anext(held[0])
        await asyncio.get_running_loop().run_in_executor(None, held.clear)
        await until(lambda: handler.live == 0)


async def test_messages_that_come_before_headers_are_taken_all_the_same() -> None:
    lane, _, _ = opened()
    lane.put(b"early")
    lane.put_headers(Headers(call_id=1, headers={"k": "v"}))
    assert await lane.take() == b"early"
    assert lane.call.headers == {"k": "v"}
