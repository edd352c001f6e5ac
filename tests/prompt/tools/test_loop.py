"""Several rounds are one stream: one start, one done, calls that count on, usage that adds up, bounds that hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from prompt.tools.conftest import Site
from promptwire.api.llm import ChatRequest, Simulate
from promptwire.api.message import (
    Delta,
    Done,
    Event,
    Message,
    Reasoning,
    Start,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    Usage,
)
from promptwire.api.prompt import Content
from promptwire.api.tool import Binding, HttpCall, Mock
from promptwire.errors import Failure
from promptwire.llm.service import LLMService
from promptwire.prompt.tools.calling import Calling
from promptwire.prompt.tools.loop import Bounds, converse, relaxed
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.safe import Safe
from promptwire.prompt.tools.toolbox import Mode, Toolbox

CALLS = [
    ToolCall(id="c1", name="weather", arguments='{"city":"Oslo"}'),
    ToolCall(id="c2", name="time", arguments="{}"),
]
MOCKED = Content(
    tools=[Tool(name="weather"), Tool(name="time")],
    bindings=[Binding(name="weather", mock=Mock(reply="sun")), Binding(name="time", mock=Mock(reply="noon"))],
)


def asked(rounds: int = 1, calls: list[ToolCall] = CALLS, **simulate: Any) -> ChatRequest:
    return ChatRequest(
        model="simulated/echo",
        messages=[Message(role="user", content="weather?")],
        tools=MOCKED.tools,
        simulate=Simulate(tool_calls=calls, tool_rounds=rounds, **simulate),
    )


class Scripted:
    """A model that plays one script a round, and keeps what it was asked."""

    def __init__(self, *rounds: list[Event | Failure]) -> None:
        self.rounds = list(rounds)
        self.requests: list[ChatRequest] = []

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        for event in self.rounds[len(self.requests) - 1]:
            if isinstance(event, Failure):
                raise event
            yield event


def start(run: str = "r") -> Start:
    return Start(run_id=run, model="m", trace_id="t")


def done(reason: Any = "stop", ttft_ms: float = 1.0, **usage: Any) -> Done:
    return Done(finish_reason=reason, usage=Usage(**usage), ttft_ms=ttft_ms, duration_ms=1.0)


@pytest.fixture
def calling(outbound: Outbound, safe: Safe) -> Calling:
    return Calling(outbound, safe)


async def run(
    llm: LLMService | Scripted,
    request: ChatRequest,
    calling: Calling,
    *,
    content: Content = MOCKED,
    mode: Mode = "answer",
    bounds: Bounds = Bounds(),  # noqa: B008 - a value
) -> list[Event]:
    async with aclosing(converse(llm.chat_stream, request, Toolbox(content, mode, calling), bounds)) as events:
        return [event async for event in events]


def results(events: list[Event]) -> list[tuple[int, str, str, str]]:
    return [(one.index, one.id, one.name, one.content) for one in events if isinstance(one, ToolResult)]


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


async def test_two_rounds_are_one_stream(llm: LLMService, calling: Calling) -> None:
    events = await run(llm, asked(rounds=2), calling)
    assert [type(event) for event in events].count(Start) == 1
    assert isinstance(events[0], Start)
    assert isinstance(events[-1], Done)
    assert [type(event) for event in events].count(Done) == 1
    assert results(events) == [
        (0, "c1", "weather", "sun"),
        (1, "c2", "time", "noon"),
        (2, "c1-2", "weather", "sun"),
        (3, "c2-2", "time", "noon"),
    ]
    named = [event for event in events if isinstance(event, ToolCallDelta) and event.name]
    assert [(event.index, event.bound) for event in named] == [(0, True), (1, True), (2, True), (3, True)]
    assert text(events) == "The tools replied: “sun”, “noon”, “sun”, “noon”."
    assert events[-1].finish_reason == "stop"


async def test_the_model_is_told_what_it_said_and_what_came_of_it(calling: Calling) -> None:
    call = ToolCallDelta(index=0, id="call_0", name="weather", arguments="{}", signature="seal")
    thought = Reasoning(text="hm", signature="s")
    llm = Scripted(
        [start(), thought, Delta(text="Let me see."), call, done("tool_calls")],
        [start(), msgspec.structs.replace(call), done("tool_calls")],
        [start(), Delta(text="sun"), done()],
    )
    request = ChatRequest(model="m", messages=[Message(role="user")], tool_choice=msgspec.Raw(b'"required"'))
    events = await run(llm, request, calling)
    user, said, reply, again, last = llm.requests[2].messages
    assert user.role == "user"
    assert (said.content, said.reasoning, said.reasoning_signature) == ("Let me see.", "hm", "s")
    assert said.tool_calls == [ToolCall(id="call_0", name="weather", arguments="{}", signature="seal")]
    assert (reply.role, reply.content, reply.name, reply.tool_call_id) == ("tool", "sun", "weather", "call_0")
    assert again.tool_calls and again.tool_calls[0].id == last.tool_call_id == "call_0_1"
    assert results(events)[1][1] == "call_0_1"
    assert [one.tool_choice for one in llm.requests] == [request.tool_choice, None, None]


async def test_usage_cost_and_time_are_of_the_whole(calling: Calling) -> None:
    call = ToolCallDelta(index=0, id="c", name="weather")
    llm = Scripted(
        [start(), Usage(input_tokens=3), call, done("tool_calls", 7.0, input_tokens=10, output_tokens=1, cost=0.5)],
        [start(), Usage(input_tokens=20, cost=0.1), Delta(text="x"), done("stop", 9.0, input_tokens=20, cost=0.25)],
    )
    events = await run(llm, asked(), calling)
    running = [event for event in events if isinstance(event, Usage)]
    assert [(one.input_tokens, one.cost) for one in running] == [(3, None), (30, 0.6)]
    last = events[-1]
    assert isinstance(last, Done)
    assert (last.usage.input_tokens, last.usage.output_tokens, last.cost, last.ttft_ms) == (30, 1, 0.75, 7.0)


async def test_a_function_nobody_answers_ends_the_run_and_mocks_are_proposed(llm: LLMService, calling: Calling) -> None:
    calls = [*CALLS, ToolCall(id="c3", name="own", arguments="{}")]
    events = await run(llm, asked(calls=calls), calling)
    last = events[-1]
    assert isinstance(last, Done) and last.finish_reason == "tool_calls"
    assert [event.proposed for event in events if isinstance(event, ToolResult)] == [True, True]


async def test_stepping_stops_at_each_call_and_goes_on_from_messages(llm: LLMService, calling: Calling) -> None:
    events = await run(llm, asked(), calling, mode="step")
    assert isinstance(events[-1], Done) and events[-1].finish_reason == "tool_calls"
    assert [event.content for event in events if isinstance(event, ToolResult) and event.proposed] == ["sun", "noon"]
    request = asked()
    request.messages += [
        Message(role="assistant", tool_calls=CALLS),
        *(Message(role="tool", tool_call_id=call.id, content=f"edited {call.name}") for call in CALLS),
    ]
    assert text(await run(llm, request, calling, mode="step")) == "The tools replied: “edited weather”, “edited time”."


async def test_rounds_are_bounded_before_a_tool_is_called_in_vain(
    llm: LLMService, calling: Calling, site: Site
) -> None:
    real = Content(tools=MOCKED.tools, bindings=[Binding(name="weather", http=HttpCall(url=site.url))])
    request = asked(rounds=1000, calls=CALLS[:1])
    with pytest.raises(Failure, match="after 3 rounds") as caught:
        await run(llm, request, calling, content=real, bounds=Bounds(rounds=3))
    assert (caught.value.class_, caught.value.phase, caught.value.retryable) == ("upstream_error", "mid_stream", False)
    assert len(site.asked) == 2


async def test_the_time_of_all_rounds_is_bounded(llm: LLMService, calling: Calling, site: Site) -> None:
    slow = Content(tools=MOCKED.tools, bindings=[Binding(name="weather", http=HttpCall(url=f"{site.url}/slow"))])
    request = asked(calls=CALLS[:1])
    with pytest.raises(Failure, match=r"longer than 0\.3 s") as caught:
        await run(llm, request, calling, content=slow, bounds=Bounds(total_s=0.3))
    assert (caught.value.class_, caught.value.phase) == ("timeout_total", "mid_stream")
    typing = asked(calls=[], text="word " * 1000, interval_ms=5)
    with pytest.raises(Failure, match="tools_total_s"):
        await run(llm, typing, calling, bounds=Bounds(total_s=0.1))


async def test_a_failure_of_a_later_round_is_in_the_middle_of_the_stream(calling: Calling) -> None:
    call = ToolCallDelta(index=0, id="c", name="weather")
    llm = Scripted([start(), call, done("tool_calls")], [Failure("overloaded", "busy", phase="first_packet")])
    with pytest.raises(Failure, match="busy") as caught:
        await run(llm, asked(), calling)
    assert caught.value.phase == "mid_stream"
    first = Scripted([Failure("overloaded", "busy", phase="connect")])
    with pytest.raises(Failure) as caught:
        await run(first, asked(), calling)
    assert caught.value.phase == "connect"


async def test_an_answer_that_is_cut_stays_one(calling: Calling) -> None:
    assert [type(one) for one in await run(Scripted([start(), Delta(text="a")]), asked(), calling)] == [Start, Delta]


async def test_a_reader_that_leaves_ends_the_tool_under_way(llm: LLMService, calling: Calling, site: Site) -> None:
    slow = Content(tools=MOCKED.tools, bindings=[Binding(name="weather", http=HttpCall(url=f"{site.url}/slow"))])
    reading = asyncio.create_task(run(llm, asked(calls=CALLS[:1]), calling, content=slow))
    async with asyncio.timeout(10):
        await site.reached.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await site.left.wait()


async def test_calls_of_a_round_are_made_at_the_same_time(llm: LLMService, calling: Calling) -> None:
    together = asyncio.Barrier(2)

    class Meeting(Calling):
        async def call(self, binding: Binding, arguments: str) -> Any:
            await together.wait()  # for ever, were they called one after the other
            return await super().call(Binding(name=binding.name), arguments)

    real = HttpCall(url="http://h/")
    both = Content(tools=MOCKED.tools, bindings=[Binding(name=name, http=real) for name in ("weather", "time")])
    async with asyncio.timeout(10):
        events = await run(llm, asked(), Meeting(calling._outbound, calling._safe), content=both)
    assert [result[2] for result in results(events)] == ["weather", "time"]


@pytest.mark.parametrize(
    ("choice", "after"), [(None, None), ('"auto"', '"auto"'), ('"none"', '"none"'), ('"required"', None), ("{}", None)]
)
def test_a_model_that_has_its_replies_is_free_to_answer(choice: str | None, after: str | None) -> None:
    raw = None if choice is None else msgspec.Raw(choice.encode())
    made = relaxed(ChatRequest(model="m", messages=[], tool_choice=raw))
    assert made.tool_choice == (None if after is None else msgspec.Raw(after.encode()))
