from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, EchoService, Ping, Pong, happens, linked, pings, records, until
from thriftwire import (
    ApplicationError,
    Cancelled,
    Codec,
    LimitExceeded,
    Mode,
    RecvTimeout,
    ServerDraining,
    ServerTimeouts,
    Service,
    StreamTimeout,
    Timeouts,
    TransportError,
    calling,
)


class Relay(Echo):
    """A handler that asks the next service."""

    def __init__(self, downstream: EchoService) -> None:
        super().__init__()
        self.downstream = downstream

    async def ping(self, request: Ping) -> Pong:
        self._note()
        return await self.downstream.ping(request)

    async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
        self._note()
        try:
            async for pong in self.downstream.repeat(request):
                yield pong
        finally:
            self.event("closed").set()


def renamed(service: Service[Any], name: str, *methods: str) -> Service[EchoService]:
    """The service under another name, with these methods, or others by this service's name."""
    return Service(
        name=name,
        package=service.package,
        methods={name: service.methods[name] for name in methods or service.methods},
        protocol=service.protocol,
    )


async def refusal(address: str, service: Service[EchoService], kind: Any = "ttstream") -> ApplicationError:
    async with thriftwire.connect(address, service, transport=kind) as echo:
        with pytest.raises(ApplicationError) as unary:
            await echo.ping(Ping())
        with pytest.raises(ApplicationError) as stream:
            await anext(echo.repeat(Ping()))
    assert unary.value.type == stream.value.type
    return stream.value


# Dispatch


async def test_an_unknown_method_is_answered_at_once() -> None:
    server = thriftwire.Server({renamed(ECHO_SERVICE, "EchoService", "Fire"): Echo()})
    async with server:
        assert (await refusal(server.address, ECHO_SERVICE)).type == ApplicationError.UNKNOWN_METHOD


async def test_an_unknown_service_is_answered_at_once() -> None:
    server = thriftwire.Server({renamed(ECHO_SERVICE, "Other", "Fire"): Echo()})
    async with server:
        assert (await refusal(server.address, ECHO_SERVICE)).type == ApplicationError.UNKNOWN_SERVICE


async def test_a_method_whose_name_is_unique_is_found_under_another_services_name() -> None:
    async with (
        thriftwire.Server({ECHO_SERVICE: Echo()}) as server,
        thriftwire.connect(server.address, renamed(ECHO_SERVICE, "Other")) as echo,
    ):
        assert (await echo.ping(Ping(text="hi"))).text == "hi"
        assert (await anext(echo.repeat(Ping(text="hi")))).text == "hi"


async def test_a_method_of_two_services_is_not_guessed() -> None:
    services = {renamed(ECHO_SERVICE, "A"): Echo(), renamed(ECHO_SERVICE, "B"): Echo()}
    async with thriftwire.Server(services) as server:
        assert (await refusal(server.address, ECHO_SERVICE)).type == ApplicationError.UNKNOWN_SERVICE


async def test_services_on_one_port_have_their_own_handlers() -> None:
    first, second = Echo(), Echo()
    services = {renamed(ECHO_SERVICE, "A"): first, renamed(ECHO_SERVICE, "B"): second}
    async with (
        thriftwire.Server(services) as server,
        thriftwire.connect(server.address, renamed(ECHO_SERVICE, "B")) as echo,
    ):
        await echo.ping(Ping())
    assert (len(first.calls), len(second.calls)) == (0, 1)


async def test_a_handler_that_lacks_a_method_is_refused_when_the_server_is_made() -> None:
    with pytest.raises(TypeError, match="object has no method ping of EchoService"):
        thriftwire.Server({ECHO_SERVICE: object()})


def mistaken(**changes: Any) -> Service[Any]:
    """The service as a client sees it who is wrong about Repeat."""
    method = dataclasses.replace(ECHO_SERVICE.methods["Repeat"], **changes)
    return Service(name="EchoService", package="", methods={"Repeat": method}, protocol=EchoService)


async def test_a_request_that_does_not_decode_is_a_protocol_error(caplog: pytest.LogCaptureFixture) -> None:
    good = ECHO_SERVICE.methods["Repeat"].request
    service = mistaken(request=Codec(encode=lambda _: b"\xc1", decode=good.decode))
    async with (
        thriftwire.Server({ECHO_SERVICE: Echo()}) as server,
        thriftwire.connect(server.address, service) as echo,
    ):
        with pytest.raises(ApplicationError) as caught:
            await anext(echo.repeat(Ping()))
    assert caught.value.type == ApplicationError.PROTOCOL_ERROR
    assert records(caplog) and not records(caplog, logging.ERROR)


