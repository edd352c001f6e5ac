"""A vendor that sends too much at once, or does not end, is broken off."""

from __future__ import annotations

import pytest

from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import ChatRequest, PacketLimits, Simulate
from promptwire.api.message import Delta, Event, Message, Reasoning, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.packets import Packets
from promptwire.llm.provider import Chunk, Finish
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService


@pytest.mark.parametrize(
    "chunk", [Delta(text="12345"), Reasoning(text="12345"), ToolCallDelta(index=0, arguments="12345")]
)
def test_a_packet_may_be_so_long_and_no_longer(chunk: Chunk) -> None:
    Packets(PacketLimits(characters=5), "m").check(chunk)
    with pytest.raises(Failure, match="m sent a packet of 5 characters, at most 4 are taken") as refused:
        Packets(PacketLimits(characters=4), "m").check(chunk)
    assert (refused.value.class_, refused.value.retryable) == ("packet_limited", False)


def test_an_answer_may_have_so_many_and_no_more() -> None:
    packets = Packets(PacketLimits(packets=2), "m")
    for chunk in (Delta(text="a"), Usage(), Delta(text="b"), Finish("stop"), Usage()):
        packets.check(chunk)
    with pytest.raises(Failure, match="more than 2 packets"):
        packets.check(Delta(text="c"))


async def test_the_reader_gets_what_came_before_and_the_model_stops() -> None:
    row = ModelRow(id="wordy", provider="simulated", model="echo", packets=PacketLimits(packets=3))
    here = Simulated()
    service = LLMService(always(Catalogue([], [row])), {"simulated": here})
    request = ChatRequest(model="wordy", messages=[Message(role="user", content="x")], simulate=Simulate(tokens=10))
    seen: list[Event] = []
    with pytest.raises(Failure) as failed:
        async for event in service.chat_stream(request):
            seen.append(event)  # noqa: PERF401 - what came before the failure
    assert sum(isinstance(event, Delta) for event in seen) == 3
    assert (failed.value.class_, failed.value.phase) == ("packet_limited", "mid_stream")
    assert (here.meter.active, here.meter.told_to_stop) == (0, 1)
