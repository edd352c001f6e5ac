"""Google's generateContent: each setting reaches the wire or is refused, each stream becomes our chunks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm.providers.vendors import USER, Stage, cut_up, data, read
from promptwire.api.llm import Capabilities, ChatRequest, Parameters
from promptwire.api.message import Delta, File, Message, Part, Reasoning, Tool, ToolCall, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target
from promptwire.llm.providers.gemini import Gemini, payload
from promptwire.llm.vendor_http import VendorHTTP

ENDPOINT = Endpoint(name="acme", kind="gemini")
OLD = Target(id="acme/old", model="gemini-2.5-flash", endpoint=ENDPOINT)
NEW = Target(id="acme/new", model="gemini-3-pro", endpoint=ENDPOINT)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def sent(target: Target = NEW, **fields: Any) -> dict[str, Any]:
    """The body of a request with these fields, as the vendor reads it."""
    given: dict[str, Any] = {"model": "acme/m", "messages": [USER]} | fields
    return msgspec.json.decode(msgspec.json.encode(payload(target, ChatRequest(**given))))


def parts(*messages: Message) -> list[dict[str, Any]]:
    """The parts of the last message."""
    return sent(messages=list(messages))["contents"][-1]["parts"]


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def test_what_is_not_set_is_not_sent() -> None:
    assert sent() == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


PARAMETERS: list[tuple[str, Any, Target, dict[str, Any]]] = [
    ("temperature", 0.0, NEW, {"temperature": 0.0}),
    ("top_p", 0.5, NEW, {"topP": 0.5}),
    ("max_tokens", 7, NEW, {"maxOutputTokens": 7}),
    ("stop", ["a"], NEW, {"stopSequences": ["a"]}),
    ("seed", 0, NEW, {"seed": 0}),
    ("presence_penalty", 0.5, NEW, {"presencePenalty": 0.5}),
    ("frequency_penalty", -0.5, NEW, {"frequencyPenalty": -0.5}),
    ("reasoning_effort", "medium", NEW, {"thinkingConfig": {"thinkingLevel": "medium", "includeThoughts": True}}),
    ("reasoning_effort", "high", OLD, {"thinkingConfig": {"thinkingBudget": 24576, "includeThoughts": True}}),
    ("reasoning_budget", 2048, OLD, {"thinkingConfig": {"thinkingBudget": 2048, "includeThoughts": True}}),
]


@pytest.mark.parametrize(("name", "value", "target", "wire"), PARAMETERS)
def test_a_parameter_reaches_the_wire(name: str, value: Any, target: Target, wire: dict[str, Any]) -> None:
    given: dict[str, Any] = {name: value}
    assert sent(target, parameters=Parameters(**given))["generationConfig"] == wire


def test_a_model_that_thinks_by_a_word_refuses_a_budget() -> None:
    with pytest.raises(Failure, match="by a word"):
        sent(NEW, parameters=Parameters(reasoning_budget=2048))


def test_every_parameter_a_person_can_set_is_tested() -> None:
    assert {name for name, *_ in PARAMETERS} == set(Parameters.__struct_fields__)


def test_a_row_may_say_better_than_a_name_how_to_think() -> None:
    target = Target(id="m", model="own", endpoint=ENDPOINT, capabilities=Capabilities(reasoning="budget"))
    config = sent(target, parameters=Parameters(reasoning_effort="low"))["generationConfig"]
    assert config["thinkingConfig"]["thinkingBudget"] == 1024


CALL = Message(role="assistant", tool_calls=[ToolCall(id="c1", name="f", arguments='{"a":1}', signature="s1")])


@pytest.mark.parametrize(
    ("messages", "wire"),
    [
        (
            [Message(role="user", content="see", parts=[Part(text="this"), Part(image_url="https://x/y.png?z")])],
            [
                {"text": "see"},
                {"text": "this"},
                {"fileData": {"mimeType": "image/png", "fileUri": "https://x/y.png?z"}},
            ],
        ),
        (
            [Message(role="user", parts=[Part(image_url="data:image/webp;base64,aGk=")])],
            [{"inlineData": {"mimeType": "image/webp", "data": "aGk="}}],
        ),
        (
            [
                Message(
                    role="user",
                    parts=[
                        Part(file=File(url="data:text/csv;base64,aGk=")),
                        Part(file=File(url="https://x/a.txt")),
                        Part(file=File(url="https://x/a")),
                    ],
                )
            ],
            [
                {"inlineData": {"mimeType": "text/csv", "data": "aGk="}},
                {"fileData": {"mimeType": "text/plain", "fileUri": "https://x/a.txt"}},
                {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x/a"}},
            ],
        ),
        ([CALL], [{"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "s1"}]),
        (
            [CALL, Message(role="tool", content='{"t": 20}', tool_call_id="c1")],
            [{"functionResponse": {"name": "f", "response": {"t": 20}}}],
        ),
        (
            [CALL, Message(role="tool", content="warm", tool_call_id="c1")],
            [{"functionResponse": {"name": "f", "response": {"result": "warm"}}}],
        ),
        (
            [Message(role="tool", content="[1]", tool_call_id="c9", name="g")],
            [{"functionResponse": {"name": "g", "response": {"result": [1]}}}],
        ),
    ],
    ids=[
        "image by URL",
        "image inside",
        "files",
        "tool call",
        "object result",
        "text result",
        "result of an unknown call",
    ],
)
def test_a_message_reaches_the_wire(messages: list[Message], wire: list[dict[str, Any]]) -> None:
    assert parts(*messages) == wire


def test_neighbours_of_one_role_are_one_content_and_system_stands_apart() -> None:
    body = sent(
        messages=[
            Message(role="system", content="be brief"),
            USER,
            CALL,
            Message(role="tool", content="1", tool_call_id="c1"),
            Message(role="tool", content="2", tool_call_id="c1"),
            USER,
        ]
    )
    assert body["systemInstruction"] == {"parts": [{"text": "be brief"}]}
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]
    assert len(body["contents"][2]["parts"]) == 3


def test_tools_reach_the_wire() -> None:
    tools = [Tool(name="f", description="d", parameters=raw(SCHEMA)), Tool(name="g")]
    assert sent(tools=tools)["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "d", "parametersJsonSchema": SCHEMA},
                {"name": "g", "description": ""},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        ({"type": "function", "function": {"name": "f"}}, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_the_choice_of_tool_reaches_the_wire(choice: Any, wire: dict[str, Any]) -> None:
    assert sent(tool_choice=raw(choice))["toolConfig"] == {"functionCallingConfig": wire}


@pytest.mark.parametrize(
    ("wanted", "wire"),
    [
        ({"type": "json_object"}, {"responseMimeType": "application/json"}),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
            {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA},
        ),
    ],
)
def test_the_shape_of_the_answer_reaches_the_wire(wanted: dict[str, Any], wire: dict[str, Any]) -> None:
    assert sent(response_format=raw(wanted))["generationConfig"] == wire


def chunk(*parts: dict[str, Any], finish: str | None = None, **fields: Any) -> dict[str, Any]:
    candidate = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})], **fields}


COUNTS = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 40,
    "toolUsePromptTokenCount": 3,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 11,
    "totalTokenCount": 121,
}
COUNTED = Usage(input_tokens=63, cache_read_tokens=40, output_tokens=7, reasoning_tokens=11)

TRANSCRIPTS: dict[str, tuple[bytes, list[Chunk]]] = {
    "text": (
        data(
            chunk({"text": "Hé"}, usageMetadata={"promptTokenCount": 100}),
            chunk({"text": "llo"}, finish="STOP", usageMetadata=COUNTS, modelVersion="gemini-3-pro"),
        ),
        [Delta(text="Hé"), Delta(text="llo"), Finish("stop"), COUNTED],
    ),
    "thoughts": (
        data(
            chunk({"text": "hm", "thought": True}),
            chunk({"text": "so", "thoughtSignature": "s0"}),
            chunk({"text": ""}, finish="MAX_TOKENS"),
        ),
        [Reasoning(text="hm"), Delta(text="so"), Finish("length"), Usage()],
    ),
    "tool calls": (
        data(
            chunk({"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "s1"}),
            chunk({"functionCall": {"id": "x", "name": "g"}}, finish="STOP", usageMetadata=COUNTS),
        ),
        [
            ToolCallDelta(index=0, id="call_0", name="f", arguments='{"a":1}', signature="s1"),
            ToolCallDelta(index=1, id="x", name="g", arguments="{}"),
            Finish("tool_calls"),
            COUNTED,
        ],
    ),
    "safety": (
        data(chunk({"text": "a"}), {"candidates": [{"finishReason": "SAFETY"}]}),
        [Delta(text="a"), Finish("content_filter"), Usage()],
    ),
    "a reason of its own": (
        data({"usageMetadata": {}}, chunk({"text": "a"}, finish="OTHER")),
        [Delta(text="a"), Finish("stop"), Usage()],
    ),
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_transcript_becomes_chunks(http: VendorHTTP, stage: Stage, name: str, size: int) -> None:
    stream, expected = TRANSCRIPTS[name]
    assert await read(Gemini(http), await stage(*cut_up(stream, size), kind="gemini")) == expected


@pytest.mark.parametrize(
    ("stream", "class_"),
    [
        (data(chunk({"text": "a"})), "upstream_cut"),
        (data(b"{"), "upstream_error"),
        (data(chunk(finish="MALFORMED_FUNCTION_CALL")), "upstream_error"),
        (data({"promptFeedback": {"blockReason": "SAFETY"}}), "moderation_input"),
        (data({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}), "overloaded"),
    ],
    ids=["cut", "half JSON", "malformed call", "blocked", "error"],
)
async def test_an_answer_without_an_end_is_a_failure(
    http: VendorHTTP, stage: Stage, stream: bytes, class_: str
) -> None:
    with pytest.raises(Failure) as failed:
        await read(Gemini(http), await stage(stream, kind="gemini"))
    assert (failed.value.class_, failed.value.phase, failed.value.vendor) == (class_, "first_packet", "acme")


async def test_the_model_is_in_the_path_and_the_key_in_its_header(http: VendorHTTP, stage: Stage) -> None:
    stream, _ = TRANSCRIPTS["text"]
    await read(Gemini(http), await stage(stream, kind="gemini"))
    assert stage.last.paths == ["/v1/models/m1:streamGenerateContent?alt=sse"]
    assert stage.last.headers[0]["x-goog-api-key"] == "sk-key"
