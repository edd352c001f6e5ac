"""The model without a vendor types what it should, fails as it is told, and notices when nobody reads."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.api.llm import ChatRequest, Fault, Simulate
from promptwire.api.message import Delta, Message, Usage
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue
from promptwire.llm.provider import Chunk, Finish, Target
from promptwire.llm.providers.simulated import Simulated

MODELS = Catalogue([], [])


def ask(content: str, **simulate: Any) -> ChatRequest:
    return ChatRequest(
        model="simulated/echo", messages=[Message(role="user", content=content)], simulate=Simulate(**simulate)
    )


async def chunks(request: ChatRequest, vendor: Simulated | None = None) -> list[Chunk]:
    stream = (vendor or Simulated()).stream(MODELS.resolve(request.model), request)
    async with contextlib.aclosing(stream):
        return [chunk async for chunk in stream]


@given(st.text())
def test_echo_types_the_message_back_exactly(content: str) -> None:
    *deltas, finish, usage = asyncio.run(chunks(ask(content)))
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == content
    assert finish == Finish("stop")
    assert isinstance(usage, Usage) and usage.output_tokens == len(deltas)


async def test_a_fault_happens_at_its_packet() -> None:
    vendor = Simulated()
    stream = vendor.stream(MODELS.resolve("simulated/echo"), ask("a b", fault=Fault(kind="overloaded", at=2)))
    assert await anext(stream) == Delta(text="a")
    with pytest.raises(Failure) as failed:
        await anext(stream)
    assert failed.value.class_ == "overloaded"
    assert (vendor.meter.active, vendor.meter.finished, vendor.meter.told_to_stop) == (0, 0, 0)


async def test_a_fault_past_the_end_happens_before_the_finish() -> None:
    stream = Simulated().stream(MODELS.resolve("simulated/echo"), ask("ab", fault=Fault(kind="cut", at=99)))
    assert await anext(stream) == Delta(text="ab")
    with pytest.raises(Failure):
        await anext(stream)


async def test_a_slow_first_packet_only_costs_time() -> None:
    assert (await chunks(ask("a", fault=Fault(kind="slow_first", retry_after_s=0.01))))[0] == Delta(text="a")


@pytest.mark.parametrize("leave", ["close", "cancel"])
async def test_it_knows_when_it_is_told_to_stop(leave: str) -> None:
    vendor = Simulated()
    stream = vendor.stream(MODELS.resolve("simulated/echo"), ask("a b c", interval_ms=60_000, first_ms=0))
    assert await anext(stream) == Delta(text="a")
    assert vendor.meter.active == 1
    if leave == "close":
        await stream.aclose()
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(stream)
    assert (vendor.meter.active, vendor.meter.finished, vendor.meter.told_to_stop) == (0, 0, 1)


async def test_it_has_no_other_models() -> None:
    unknown = Target(id="simulated/x", model="x", endpoint=MODELS.resolve("simulated/echo").endpoint)
    with pytest.raises(Failure, match="no simulated model"):
        await anext(Simulated().stream(unknown, ask("a")))
