"""A model's answer is one Start, what the model says, and exactly one end, whichever vendor it comes from."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import psutil
import pytest

import thriftwire.call
from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import (
    Capabilities,
    ChatRequest,
    CountTokensRequest,
    Fault,
    ListModelsRequest,
    Parameters,
    Simulate,
    Timeouts,
)
from promptwire.api.message import Delta, Done, Event, Message, Part, Start, Tool, ToolCall, Usage
from promptwire.entries import RUN_ID
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.llm.simulate_server import SimulateServer
from promptwire.span import TRACEPARENT

NEAR, FAR = "simulated/echo", "acme/echo"
TEXT = "Hello, wörld: 你好 🦊"


def ask(model: str, content: str = TEXT, **simulate: Any) -> ChatRequest:
    return ChatRequest(model=model, messages=[Message(role="user", content=content)], simulate=Simulate(**simulate))


async def read(service: LLMService, request: ChatRequest) -> tuple[list[Event], Failure | None]:
    events: list[Event] = []
    try:
        async with contextlib.aclosing(service.chat_stream(request)) as stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401 - what came before a failure is kept
    except Failure as failure:
        return events, failure
    return events, None


@pytest.mark.parametrize("model", [NEAR, FAR])
async def test_an_answer_is_start_deltas_usage_done(service: LLMService, model: str) -> None:
    events, failure = await read(service, ask(model, seed=1))
    assert failure is None
    start, *deltas, usage, done = events
    assert isinstance(start, Start) and start.model == model
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == TEXT
    assert isinstance(usage, Usage) and usage.output_tokens == len(deltas)
    assert isinstance(done, Done)
    assert (done.finish_reason, done.usage) == ("stop", usage)
    assert 0 < (done.ttft_ms or 0) <= done.duration_ms


@pytest.mark.parametrize("model", [NEAR, FAR])
async def test_the_blocking_reply_is_the_fold_of_the_stream(service: LLMService, model: str) -> None:
    calls = [ToolCall(id="c1", name="f", arguments='{"city": "Köln"}'), ToolCall(id="c2", name="g", arguments="{}")]
    reply = await service.chat(ask(model, text=TEXT, reasoning_tokens=3, tool_calls=calls))
    assert reply.message.content == TEXT
    assert reply.message.reasoning == "Let me"
    assert reply.message.tool_calls == calls
    assert reply.done.finish_reason == "tool_calls"
    assert reply.done.usage.reasoning_tokens == 3


FAULTS: list[tuple[str, int, str, str]] = [
    ("permission", 0, "permission_denied", "connect"),
    ("permission", 1, "permission_denied", "first_packet"),
    ("permission", 3, "permission_denied", "mid_stream"),
    ("rate_limit", 0, "rate_limited", "connect"),
    ("rate_limit", 3, "rate_limited", "mid_stream"),
    ("token_limit", 0, "token_limited", "connect"),
    ("token_limit", 3, "token_limited", "mid_stream"),
    ("overloaded", 0, "overloaded", "connect"),
    ("overloaded", 1, "overloaded", "first_packet"),
    ("overloaded", 99, "overloaded", "mid_stream"),
    ("stall", 0, "timeout_first_token", "first_packet"),
    ("stall", 1, "timeout_first_token", "first_packet"),
    ("stall", 3, "timeout_idle", "mid_stream"),
    ("stall", 99, "timeout_idle", "mid_stream"),
    ("cut", 0, "upstream_cut", "first_packet"),
    ("cut", 1, "upstream_cut", "first_packet"),
    ("cut", 3, "upstream_cut", "mid_stream"),
    ("cut", 99, "upstream_cut", "mid_stream"),
    ("garbage", 0, "upstream_error", "first_packet"),
    ("garbage", 3, "upstream_error", "mid_stream"),
    ("moderation", 0, "moderation_input", "connect"),
    ("moderation", 3, "moderation_output", "mid_stream"),
    ("slow_first", 0, "timeout_first_token", "first_packet"),
    ("crash", 0, "upstream_error", "connect"),
    ("crash", 1, "upstream_cut", "first_packet"),
    ("crash", 3, "upstream_cut", "mid_stream"),
    ("crash", 99, "upstream_cut", "mid_stream"),
]


@pytest.mark.parametrize("model", [NEAR, FAR])
@pytest.mark.parametrize(("kind", "at", "class_", "phase"), FAULTS)
async def test_a_fault_is_the_same_next_door_and_over_a_socket(
    service: LLMService, model: str, kind: Any, at: int, class_: str, phase: str
) -> None:
    events, failure = await read(service, ask(model, interval_ms=1, fault=Fault(kind=kind, at=at, retry_after_s=3)))
    assert failure is not None
    assert (failure.class_, failure.phase) == (class_, phase)
    assert not any(isinstance(event, Done) for event in events)
    assert bool(events) == (phase == "mid_stream")
    assert failure.trace_id
    if kind in ("rate_limit", "token_limit"):
        assert failure.retry_after_s == 3
    if events:
        assert isinstance(events[0], Start) and events[0].trace_id == failure.trace_id


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "no messages"),
        ([Message(role="placeholder", content="history")], r"messages\[0\] is a placeholder"),
        ([Message(role="user", parts=[Part(variable="v")])], r"messages\[0\]\.parts\[0\] is the variable 'v'"),
        ([Message(role="system", parts=[Part(image_url="https://x/y")])], "only text can be in it"),
        ([Message(role="user", content="a"), Message(role="tool", content="1")], r"messages\[1\] .*tool_call_id"),
    ],
)
async def test_what_no_vendor_could_answer_is_refused(
    service: LLMService, messages: list[Message], reason: str
) -> None:
    with pytest.raises(Failure, match=reason) as failed:
        await service.chat(ChatRequest(model=NEAR, messages=messages))
    assert failed.value.class_ == "invalid_request"


async def test_an_unknown_model_is_named_with_its_neighbour(service: LLMService) -> None:
    with pytest.raises(Failure, match="did you mean 'simulated/echo'") as failed:
        await service.chat(ask("simulated/ecko"))
    assert (failed.value.class_, failed.value.http_status) == ("not_found", 404)


async def test_models_are_listed(service: LLMService) -> None:
    models = (await service.list_models(ListModelsRequest())).models
    assert [model.id for model in models] == ["acme/echo", "simulated/echo", "simulated/typewriter"]


@pytest.mark.parametrize("model", [NEAR, FAR])
@pytest.mark.parametrize("silent", [False, True], ids=["typing", "silent"])
async def test_leaving_tells_the_vendor(
    service: LLMService, here: Simulated, vendor: SimulateServer, model: str, silent: bool
) -> None:
    meter = here.meter if model == NEAR else vendor.meter
    stream = service.chat_stream(ask(model, tokens=10_000, interval_ms=5, first_ms=60_000 if silent else 0))
    waiting = asyncio.create_task(anext(stream))
    if silent:
        await meter.until(lambda counted: counted.active == 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    else:
        await waiting
    await stream.aclose()
    async with asyncio.timeout(0.2):
        await meter.until(lambda counted: counted.told_to_stop == 1)
    assert meter.active == 0


async def test_two_hundred_aborted_streams_leave_nothing(service: LLMService, vendor: SimulateServer) -> None:
    await service.chat(ask(FAR))
    tasks, sockets = len(asyncio.all_tasks()), len(psutil.Process().net_connections())

    async def abort() -> None:
        request = ask(FAR, tokens=1000, interval_ms=5)
        request.timeouts = Timeouts(first_token_s=30)  # fifty begin at once
        stream = service.chat_stream(request)
        await anext(stream)
        await stream.aclose()

    for _ in range(4):
        await asyncio.gather(*(abort() for _ in range(50)))
    await vendor.meter.until(lambda counted: counted.told_to_stop == 200)
    async with asyncio.timeout(5):
        while len(psutil.Process().net_connections()) > sockets or len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_the_callers_run_id_and_trace_are_kept(service: LLMService) -> None:
    call = thriftwire.call.Call()
    call.metadata.persistent |= {RUN_ID: "run_7", TRACEPARENT: f"00-{'ab' * 16}-{'cd' * 8}-01"}
    with thriftwire.call.serving(call):
        reply = await service.chat(ask(NEAR))
    assert (reply.start.run_id, reply.start.trace_id) == ("run_7", "ab" * 16)


async def test_the_callers_deadline_is_kept(service: LLMService) -> None:
    deadline = asyncio.get_running_loop().time() + 0.1
    with thriftwire.call.serving(thriftwire.call.Call(deadline=deadline)), pytest.raises(Failure) as failed:
        await service.chat(ask(NEAR, first_ms=60_000))
    assert failed.value.class_ == "timeout_total"


class Broken:
    """A provider with a bug."""

    def __init__(self, *chunks: Chunk, error: Exception | None = None) -> None:
        self._chunks, self._error = chunks, error

    async def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        for chunk in self._chunks:
            yield chunk
        if self._error is not None:
            raise self._error


async def test_a_bug_is_internal_and_keeps_its_text() -> None:
    service = LLMService(always(Catalogue([], [])), {"simulated": Broken(Delta(text="a"), error=KeyError("sk-hush"))})
    events, failure = await read(service, ask(NEAR))
    assert failure is not None and len(events) == 2
    assert (failure.class_, failure.phase) == ("internal", "mid_stream")
    assert "sk-hush" not in str(failure.to_error())


@pytest.mark.parametrize("chunks", [(), (Delta(text="a"),)])
async def test_a_provider_that_forgets_its_end_was_cut(chunks: tuple[Chunk, ...]) -> None:
    service = LLMService(always(Catalogue([], [])), {"simulated": Broken(*chunks)})
    _, failure = await read(service, ask(NEAR))
    assert failure is not None and failure.class_ == "upstream_cut"


async def test_usage_before_the_first_token_is_kept_for_the_end() -> None:
    early = Usage(input_tokens=5)
    service = LLMService(always(Catalogue([], [])), {"simulated": Broken(early, Delta(text="a"), Finish("stop"))})
    events, _ = await read(service, ask(NEAR))
    assert [type(event) for event in events] == [Start, Delta, Done]
    assert isinstance(events[-1], Done) and events[-1].usage == early


async def test_what_was_left_out_is_said_at_the_start() -> None:
    catalogue = Catalogue([Endpoint(name="claude", kind="anthropic")], [])
    service = LLMService(always(catalogue), {"anthropic": Broken(Delta(text="a"), Finish("stop"))})
    request = msgspec.structs.replace(ask("claude/m"), parameters=Parameters(seed=1))
    assert (await service.chat(request)).start.warnings == ["seed was left out: Anthropic's API has no seed"]
    assert (await service.chat(ask("claude/m"))).start.warnings is None


async def test_tokens_are_counted_without_asking_anybody(service: LLMService) -> None:
    messages = [Message(role="user", content="hello"), Message(role="user", parts=[Part(text="hello")])]
    counted = await service.count_tokens(CountTokensRequest(model="", messages=messages, tools=[Tool(name="look")]))
    assert counted.total == sum(message.tokens for message in counted.messages) + counted.tools
    assert (counted.messages[0].parts, len(counted.messages[1].parts)) == ([], 1)
    assert (counted.exact, counted.context_tokens) == (False, None)


async def test_a_count_says_what_the_model_can_read() -> None:
    row = ModelRow(id="v/m", provider="v", model="m", capabilities=Capabilities(context_tokens=1000))
    service = LLMService(always(Catalogue([Endpoint(name="v", kind="openai")], [row])), {})
    assert (await service.count_tokens(CountTokensRequest(model="v/m"))).context_tokens == 1000
    with pytest.raises(Failure, match="no model is named"):
        await service.count_tokens(CountTokensRequest(model="nobody/none/x"))