async def test_a_stream_that_ends_without_its_request_is_a_protocol_error() -> None:
    service = mistaken(mode=Mode.BIDIRECTIONAL)
    async with (
        thriftwire.Server({ECHO_SERVICE: Echo()}) as server,
        thriftwire.connect(server.address, service) as echo,
    ):
        with pytest.raises(ApplicationError, match="without a request") as caught:
            await anext(echo.repeat(pings("")))
    assert caught.value.type == ApplicationError.PROTOCOL_ERROR


# Time


async def test_a_silent_client_cannot_hold_a_handler() -> None:
    handler = Echo()

    async def silent() -> AsyncIterator[Ping]:
        yield Ping(text="a")
        await asyncio.Event().wait()

    async with linked("ttstream", handler, server={"timeouts": ServerTimeouts(recv_s=0.05)}) as echo:
        stream = echo.talk(silent())
        assert (await anext(stream)).text == "a"
        with pytest.raises(RecvTimeout):
            await anext(stream)
        await happens(handler.event("closed"))


async def test_a_client_that_takes_nothing_cannot_hold_a_handler() -> None:
    handler = Echo()
    async with linked(
        "ttstream", handler, server={"timeouts": ServerTimeouts(send_s=0.1)}, timeouts=Timeouts(recv_s=5)
    ) as echo:
        stream = echo.repeat(Ping(times=100_000, size=4096))
        await anext(stream)
        await happens(handler.event("closed"))
        with pytest.raises(RecvTimeout, match="took nothing"):
            async for _ in stream:
                pass


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "grpc"])
async def test_a_server_may_bound_every_call(kind: str) -> None:
    handler = Echo()
    async with linked(kind, handler, server={"timeouts": ServerTimeouts(stream_s=0.05)}) as echo:
        with pytest.raises(StreamTimeout):
            await echo.ping(Ping(fault="hang"))
        await happens(handler.event("cancelled"))
        with pytest.raises(StreamTimeout):
            async for _ in echo.repeat(Ping(fault="hang")):
                pass


# Cancellation


