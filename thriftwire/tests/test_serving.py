from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from echo import ECHO_SERVICE, Echo, Ping, Pong, records
from thriftwire import ApplicationError, BizStatusError, Cancelled, DecodeError, RecvTimeout, StreamTimeout
from thriftwire.call import Call
from thriftwire.events import BizStatus, End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.hooks import Hooks
from thriftwire.serving import Requests, Route, ServerLane, log_failure, run_call
from thriftwire.sockets import Connection
from thriftwire.states import Role
from thriftwire.tracing import Side
from thriftwire.ttheader.streaming import StreamingMachine

# How serving looks from outside is in test_server.py; here is what one call says on the wire.

REPEAT, TALK = ECHO_SERVICE.methods["Repeat"], ECHO_SERVICE.methods["Talk"]


class Wire(asyncio.Transport):
    """A transport under a server's connection, read by a client's machine."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = StreamingMachine(Role.CLIENT)
        self.heard: list[Event] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.heard += self.machine.receive(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Served:
    """One call on a connection from nobody, and what its client would hear."""

    def __init__(self, method: str = "Repeat") -> None:
        self.wire = Wire()
        self.link = Connection(StreamingMachine(Role.SERVER), opened=self._opened)
        self.link.connection_made(self.wire)
        self.call = Call(service="EchoService", method=method)
        self.lane: ServerLane
        self.say(Open(call_id=1, service="EchoService", method=method))

    def _opened(self, link: Connection, event: Open) -> None:
        self.lane = ServerLane(link, event, self.call)

    def say(self, *events: Event) -> None:
        for event in events:
            self.wire.machine.send(event)
        self.link.data_received(self.wire.machine.outgoing())

    @property
    def heard(self) -> list[Event]:
        self.link.flush()
        return self.wire.heard

    def run(self, handler: Any, method: Any = REPEAT) -> asyncio.Task[None]:
        route = Route(method, getattr(handler, method.attribute))
        self.lane.task = asyncio.create_task(run_call(self.lane, route, Hooks(Side.SERVER)))
        return self.lane.task


def ping(**fields: Any) -> Message:
    return Message(1, REPEAT.request.encode(Ping(**fields)))


async def test_headers_messages_and_trailers_in_this_order() -> None:
    served = Served()
    served.call.headers["h"], served.call.trailers["t"] = "1", "2"
    served.call.metadata.backward["b"] = "3"
    served.say(ping(text="a", times=1), End(call_id=1))
    await served.run(Echo())
    headers, message, end = served.heard
    assert headers == Headers(call_id=1, headers={"h": "1"})
    assert isinstance(message, Message) and REPEAT.response.decode(message.payload) == Pong(text="a")
    assert end == End(call_id=1, trailers={"t": "2", "rpc-backward-b": "3"})
    assert served.link.lanes == {}


async def test_a_failure_carries_headers_and_trailers_too() -> None:
    served = Served()
    served.call.headers["h"] = "1"
    served.say(ping(times=0, fault="biz"), End(call_id=1))
    await served.run(Echo())
    assert served.heard == [
        Headers(call_id=1, headers={"h": "1"}),
        End(call_id=1, biz=BizStatus(40400, "no such thing", {"class": "not_found"})),
    ]


async def test_a_reset_ends_the_handler_and_nothing_is_said_to_nobody() -> None:
    handler, served = Echo(), Served()
    served.say(ping(times=0, fault="hang"))
    task = served.run(handler)
    await handler.event("hanging").wait()
    served.say(Reset(call_id=1, failure=Failure(12007, "enough"), path=("a", "b")))
    await task
    assert handler.event("cancelled").is_set()
    assert served.call.path == ("a", "b")
    assert isinstance(served.call.reason, Cancelled)
    assert served.heard == []


async def test_a_stopped_call_is_told_why() -> None:
    handler, served = Echo(), Served()
    served.say(ping(times=1, fault="hang"))
    task = served.run(handler)
    await handler.event("hanging").wait()
    served.lane.timed_out(StreamTimeout("late"))
    await task
    assert served.heard[-1] == End(call_id=1, failure=Failure(12015, "late"))


async def test_a_wait_that_timed_out_fails_where_it_is_waited() -> None:
    served = Served("Talk")
    requests = Requests(served.lane, TALK, None)
    served.lane.timed_out(RecvTimeout("silence"))
    with pytest.raises(RecvTimeout, match="silence"):
        await anext(requests)
    assert not served.lane.gone


async def test_a_failure_of_the_clients_own_ends_the_requests() -> None:
    served = Served("Talk")
    served.say(End(call_id=1, failure=Failure(42, "mine")))
    with pytest.raises(ApplicationError, match="mine"):
        await anext(Requests(served.lane, TALK, None))


async def test_a_call_without_its_request_is_a_protocol_error() -> None:
    served = Served()
    served.say(End(call_id=1))
    await served.run(Echo())
    (end,) = [event for event in served.heard if isinstance(event, End)]
    assert end.failure == Failure(ApplicationError.PROTOCOL_ERROR, "the call ended without a request")


async def test_a_handler_that_cancels_itself_is_told_as_cancelled() -> None:
    class Odd(Echo):
        async def ping(self, request: Ping) -> Pong:
            raise asyncio.CancelledError

        def repeat(self, request: Ping) -> Any:
            raise asyncio.CancelledError

    served = Served()
    served.say(ping(), End(call_id=1))
    await served.run(Odd())
    assert served.heard[-1] == End(call_id=1, failure=Failure(6, "biz error: the handler was cancelled"))


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (BizStatusError(1, "an answer"), None),
        (ApplicationError(1, "an answer"), None),
        (DecodeError("a caller's mistake"), logging.WARNING),
        (RecvTimeout("somebody downstream"), logging.WARNING),
        (ValueError("a fault"), logging.ERROR),
    ],
)
def test_what_is_logged_and_how_loud(error: Exception, level: int | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    log_failure(Call(service="S", method="M"), error)
    assert [record.levelno for record in caplog.records] == ([] if level is None else [level])
    assert bool(records(caplog, logging.ERROR)) is (level == logging.ERROR)


def test_a_client_that_leaves_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    error = Cancelled("left")
    log_failure(Call(), error, error)
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]
