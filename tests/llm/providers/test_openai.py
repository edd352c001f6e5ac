"""OpenAI's chat completions: each setting reaches the wire, each vendor's stream becomes our chunks."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from llm.providers.vendors import Stage, cut_up, data, read
from promptwire.api.llm import ChatRequest, Fault, Parameters, Simulate
from promptwire.api.message import Delta, File, Message, Part, Reasoning, Tool, ToolCall, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target
from promptwire.llm.providers.openai import OpenAI, payload
from promptwire.llm.simulate_server import SimulateServer
from promptwire.llm.vendor_http import VendorHTTP

TARGET = Target(id="acme/m1", model="m1", endpoint=Endpoint(name="acme", kind="openai"))
USER = Message(role="user", content="hi")
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def sent(**fields: Any) -> dict[str, Any]:
    """The body of a request with these fields, as the vendor reads it."""
    given: dict[str, Any] = {"model": "acme/m1", "messages": [USER]} | fields
    request = ChatRequest(**given)
    return msgspec.json.decode(msgspec.json.encode(payload(TARGET, request)))


def message(given: Message) -> dict[str, Any]:
    return sent(messages=[given])["messages"][0]


def test_what_is_not_set_is_not_sent() -> None:
    assert sent() == {
        "model": "m1",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


PARAMETERS: list[tuple[str, Any]] = [
    ("temperature", 0.0),
    ("top_p", 0.5),
    ("max_tokens", 7),
    ("stop", ["a", "b"]),
    ("seed", 0),
    ("presence_penalty", -1.5),
    ("frequency_penalty", 1.5),
    ("reasoning_effort", "high"),
]


@pytest.mark.parametrize(("name", "value"), PARAMETERS)
def test_a_parameter_reaches_the_wire(name: str, value: Any) -> None:
    body = sent(parameters=Parameters(**{name: value}))
    assert {key: body[key] for key in body.keys() - sent().keys()} == {name: value}


def test_openai_itself_has_renamed_the_maximum() -> None:
    endpoint = Endpoint(name="openai", kind="openai", base_url="https://api.openai.com/v1")
    request = ChatRequest(model="m", messages=[USER], parameters=Parameters(max_tokens=7))
    body = payload(Target(id="m", model="m", endpoint=endpoint), request)
    assert body["max_completion_tokens"] == 7 and "max_tokens" not in body


def test_a_file_by_its_address_is_refused_with_the_reason() -> None:
    request = ChatRequest(model="m", messages=[Message(role="user", parts=[Part(file=File(url="https://x/a.pdf"))])])
    with pytest.raises(Failure, match="not by its address") as failed:
        payload(TARGET, request)
    assert failed.value.class_ == "invalid_request"


@pytest.mark.parametrize(
    ("base_url", "wire"),
    [
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", {"enable_thinking": True, "thinking_budget": 2048}),
        ("https://openrouter.ai/api/v1", {"reasoning": {"max_tokens": 2048}}),
    ],
)
def test_a_budget_is_told_in_the_words_of_the_compatible(base_url: str, wire: dict[str, Any]) -> None:
    target = Target(id="m", model="m", endpoint=Endpoint(name="v", kind="openai", base_url=base_url))
    plain = payload(target, ChatRequest(model="m", messages=[USER]))
    body = payload(target, ChatRequest(model="m", messages=[USER], parameters=Parameters(reasoning_budget=2048)))
    assert {key: body[key] for key in body.keys() - plain.keys()} == wire


def test_every_parameter_a_person_can_set_is_tested() -> None:
    assert {name for name, _ in PARAMETERS} | {"reasoning_budget"} == set(Parameters.__struct_fields__)


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        (Message(role="system", content="be brief"), {"role": "system", "content": "be brief"}),
        (Message(role="user", content="hi", name="ann"), {"role": "user", "content": "hi", "name": "ann"}),
        (
            Message(role="user", parts=[Part(text="what is this"), Part(image_url="https://x/y.png")]),
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is this"},
                    {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                ],
            },
        ),
        (
            Message(role="user", parts=[Part(file=File(url="data:application/pdf;base64,JVBE"))]),
            {
                "role": "user",
                "content": [
                    {
                        "type": "file",
                        "file": {"file_data": "data:application/pdf;base64,JVBE", "filename": "file.pdf"},
                    },
                ],
            },
        ),
        (
            Message(role="user", parts=[Part(file=File(url="data:application/pdf;base64,JVBE", name="a.pdf"))]),
            {
                "role": "user",
                "content": [
                    {
                        "type": "file",
                        "file": {"file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"},
                    },
                ],
            },
        ),
        (
            Message(role="assistant", tool_calls=[ToolCall(id="c1", name="f", arguments='{"a":1}')]),
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}],
            },
        ),
        (
            Message(role="tool", content="42", tool_call_id="c1"),
            {"role": "tool", "content": "42", "tool_call_id": "c1"},
        ),
    ],
    ids=["system", "name", "parts", "unnamed file", "file", "tool calls", "tool result"],
)
def test_a_message_reaches_the_wire(given: Message, wire: dict[str, Any]) -> None:
    assert message(given) == wire


def test_tools_choice_and_format_reach_the_wire() -> None:
    raw = msgspec.Raw(msgspec.json.encode(SCHEMA))
    body = sent(
        tools=[Tool(name="f", description="d", parameters=raw, strict=True), Tool(name="g")],
        tool_choice=msgspec.Raw(b'"required"'),
        response_format=msgspec.Raw(b'{"type":"json_object"}'),
        simulate=Simulate(tokens=3),
    )
    assert body["tools"] == [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}},
        {"type": "function", "function": {"name": "g"}},
    ]
    assert body["tool_choice"] == "required"
    assert body["response_format"] == {"type": "json_object"}
    assert body["simulate"]["tokens"] == 3


async def chunks(http: VendorHTTP, target: Target, **fields: Any) -> list[Chunk]:
    return await read(OpenAI(http), target, **fields)


def delta(**fields: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": fields, "finish_reason": None}],
    }


def finish(reason: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


DONE = b"[DONE]"

TRANSCRIPTS: dict[str, tuple[bytes, list[Chunk]]] = {
    "openai": (
        data(
            delta(role="assistant", content="", refusal=None),
            delta(content="Hé"),
            delta(content="llo"),
            finish("stop"),
            {
                "choices": [],
                "usage": {
                    "prompt_tokens": 100,
                    "completion_tokens": 50,
                    "total_tokens": 150,
                    "prompt_tokens_details": {"cached_tokens": 30, "audio_tokens": 0},
                    "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 0},
                },
            },
            DONE,
        ),
        [
            Delta(text="Hé"),
            Delta(text="llo"),
            Finish("stop"),
            Usage(input_tokens=70, cache_read_tokens=30, output_tokens=30, reasoning_tokens=20),
        ],
    ),
    "deepseek": (
        data(
            delta(role="assistant", content=None, reasoning_content="think"),
            delta(content="say", reasoning_content=None),
            {
                "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "length"}],
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 2,
                    "prompt_cache_hit_tokens": 4,
                    "prompt_cache_miss_tokens": 5,
                },
            },
            DONE,
        ),
        [
            Reasoning(text="think"),
            Delta(text="say"),
            Finish("length"),
            Usage(input_tokens=5, cache_read_tokens=4, output_tokens=2),
        ],
    ),
    "openrouter": (
        b": OPENROUTER PROCESSING\n\n" + data(delta(reasoning="hm"), delta(content="a"), finish("stop")),
        [Reasoning(text="hm"), Delta(text="a"), Finish("stop")],
    ),
    "tool calls": (
        data(
            delta(
                tool_calls=[{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]
            ),
            delta(tool_calls=[{"index": 0, "function": {"arguments": '{"a"'}}]),
            delta(tool_calls=[{"index": 1, "id": "c2", "function": {"name": "g", "arguments": "{}"}}]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": ":1}"}}]),
            finish("tool_calls"),
            DONE,
        ),
        [
            ToolCallDelta(index=0, id="c1", name="f"),
            ToolCallDelta(index=0, arguments='{"a"'),
            ToolCallDelta(index=1, id="c2", name="g", arguments="{}"),
            ToolCallDelta(index=0, arguments=":1}"),
            Finish("tool_calls"),
        ],
    ),
    "tool calls without an index": (
        data(
            delta(tool_calls=[{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]),
            delta(tool_calls=[{"id": "c2", "function": {"name": "g", "arguments": "{}"}}]),
            finish("tool_calls"),
        ),
        [
            ToolCallDelta(index=0, id="c1", name="f", arguments="{}"),
            ToolCallDelta(index=1, id="c2", name="g", arguments="{}"),
            Finish("tool_calls"),
        ],
    ),
    "refusal": (data(delta(refusal="I cannot"), finish("stop")), [Delta(text="I cannot"), Finish("stop")]),
    "another choice": (
        data({"choices": [{"index": 1, "delta": {"content": "no"}}]}, delta(content="yes"), finish("stop")),
        [Delta(text="yes"), Finish("stop")],
    ),
    "filtered": (data(delta(content="a"), finish("content_filter")), [Delta(text="a"), Finish("content_filter")]),
    "a reason of its own": (data(delta(content="a"), finish("eos")), [Delta(text="a"), Finish("stop")]),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_transcript_becomes_chunks(http: VendorHTTP, stage: Stage, name: str, size: int) -> None:
    stream, expected = TRANSCRIPTS[name]
    target = await stage(*cut_up(stream, size))
    assert await chunks(http, target) == expected


async def test_a_vendor_that_does_not_stream_is_read_too(http: VendorHTTP, stage: Stage) -> None:
    whole = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    target = await stage(msgspec.json.encode(whole), content_type="application/json")
    assert await chunks(http, target) == [Delta(text="hi"), Finish("stop"), Usage(input_tokens=1, output_tokens=2)]


@pytest.mark.parametrize(
    ("stream", "class_"),
    [
        (b"", "upstream_cut"),
        (data(delta(content="a")), "upstream_cut"),
        (data(delta(content="a"), DONE), "upstream_cut"),
        (data(delta(content="a"), b'{"choices": [{'), "upstream_error"),
        (data(delta(content="a"), b'{"choices": "none"}'), "upstream_error"),
        (data(b"\xff\xfe"), "upstream_error"),
        (data({"error": {"message": "boom", "code": "rate_limit_exceeded"}}), "rate_limited"),
        (data(finish("insufficient_system_resource")), "upstream_error"),
    ],
    ids=["nothing", "no finish", "DONE without finish", "half JSON", "wrong JSON", "no text", "error", "gave up"],
)
async def test_an_answer_without_an_end_is_a_failure(
    http: VendorHTTP, stage: Stage, stream: bytes, class_: str
) -> None:
    with pytest.raises(Failure) as failed:
        await chunks(http, await stage(stream))
    assert (failed.value.class_, failed.value.phase, failed.value.vendor) == (class_, "first_packet", "acme")


@pytest.mark.parametrize(("kind", "class_"), [("permission", "permission_denied"), ("rate_limit", "rate_limited")])
async def test_a_refusal_keeps_status_wait_and_words(http: VendorHTTP, target: Target, kind: Any, class_: str) -> None:
    with pytest.raises(Failure) as failed:
        await chunks(http, target, simulate=Simulate(fault=Fault(kind=kind, retry_after_s=7)))
    failure = failed.value
    assert (failure.class_, failure.phase, failure.retry_after_s) == (class_, "connect", 7)
    assert failure.vendor_status in (403, 429)
    assert "message" in (failure.vendor_body or "")


async def test_leaving_the_stream_tells_the_vendor_at_once(
    http: VendorHTTP, vendor: SimulateServer, target: Target
) -> None:
    request = ChatRequest(model=target.id, messages=[USER], simulate=Simulate(tokens=1000, interval_ms=10))
    stream = OpenAI(http).stream(target, request)
    assert await anext(stream) == Delta(text="hi")
    await stream.aclose()
    async with asyncio.timeout(0.2):
        await vendor.meter.until(lambda counted: counted.told_to_stop == 1)
    assert vendor.meter.active == 0


async def test_the_key_is_sent_as_a_bearer_token(http: VendorHTTP, vendor: SimulateServer, target: Target) -> None:
    assert [type(chunk) for chunk in await chunks(http, target)] == [Delta, Finish, Usage]
    assert [authorization for authorization, _ in vendor.received] == [f"Bearer {target.endpoint.api_key}"]