async def test_a_handler_that_goes_on_after_a_silent_client_is_ended_with_the_server() -> None:
    class Patient(Echo):
        async def join(self, requests: AsyncIterator[Ping]) -> Pong:
            try:
                return await super().join(requests)
            except RecvTimeout:
                await self._hang(Ping(fault="hang"))
                raise

    async def silent() -> AsyncIterator[Ping]:
        await asyncio.Event().wait()
        yield Ping()

    handler = Patient()
    async with linked("ttstream", handler, server={"timeouts": ServerTimeouts(recv_s=0.02)}) as echo:
        task = asyncio.create_task(echo.join(silent()))
        await happens(handler.event("hanging"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert handler.event("cancelled").is_set()


async def test_one_connection_cannot_open_calls_without_end() -> None:
    async with linked("ttstream", Echo(), server={"max_calls": 3}) as echo:
        held = [echo.repeat(Ping(times=1, fault="hang")) for _ in range(3)]
        await asyncio.gather(*(anext(stream) for stream in held))
        with pytest.raises(LimitExceeded, match="more than 3 calls"):
            await anext(echo.repeat(Ping()))
        await asyncio.gather(*(stream.aclose() for stream in held))


async def test_a_reset_crosses_every_hop_with_its_code_and_path() -> None:
    last = Echo()
    async with linked("ttstream", last, name="b.server") as downstream:
        middle = Relay(downstream)
        async with linked("ttstream", middle, name="cli.svc") as echo:
            async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as stream:
                await anext(stream)
                await happens(last.event("hanging"))
            await happens(last.event("closed"))
            await happens(middle.event("closed"))
    assert middle.calls[0].path == ("cli.svc",)
    assert last.calls[0].path == ("cli.svc", "b.server")
    reason = last.calls[0].reason
    assert isinstance(reason, Cancelled) and (reason.code, reason.message) == (12007, "the caller left")


async def test_a_deadline_shrinks_hop_by_hop_and_its_end_cascades() -> None:
    last = Echo()
    async with linked("ttstream", last, name="b.server", timeouts=Timeouts(stream_s=100)) as downstream:
        middle = Relay(downstream)
        async with linked("ttstream", middle, name="cli.svc") as echo:
            with calling(timeout_s=0.2), pytest.raises(StreamTimeout):
                async for _ in echo.repeat(Ping(times=1, fault="hang")):
                    pass
            await happens(last.event("closed"))
    reason = last.calls[0].reason
    assert isinstance(reason, StreamTimeout)
    first, second = middle.calls[0].deadline, last.calls[0].deadline
    assert first is not None and second is not None and second <= first + 0.01


async def test_a_unary_call_downstream_is_given_up_too() -> None:
    last = Echo()
    async with linked("ttheader", last) as downstream, linked("ttheader", Relay(downstream)) as echo:
        task = asyncio.create_task(echo.ping(Ping(fault="hang")))
        await happens(last.event("hanging"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await happens(last.event("cancelled"))


async def test_a_call_made_in_a_task_of_the_handler_ends_with_it() -> None:
    last = Echo()

    class Spawning(Relay):
        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            self.task = asyncio.create_task(self.downstream.ping(Ping(fault="hang")))
            await asyncio.Event().wait()
            yield Pong()

    async with linked("ttheader", last) as downstream:
        middle = Spawning(downstream)
        async with linked("ttstream", middle) as echo:
            reading = asyncio.ensure_future(anext(echo.repeat(Ping())))
            await happens(last.event("hanging"))
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            await happens(last.event("cancelled"))
            with pytest.raises(Cancelled):
                await middle.task


async def test_a_transient_entry_goes_no_further_than_the_next_hop() -> None:
    last = Echo()
    async with linked("ttheader", last) as downstream, linked("ttheader", Relay(downstream)) as echo:
        with calling(transient={"T": "1"}, persistent={"P": "2"}):
            await echo.ping(Ping())
    assert last.calls[0].metadata.upstream == {}
    assert last.calls[0].metadata.persistent == {"P": "2"}


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "grpc"])
async def test_a_lost_connection_cancels_the_handler(kind: Any) -> None:
    handler = Echo()
    async with thriftwire.Server({ECHO_SERVICE: handler}) as server:
        async with thriftwire.connect(server.address, ECHO_SERVICE, transport=kind) as echo:
            task = asyncio.create_task(echo.ping(Ping(fault="hang")))
            await happens(handler.event("hanging"))
        await happens(handler.event("cancelled"))
        with pytest.raises(TransportError):
            await task
    assert isinstance(handler.calls[0].reason, TransportError)


async def test_an_ordinary_disconnect_is_not_news(caplog: pytest.LogCaptureFixture) -> None:
    handler = Echo()
    async with linked("ttstream", handler) as echo:
        async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as stream:
            await anext(stream)
        await happens(handler.event("closed"))
    assert not records(caplog, logging.INFO)


# Stopping


async def test_live_calls_finish_while_the_server_stops() -> None:
    handler, gate = Echo(), asyncio.Event()

    class Gated(Echo):
        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            yield Pong(text="first")
            await gate.wait()
            yield Pong(text="last")

    server = thriftwire.Server({ECHO_SERVICE: Gated()})
    await server.start()
    async with thriftwire.connect(server.address, ECHO_SERVICE) as echo:
        stream = echo.repeat(Ping())
        assert (await anext(stream)).text == "first"
        stopping = asyncio.create_task(server.stop(grace_s=5))
        await asyncio.sleep(0)
        with pytest.raises(ServerDraining):
            await anext(echo.repeat(Ping()))
        gate.set()
        assert [pong.text async for pong in stream] == ["last"]
        await stopping
    assert handler.live == 0


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "grpc"])
async def test_calls_that_do_not_finish_are_told_at_the_deadline(kind: Any) -> None:
    handler = Echo()
    server = thriftwire.Server({ECHO_SERVICE: handler})
    await server.start()
    async with thriftwire.connect(server.address, ECHO_SERVICE, transport=kind) as echo:
        task = asyncio.create_task(echo.ping(Ping(fault="hang")))
        stream = echo.repeat(Ping(times=1, fault="hang"))
        await anext(stream)
        await happens(handler.event("hanging"))
        await server.stop(grace_s=0.01)
        with pytest.raises(TransportError, match="shutting down"):
            await task
        with pytest.raises(TransportError, match="shutting down"):
            await anext(stream)


async def test_a_stopped_server_leaves_nothing_and_may_start_again() -> None:
    server = thriftwire.Server({ECHO_SERVICE: Echo()})
    for _ in range(2):
        await server.start()
        async with thriftwire.connect(server.address, ECHO_SERVICE) as echo:
            assert (await echo.ping(Ping(text="hi"))).text == "hi"
        await server.stop()
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_stopping_does_not_wait_for_a_handler_that_will_not_end(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    class Stubborn(Echo):
        async def ping(self, request: Ping) -> Pong:
            self.event("hanging").set()
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            return Pong()

    handler = Stubborn()
    server = thriftwire.Server({ECHO_SERVICE: handler})
    await server.start()
    async with thriftwire.connect(server.address, ECHO_SERVICE) as echo:
        task = asyncio.create_task(echo.ping(Ping()))
        await happens(handler.event("hanging"))
        await server.stop(grace_s=0)
        assert "did not end when cancelled" in caplog.text
        release.set()
        with pytest.raises(TransportError):
            await task
