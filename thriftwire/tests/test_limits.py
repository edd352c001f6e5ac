from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from echo import LINKS, STREAMS, Echo, Ping, Pong, linked, passes, pings, until
from thriftwire import ApplicationError, LimitExceeded, Limits, PacketLimits
from thriftwire.call import Call
from thriftwire.limits import Admission, Bucket, Gate

WIRES = ["ttstream", "grpc"]


def test_a_bucket_gives_a_seconds_worth_at_once_and_then_its_rate() -> None:
    bucket = Bucket(10)
    assert [bucket.take(1, 0.0) for _ in range(10)] == [0.0] * 10
    assert bucket.take(1, 0.0) == pytest.approx(0.1)
    assert bucket.take(1, 0.2) == pytest.approx(0.0)


def test_a_rate_below_one_lets_one_through() -> None:
    bucket = Bucket(0.5)
    assert bucket.take(1, 0.0) == 0
    assert bucket.take(1, 0.0) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="positive"):
        Bucket(0)


def test_admission_counts_calls_and_refuses_without_counting() -> None:
    admission = Admission(Limits(concurrent_calls=1, calls_per_s=2))
    admission.enter(0.0)
    with pytest.raises(LimitExceeded, match="more than 1 calls at once"):
        admission.enter(0.0)
    admission.leave()
    admission.enter(0.0)
    admission.leave()
    with pytest.raises(LimitExceeded, match="more than 2 calls a second"):
        admission.enter(0.0)
    assert admission.calls == 0
    admission.enter(0.5)


@pytest.mark.parametrize(
    ("limits", "sizes", "message"),
    [
        (PacketLimits(packet_bytes=10), [10, 11], "a packet of 11 bytes exceeds the limit of 10"),
        (PacketLimits(call_packets=2), [1, 1, 1], "a call of 3 packets exceeds the limit of 2"),
        (PacketLimits(call_bytes=5), [3, 3], "a call of 6 bytes exceeds the limit of 5"),
        (PacketLimits(packets_per_s=2), [1, 1, 1], "more than 2 packets a second"),
        (PacketLimits(bytes_per_s=5), [3, 3], "more than 5 bytes a second"),
    ],
)
def test_each_packet_limit_refuses_what_is_over_it(limits: PacketLimits, sizes: list[int], message: str) -> None:
    gate = limits.gate(Call())
    *within, over = sizes
    assert [gate(size, 0.0) for size in within] == [0.0] * len(within)
    with pytest.raises(LimitExceeded, match=message):
        gate(over, 0.0)


def test_a_rate_may_make_packets_wait_instead() -> None:
    gate = PacketLimits(packets_per_s=2, when_exceeded="wait").gate(Call())
    assert [gate(1, 0.0) for _ in range(4)] == pytest.approx([0.0, 0.0, 0.5, 1.0])


def test_each_call_has_its_own_count() -> None:
    limits = PacketLimits(call_packets=1)
    limits.gate(Call())(1, 0.0)
    limits.gate(Call())(1, 0.0)


@pytest.mark.parametrize("kind", LINKS)
async def test_a_call_over_the_limit_of_its_own_side_is_refused(kind: str) -> None:
    handler = Echo()
    async with linked(kind, handler, limits=Limits(calls_per_s=2)) as echo:
        await echo.ping(Ping())
        await echo.ping(Ping())
        with pytest.raises(LimitExceeded):
            await echo.ping(Ping())
    assert len(handler.calls) == 2


@pytest.mark.parametrize("kind", ["ttstream", "ttheader", "grpc"])
async def test_a_server_refuses_within_the_protocol_and_serves_on(kind: str) -> None:
    handler = Echo()
    async with linked(kind, handler, server={"limits": Limits(concurrent_calls=1)}) as echo:
        async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as held:
            await anext(held)
            with pytest.raises(LimitExceeded, match="at once"):
                await echo.ping(Ping())
            with pytest.raises(LimitExceeded, match="at once"):
                await anext(echo.repeat(Ping()))
        await until(lambda: handler.live == 0)
        for _ in range(3):
            await passes(0.005)  # the count goes down a moment after the handler ended
            await echo.ping(Ping())
    assert len(handler.calls) == 4


@pytest.mark.parametrize("kind", WIRES)
async def test_a_client_that_sends_too_fast_loses_its_stream_and_nothing_else(kind: str) -> None:
    handler = Echo()
    limits = Limits(received=PacketLimits(packets_per_s=5))
    async with linked(kind, handler, server={"limits": limits}) as echo:
        with pytest.raises(LimitExceeded, match="5 packets a second"):
            await echo.join(pings("x" * 100))
        assert (await echo.join(pings("abc"))).index == 3


@pytest.mark.parametrize("kind", STREAMS)
async def test_what_a_handler_sends_too_much_of_ends_its_stream(kind: str) -> None:
    handler = Echo()
    limits = Limits(received=PacketLimits(call_packets=10))
    async with linked(kind, handler, limits=limits) as echo:
        count = 0
        with pytest.raises(LimitExceeded, match="11 packets"):
            async for _ in echo.repeat(Ping(times=100)):
                count += 1
        assert count == 10
        await until(lambda: handler.live == 0)


async def test_a_stream_may_be_slowed_down_instead() -> None:
    limits = Limits(sent=PacketLimits(packets_per_s=100, when_exceeded="wait"))
    loop = asyncio.get_running_loop()
    async with linked("ttstream", Echo(), server={"limits": limits}) as echo:
        start = loop.time()
        assert len([pong async for pong in echo.repeat(Ping(times=110))]) == 110
    assert loop.time() - start > 0.08


async def test_a_policy_of_ones_own() -> None:
    class Odd:
        def gate(self, call: Call) -> Gate | None:
            if call.method != "Join":
                return None
            sizes: list[int] = []

            def even_only(size: int, now: float) -> float:
                sizes.append(size)
                if len(sizes) > 3:
                    raise LimitExceeded("three are enough")
                return 0.0

            return even_only

    async with linked("ttstream", Echo(), server={"limits": Limits(received=Odd())}) as echo:
        with pytest.raises(LimitExceeded, match="three are enough"):
            await echo.join(pings("abcd"))
        assert len([pong async for pong in echo.talk(pings("abcd"))]) == 4


async def test_a_refused_call_and_an_abandoned_one_are_not_counted_as_running() -> None:
    handler = Echo()
    async with linked("ttstream", handler, limits=Limits(concurrent_calls=1)) as echo:
        for round_ in range(3):
            async for _ in echo.repeat(Ping(text=str(round_), times=2, fault="hang")):
                break
            await passes(0.005)  # an abandoned call is ended by a task of the client's
        await echo.ping(Ping())
    assert len(handler.calls) == 4


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_limit_met_further_down_is_the_handlers_own_failure(kind: str) -> None:
    class Relay(Echo):
        async def ping(self, request: Ping) -> Pong:
            raise LimitExceeded("somebody else's")

    async with linked(kind, Relay()) as echo:
        with pytest.raises(ApplicationError, match="biz error: somebody else's"):
            await echo.ping(Ping())
