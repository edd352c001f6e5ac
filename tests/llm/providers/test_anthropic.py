"""Anthropic's messages: each setting reaches the wire or is refused, each stream becomes our chunks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm.providers.vendors import USER, Stage, cut_up, data, read
from promptwire.api.llm import Capabilities, ChatRequest, Parameters
from promptwire.api.message import Delta, File, Message, Part, Reasoning, Tool, ToolCall, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target
from promptwire.llm.providers.anthropic import UNSUPPORTED, Anthropic, payload
from promptwire.llm.vendor_http import VendorHTTP

ENDPOINT = Endpoint(name="acme", kind="anthropic")
OLD = Target(id="acme/old", model="claude-sonnet-4-5", endpoint=ENDPOINT)
NEW = Target(id="acme/new", model="claude-opus-4-7", endpoint=ENDPOINT)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def sent(target: Target = NEW, **fields: Any) -> dict[str, Any]:
    """The body of a request with these fields, as the vendor reads it."""
    given: dict[str, Any] = {"model": "acme/m", "messages": [USER]} | fields
    return msgspec.json.decode(msgspec.json.encode(payload(target, ChatRequest(**given))))


def changed(target: Target = NEW, **fields: Any) -> dict[str, Any]:
    """What the fields change in the body."""
    plain = sent(target)
    return {name: value for name, value in sent(target, **fields).items() if plain.get(name) != value}


def content(message: Message) -> list[dict[str, Any]]:
    return sent(messages=[message])["messages"][0]["content"]


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def test_what_is_not_set_is_not_sent() -> None:
    assert sent() == {
        "model": "claude-opus-4-7",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "stream": True,
        "max_tokens": 4096,
    }


PARAMETERS: list[tuple[str, Any, Target, dict[str, Any]]] = [
    ("temperature", 0.0, NEW, {"temperature": 0.0}),
    ("top_p", 0.5, NEW, {"top_p": 0.5}),
    ("max_tokens", 7, NEW, {"max_tokens": 7}),
    ("stop", ["a", "b"], NEW, {"stop_sequences": ["a", "b"]}),
    (
        "reasoning_effort",
        "minimal",
        NEW,
        {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "low"}},
    ),
    (
        "reasoning_effort",
        "high",
        OLD,
        {"thinking": {"type": "enabled", "budget_tokens": 16384}, "max_tokens": 16384 + 4096},
    ),
    (
        "reasoning_budget",
        2048,
        OLD,
        {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 2048 + 4096},
    ),
]


@pytest.mark.parametrize(("name", "value", "target", "wire"), PARAMETERS)
def test_a_parameter_reaches_the_wire(name: str, value: Any, target: Target, wire: dict[str, Any]) -> None:
    given: dict[str, Any] = {name: value}
    assert changed(target, parameters=Parameters(**given)) == wire


def test_a_model_that_thinks_by_a_word_refuses_a_budget() -> None:
    with pytest.raises(Failure, match="by a word"):
        sent(NEW, parameters=Parameters(reasoning_budget=2048))


def test_every_parameter_a_person_can_set_is_tested() -> None:
    assert {name for name, *_ in PARAMETERS} | set(UNSUPPORTED) - {"json_object"} == set(Parameters.__struct_fields__)


@pytest.mark.parametrize(
    ("model", "style"),
    [
        ("claude-3-5-sonnet-20241022", "enabled"),
        ("claude-opus-4-20250514", "enabled"),
        ("claude-sonnet-4-5-20250929", "enabled"),
        ("claude-haiku-4-5", "enabled"),
        ("claude-sonnet-4-6", "adaptive"),
        ("claude-opus-4-7", "adaptive"),
        ("claude-next", "adaptive"),
    ],
)
def test_a_model_is_told_to_think_in_its_own_way(model: str, style: str) -> None:
    target = Target(id="m", model=model, endpoint=ENDPOINT)
    assert sent(target, parameters=Parameters(reasoning_effort="low"))["thinking"]["type"] == style


def test_a_row_may_say_better_than_a_name_how_to_think() -> None:
    target = Target(id="m", model="own", endpoint=ENDPOINT, capabilities=Capabilities(reasoning="budget"))
    assert "budget_tokens" in sent(target, parameters=Parameters(reasoning_effort="low"))["thinking"]


def test_a_maximum_that_leaves_no_room_to_answer_is_refused() -> None:
    with pytest.raises(Failure, match=r"max_tokens \(100\) must be more than the 8192"):
        sent(OLD, parameters=Parameters(max_tokens=100, reasoning_effort="medium"))


def test_the_models_own_maximum_is_the_default() -> None:
    target = Target(id="m", model="m", endpoint=ENDPOINT, capabilities=Capabilities(output_tokens=64_000))
    assert sent(target)["max_tokens"] == 64_000


MESSAGES: list[tuple[Message, list[dict[str, Any]]]] = [
    (Message(role="user", content="hi"), [{"type": "text", "text": "hi"}]),
    (
        Message(role="user", content="see", parts=[Part(image_url="https://x/y.png"), Part(text="")]),
        [{"type": "text", "text": "see"}, {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}],
    ),
    (
        Message(
            role="user",
            parts=[
                Part(file=File(url="https://x/a.pdf", name="a.pdf")),
                Part(file=File(url="data:application/pdf;base64,aGk=")),
                Part(file=File(url="data:text/csv;base64,aGk=")),
            ],
        ),
        [
            {"type": "document", "source": {"type": "url", "url": "https://x/a.pdf"}, "title": "a.pdf"},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi"}},
        ],
    ),
    (
        Message(role="user", parts=[Part(image_url="data:image/png;base64,aGk=")]),
        [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}],
    ),
    (
        Message(
            role="assistant",
            content="so",
            reasoning="hm",
            reasoning_signature="s1",
            tool_calls=[
                ToolCall(id="c1", name="f", arguments='{"a":1}'),
                ToolCall(id="c2", name="g", arguments=""),
            ],
        ),
        [
            {"type": "thinking", "thinking": "hm", "signature": "s1"},
            {"type": "text", "text": "so"},
            {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
            {"type": "tool_use", "id": "c2", "name": "g", "input": {}},
        ],
    ),
    (Message(role="assistant", content="so", reasoning="unsealed"), [{"type": "text", "text": "so"}]),
    (
        Message(role="tool", content="42", tool_call_id="c1"),
        [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "42"}]}],
    ),
]


@pytest.mark.parametrize(
    ("message", "blocks"),
    MESSAGES,
    ids=["text", "image by URL", "files", "image inside", "tool calls", "unsealed reasoning", "tool result"],
)
def test_a_message_reaches_the_wire(message: Message, blocks: list[dict[str, Any]]) -> None:
    assert content(message) == blocks


def test_neighbours_of_one_role_are_one_message_and_system_stands_apart() -> None:
    body = sent(
        messages=[
            Message(role="system", content="be brief"),
            USER,
            Message(role="assistant", tool_calls=[ToolCall(id="c1", name="f", arguments="{}")]),
            Message(role="tool", content="1", tool_call_id="c1"),
            Message(role="tool", content="2", tool_call_id="c2"),
            Message(role="system", content="and kind"),
            USER,
        ]
    )
    assert body["system"] == [{"type": "text", "text": "be brief"}, {"type": "text", "text": "and kind"}]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "tool_result", "text"]


def test_tools_reach_the_wire() -> None:
    tools = [Tool(name="f", description="d", parameters=raw(SCHEMA), strict=True), Tool(name="g")]
    assert changed(tools=tools) == {
        "tools": [
            {"name": "f", "description": "d", "input_schema": SCHEMA, "strict": True},
            {"name": "g", "input_schema": {"type": "object", "properties": {}}},
        ]
    }


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    ],
)
def test_the_choice_of_tool_reaches_the_wire(choice: Any, wire: dict[str, Any]) -> None:
    assert changed(tool_choice=raw(choice)) == {"tool_choice": wire}


def test_a_schema_for_the_answer_reaches_the_wire() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
    assert changed(response_format=raw(wanted)) == {
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}
    }
    both = changed(response_format=raw(wanted), parameters=Parameters(reasoning_effort="high"))
    assert both["output_config"].keys() == {"effort", "format"}
    assert changed(response_format=raw({"type": "text"})) == {}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"response_format": raw({"type": "json_object"})}, "no JSON mode"),
        (
            {"messages": [Message(role="assistant", tool_calls=[ToolCall(id="c", name="f", arguments="{")])]},
            "no JSON object",
        ),
        ({"messages": [Message(role="user", parts=[Part(image_url="data:image/png,raw")])]}, "not base64"),
        (
            {"messages": [Message(role="user", parts=[Part(file=File(url="data:application/zip;base64,aGk="))])]},
            "PDF and text files, not application/zip",
        ),
    ],
)
def test_what_the_vendor_cannot_take_is_refused_with_the_reason(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Failure, match=reason) as failed:
        sent(**fields)
    assert failed.value.class_ == "invalid_request"


def event(type: str, **fields: Any) -> dict[str, Any]:
    return {"type": type, **fields}


def start(index: int, **block: Any) -> dict[str, Any]:
    return event("content_block_start", index=index, content_block=block)


def delta(index: int, **fields: Any) -> dict[str, Any]:
    return event("content_block_delta", index=index, delta=fields)


BEGIN = event(
    "message_start",
    message={
        "id": "msg_1",
        "usage": {
            "input_tokens": 25,
            "cache_creation_input_tokens": 5,
            "cache_read_input_tokens": 100,
            "output_tokens": 1,
        },
    },
)


def end(reason: str, **usage: int) -> tuple[dict[str, Any], dict[str, Any]]:
    stop = {"stop_reason": reason, "stop_sequence": None}
    return event("message_delta", delta=stop, usage=usage), event("message_stop")


COUNTED = Usage(input_tokens=25, cache_write_tokens=5, cache_read_tokens=100, output_tokens=15)

TRANSCRIPTS: dict[str, tuple[bytes, list[Chunk]]] = {
    "text": (
        data(
            BEGIN,
            start(0, type="text", text=""),
            event("ping"),
            delta(0, type="text_delta", text="Hé"),
            delta(0, type="text_delta", text="llo"),
            event("content_block_stop", index=0),
            *end("end_turn", output_tokens=15),
        ),
        [Delta(text="Hé"), Delta(text="llo"), Finish("stop"), COUNTED],
    ),
    "thinking": (
        data(
            BEGIN,
            start(0, type="thinking", thinking="", signature=""),
            delta(0, type="thinking_delta", thinking="hm"),
            delta(0, type="signature_delta", signature="s1"),
            event("content_block_stop", index=0),
            start(1, type="redacted_thinking", data="x"),
            start(2, type="text", text=""),
            delta(2, type="text_delta", text="so"),
            *end("max_tokens", output_tokens=15),
        ),
        [Reasoning(text="hm"), Reasoning(text="", signature="s1"), Delta(text="so"), Finish("length"), COUNTED],
    ),
    "tool calls": (
        data(
            BEGIN,
            start(0, type="text", text="let me"),
            start(1, type="tool_use", id="t1", name="f", input={}),
            delta(1, type="input_json_delta", partial_json=""),
            delta(1, type="input_json_delta", partial_json='{"a"'),
            delta(1, type="input_json_delta", partial_json=": 1}"),
            start(2, type="tool_use", id="t2", name="g", input={}),
            delta(2, type="input_json_delta", partial_json="{}"),
            *end("tool_use", output_tokens=15),
        ),
        [
            Delta(text="let me"),
            ToolCallDelta(index=0, id="t1", name="f"),
            ToolCallDelta(index=0, arguments='{"a"'),
            ToolCallDelta(index=0, arguments=": 1}"),
            ToolCallDelta(index=1, id="t2", name="g"),
            ToolCallDelta(index=1, arguments="{}"),
            Finish("tool_calls"),
            COUNTED,
        ],
    ),
    "what is not known is passed over": (
        data(
            BEGIN,
            start(0, type="server_tool_use", id="s", name="web_search"),
            delta(0, type="input_json_delta", partial_json="{}"),
            delta(0, type="citations_delta", citation={}),
            event("brand_new", index=3),
            start(1, type="text", text=""),
            delta(1, type="text_delta", text="a"),
            *end("stop_sequence", output_tokens=15),
        ),
        [Delta(text="a"), Finish("stop"), COUNTED],
    ),
    "refusal": (data(BEGIN, *end("refusal", output_tokens=15)), [Finish("content_filter"), COUNTED]),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_transcript_becomes_chunks(http: VendorHTTP, stage: Stage, name: str, size: int) -> None:
    stream, expected = TRANSCRIPTS[name]
    assert await read(Anthropic(http), await stage(*cut_up(stream, size), kind="anthropic")) == expected


@pytest.mark.parametrize(
    ("stream", "class_"),
    [
        (data(BEGIN), "upstream_cut"),
        (data(BEGIN, start(0, type="text", text="a"), event("message_stop")), "upstream_cut"),
        (data(BEGIN, b"{"), "upstream_error"),
        (data(BEGIN, event("error", error={"type": "overloaded_error", "message": "busy"})), "overloaded"),
        (data(BEGIN, event("error", error={"type": "api_error", "message": "boom"})), "upstream_error"),
    ],
    ids=["cut", "stop without a reason", "half JSON", "overloaded", "error"],
)
async def test_an_answer_without_an_end_is_a_failure(
    http: VendorHTTP, stage: Stage, stream: bytes, class_: str
) -> None:
    with pytest.raises(Failure) as failed:
        await read(Anthropic(http), await stage(stream, kind="anthropic"))
    assert (failed.value.class_, failed.value.phase, failed.value.vendor) == (class_, "first_packet", "acme")


async def test_a_refusal_keeps_its_words(http: VendorHTTP, stage: Stage) -> None:
    body = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
    with pytest.raises(Failure, match="slow down") as failed:
        await read(Anthropic(http), await stage(body, kind="anthropic", content_type="application/json", status=429))
    assert failed.value.class_ == "rate_limited"


async def test_the_key_and_the_version_are_sent(http: VendorHTTP, stage: Stage) -> None:
    stream, _ = TRANSCRIPTS["text"]
    await read(Anthropic(http), await stage(stream, kind="anthropic"))
    assert stage.last.paths == ["/v1/messages"]
    headers = stage.last.headers[0]
    assert (headers["x-api-key"], headers["anthropic-version"]) == ("sk-key", "2023-06-01")
