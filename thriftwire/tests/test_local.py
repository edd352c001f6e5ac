from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from contextvars import ContextVar

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, EchoService, Ping, Pong, happens, linked, pings, until
from thriftwire import BizStatusError, StreamTimeout, calling

# What every link has in common is in test_client.py; here is what only a function call has.

SEEN: ContextVar[str] = ContextVar("seen", default="")


async def test_messages_are_passed_as_they_are() -> None:
    pong = Pong(text="the very one")

    class Same(Echo):
        async def ping(self, request: Ping) -> Pong:
            self.request = request
            return pong

    handler, ping = Same(), Ping()
    async with linked("local", handler) as echo:
        assert await echo.ping(ping) is pong
    assert handler.request is ping


async def test_a_business_status_keeps_its_class() -> None:
    class Failure(BizStatusError):
        pass

    class Failing(Echo):
        async def ping(self, request: Ping) -> Pong:
            raise Failure(1, "mine")

    async with linked("local", Failing()) as echo:
        with pytest.raises(Failure, match="mine"):
            await echo.ping(Ping())


async def test_the_handler_runs_in_its_callers_task() -> None:
    class Where(Echo):
        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            self.task = asyncio.current_task()
            yield Pong()

    handler = Where()
    async with linked("local", handler) as echo:
        await anext(echo.repeat(Ping()))
    assert handler.task is asyncio.current_task()


async def test_neither_side_sees_the_others_context_variables_change() -> None:
    class Marking(Echo):
        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            for text in ("handler 1", "handler 2"):
                before = SEEN.get()
                SEEN.set(text)
                with calling(timeout_s=1):
                    yield Pong(text=before)

    SEEN.set("caller")
    async with linked("local", Marking()) as echo:
        stream = echo.repeat(Ping())
        assert (await anext(stream)).text == "caller"
        assert SEEN.get() == "caller"
        assert thriftwire.current() is None
        SEEN.set("caller, later")
        assert (await anext(stream)).text == "handler 1"
        assert SEEN.get() == "caller, later"
        await stream.aclose()


async def test_the_callers_requests_run_in_the_callers_context() -> None:
    seen: list[object] = []

    async def mine() -> AsyncIterator[Ping]:
        seen.append((SEEN.get(), thriftwire.current()))
        yield Ping(text="a")

    SEEN.set("caller")
    async with linked("local", Echo()) as echo:
        assert [pong.text async for pong in echo.talk(mine())] == ["a"]
    assert seen == [("caller", None)]


async def test_another_task_may_close_a_stream() -> None:
    handler = Echo()
    async with linked("local", handler) as echo:
        stream = echo.repeat(Ping(times=5))
        await anext(stream)
        await asyncio.create_task(stream.aclose())
    assert handler.live == 0


async def test_letting_go_needs_no_help_from_the_collector() -> None:
    handler = Echo()
    gc.disable()
    try:
        async with linked("local", handler) as echo:
            async for _ in echo.repeat(Ping(times=5)):
                break
            await until(lambda: handler.live == 0)
    finally:
        gc.enable()


async def test_a_deadline_that_passed_between_messages_is_seen_at_the_next() -> None:
    handler = Echo()
    async with linked("local", handler) as echo:
        with calling(timeout_s=0.02):
            stream = echo.repeat(Ping(times=5))
        await anext(stream)
        await until(lambda: handler.calls[0].reason)
        with pytest.raises(StreamTimeout):
            await anext(stream)
    assert handler.live == 0


async def test_a_timeout_of_the_call_does_not_cancel_the_caller() -> None:
    async with linked("local", Echo()) as echo:
        with calling(timeout_s=0.01), pytest.raises(StreamTimeout):
            await echo.ping(Ping(fault="hang"))
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0
        await asyncio.sleep(0)


async def test_a_timeout_of_the_callers_own_stays_one() -> None:
    handler = Echo()
    async with linked("local", handler) as echo:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await echo.ping(Ping(fault="hang"))
    assert handler.event("cancelled").is_set()


async def test_a_handler_that_swallows_its_cancellation_is_late_all_the_same() -> None:
    class Deaf(Echo):
        async def ping(self, request: Ping) -> Pong:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return Pong()

    async with linked("local", Deaf()) as echo:
        with calling(timeout_s=0.01), pytest.raises(StreamTimeout):
            await echo.ping(Ping())
        await asyncio.sleep(0)


async def test_the_deadline_of_a_call_made_through_a_local_one_is_that_calls_own() -> None:
    class Middle(Echo):
        def __init__(self, downstream: EchoService) -> None:
            super().__init__()
            self.downstream = downstream

        async def ping(self, request: Ping) -> Pong:
            return await self.downstream.ping(request)

    async with (
        linked("ttheader", Echo()) as far,
        thriftwire.local.connect(ECHO_SERVICE, Middle(far)) as near,
    ):
        with calling(timeout_s=0.05), pytest.raises(StreamTimeout):
            await near.ping(Ping(fault="hang"))


async def test_a_reset_from_far_away_ends_a_call_made_through_a_local_one() -> None:
    last = Echo()

    class Middle(Echo):
        def __init__(self, downstream: EchoService) -> None:
            super().__init__()
            self.downstream = downstream

        async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
            async for pong in self.downstream.repeat(request):
                yield pong

    async with (
        linked("ttstream", last, name="c") as far,
        thriftwire.local.connect(ECHO_SERVICE, Middle(far), name="b") as near,
        linked("ttstream", Middle(near), name="a") as echo,
    ):
        async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as stream:
            await anext(stream)
            await happens(last.event("hanging"))
        await happens(last.event("closed"))
    assert last.calls[0].path == ("a", "c")


async def test_the_end_of_a_two_way_call_closes_the_callers_requests() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[Ping]:
        try:
            while True:
                yield Ping()
        finally:
            closed.set()

    async with (
        linked("local", Echo()) as echo,
        aclosing(echo.talk(endless())) as replies,
    ):
        await anext(replies)
    assert closed.is_set()
    assert [pong.text async for pong in echo.talk(pings("ab"))] == ["a", "b"]
