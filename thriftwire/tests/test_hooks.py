from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from thriftwire import BizStatusError, LimitExceeded, Limits, Middleware, PacketLimits
from thriftwire.call import Call
from thriftwire.hooks import Hooks
from thriftwire.tracing import Outcome, RPCFinish, RPCStart, Side, Sink, TraceEvent


class Recorder:
    """A tracer that keeps everything."""

    def __init__(self) -> None:
        self.events: list[TraceEvent] = []

    def __call__(self, start: RPCStart) -> Sink:
        return self.events.append

    @property
    def finish(self) -> RPCFinish:
        assert isinstance(self.events[-1], RPCFinish)
        return self.events[-1]


def encode(message: str) -> bytes:
    return message.encode()


def decode(payload: bytes) -> str:
    return payload.decode()


async def upper(call: Call, message: Any) -> Any:
    return message.upper()


def test_without_any_there_is_nothing_to_do() -> None:
    assert Hooks(Side.CLIENT).admit(Call(), streaming=True) is None


async def test_middleware_sees_messages_and_tracing_what_is_on_the_wire() -> None:
    recorder = Recorder()
    hooks = Hooks(Side.CLIENT, middleware=[Middleware(sent=upper, received=upper)], tracers=[recorder])
    mine = hooks.admit(Call(), streaming=True)
    assert mine is not None
    assert await mine.outgoing("ab", encode) == b"AB"
    assert await mine.incoming(b"abc", decode) == "ABC"
    await mine.end(None)
    assert (recorder.finish.sent_bytes, recorder.finish.received_bytes) == (2, 3)


async def test_a_limit_on_packets_refuses_and_says_that_it_was_this_one() -> None:
    hooks = Hooks(Side.SERVER, limits=Limits(sent=PacketLimits(packet_bytes=1), received=PacketLimits(packet_bytes=2)))
    mine = hooks.admit(Call(), streaming=True)
    assert mine is not None
    await mine.outgoing("a", encode)
    with pytest.raises(LimitExceeded) as caught:
        await mine.incoming(b"abc", decode)
    assert mine.refusal is caught.value
    with pytest.raises(LimitExceeded):
        await mine.outgoing("ab", encode)


async def test_a_call_that_is_not_let_in_is_told_to_tracers_and_does_not_count() -> None:
    recorder = Recorder()
    hooks = Hooks(Side.SERVER, limits=Limits(concurrent_calls=1), tracers=[recorder])
    first = hooks.admit(Call(), streaming=False)
    assert first is not None
    with pytest.raises(LimitExceeded) as caught:
        hooks.admit(Call(), streaming=False)
    assert recorder.finish.error is hooks.refusal is caught.value
    await first.end(None)
    second = hooks.admit(Call(), streaming=False)
    assert second is not None
    await second.end(None)


async def test_the_finish_tells_what_middleware_made_of_the_failure() -> None:
    @contextlib.asynccontextmanager
    async def translated(call: Call) -> AsyncIterator[None]:
        try:
            yield
        except ValueError as error:
            raise BizStatusError(1, "translated") from error

    recorder = Recorder()
    hooks = Hooks(Side.SERVER, middleware=[Middleware(around=translated)], tracers=[recorder])
    mine = hooks.admit(Call(), streaming=False)
    assert mine is not None
    await mine.enter()
    with pytest.raises(BizStatusError, match="translated"):
        await mine.end(ValueError("raw"))
    assert recorder.finish.outcome is Outcome.BIZ


async def test_a_declared_exception_is_no_message_for_middleware() -> None:
    hooks = Hooks(Side.CLIENT, middleware=[Middleware(received=upper)])
    mine = hooks.admit(Call(), streaming=False)
    assert mine is not None
    error = ValueError("declared")
    assert await mine.incoming(b"", lambda _: error) is error
