"""Every word of OpenAI's request is understood, left alone, or refused by its name."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from promptwire.api.llm import ChatRequest, Fault, Parameters, Simulate, Timeouts
from promptwire.api.message import File, Message, Part, Tool, ToolCall
from promptwire.api.prompt import RunRequest
from promptwire.errors import Failure
from promptwire.gateway.openai_request import Completion, chat_request, read, refuse_impossible, run_request

USER: list[Any] = [{"role": "user", "content": "hi"}]


def asked(**fields: Any) -> Completion:
    body = {"model": "m", "messages": USER} | fields
    completion = read(json.dumps(body).encode())
    assert isinstance(completion, Completion)
    refuse_impossible(completion)
    return completion


def request(**fields: Any) -> ChatRequest:
    return chat_request(asked(**fields))


def refusal(**fields: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        request(**fields)
    assert caught.value.class_ == "invalid_request"
    return caught.value


@pytest.mark.parametrize(
    ("field", "value", "parameter", "becomes"),
    [
        ("temperature", 0.5, "temperature", 0.5),
        ("top_p", 0, "top_p", 0.0),
        ("max_tokens", 7, "max_tokens", 7),
        ("max_completion_tokens", 8, "max_tokens", 8),
        ("stop", "x", "stop", ["x"]),
        ("stop", ["x", "y"], "stop", ["x", "y"]),
        ("seed", 2**40, "seed", 2**40),
        ("presence_penalty", -1.5, "presence_penalty", -1.5),
        ("frequency_penalty", 1, "frequency_penalty", 1.0),
        ("reasoning_effort", "high", "reasoning_effort", "high"),
    ],
)
def test_every_parameter_arrives(field: str, value: Any, parameter: str, becomes: Any) -> None:
    assert request(**{field: value}).parameters == Parameters(**{parameter: becomes})


def test_what_is_null_or_empty_is_not_set() -> None:
    names = [
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
        "seed",
        "tools",
        "tool_choice",
        "response_format",
        "stream",
        "n",
        "user",
        "logprobs",
    ]
    fields: dict[str, Any] = dict.fromkeys(names) | {"stop": []}
    assert request(**fields) == ChatRequest(model="m", messages=[Message(role="user", content="hi")])


def test_messages_of_every_role() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    given = [
        {"role": "system", "content": "be"},
        {"role": "developer", "content": "brief"},
        {"role": "user", "content": "hi", "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": "hm"},
        {"role": "tool", "content": "3", "tool_call_id": "c"},
    ]
    assert request(messages=given).messages == [
        Message(role="system", content="be"),
        Message(role="system", content="brief"),
        Message(role="user", content="hi", name="ann"),
        Message(role="assistant", tool_calls=[ToolCall(id="c", name="f", arguments="{}")], reasoning="hm"),
        Message(role="tool", content="3", tool_call_id="c"),
    ]


def test_an_answer_may_be_sent_back_as_it_came() -> None:
    given: dict[str, Any] = {
        "role": "assistant",
        "content": "yes",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "tool_calls": None,
    }
    assert request(messages=[given]).messages == [Message(role="assistant", content="yes")]


def test_content_in_parts() -> None:
    parts = [
        {"type": "text", "text": "what is"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "high"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a.pdf"}},
    ]
    [message] = request(messages=[{"role": "user", "content": parts}]).messages
    assert message.parts == [
        Part(text="what is"),
        Part(image_url="data:image/png;base64,AA=="),
        Part(file=File(url="data:application/pdf;base64,AA==", name="a.pdf")),
    ]
    assert message.content == ""


def test_tools_and_formats_go_through_as_they_are() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "number"}}}
    function = {"name": "f", "description": "d", "parameters": schema, "strict": True}
    choice = {"type": "function", "function": {"name": "f"}}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    made = request(
        tools=[{"type": "function", "function": function}, {"type": "function", "function": {"name": "g"}}],
        tool_choice=choice,
        response_format=form,
    )
    assert made.tools is not None
    first, second = made.tools
    assert (first.name, first.description, first.strict) == ("f", "d", True)
    assert first.parameters is not None
    assert msgspec.json.decode(first.parameters) == schema
    assert second == Tool(name="g")
    assert made.tool_choice is not None
    assert msgspec.json.decode(made.tool_choice) == choice
    assert made.response_format is not None
    assert msgspec.json.decode(made.response_format) == form


def test_timeouts_of_one_request_go_through() -> None:
    assert request(timeouts={"idle_s": 3}).timeouts == Timeouts(idle_s=3)


def test_what_a_test_simulates_goes_through() -> None:
    made = request(simulate={"tokens": 3, "fault": {"kind": "cut", "at": 2}})
    assert made.simulate == Simulate(tokens=3, fault=Fault(kind="cut", at=2))


@pytest.mark.parametrize(
    "fields",
    [
        {"user": "ann"},
        {"metadata": {"a": "b"}},
        {"store": True},
        {"service_tier": "auto"},
        {"prompt_cache_key": "k"},
        {"safety_identifier": "s"},
        {"n": 1},
        {"logprobs": False},
        {"parallel_tool_calls": True},
        {"modalities": ["text"]},
        {"logit_bias": {}},
        {"stream_options": {"include_usage": True, "include_obfuscation": False}},
        {"max_tokens": 5, "max_completion_tokens": 5},
    ],
)
def test_what_changes_nothing_is_left_alone(fields: dict[str, Any]) -> None:
    assert request(**fields).messages == [Message(role="user", content="hi")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n": 2}, "n: 2 answers to one request are not supported; ask 2 times"),
        ({"logprobs": True}, "logprobs: "),
        ({"top_logprobs": 2}, "top_logprobs: "),
        ({"logit_bias": {"50256": -100}}, "logit_bias: "),
        ({"parallel_tool_calls": False}, "parallel_tool_calls: "),
        ({"modalities": ["text", "audio"]}, "modalities: "),
        ({"audio": {"voice": "x"}}, "audio: "),
        ({"prediction": {}}, "prediction: "),
        ({"web_search_options": {}}, "web_search_options: "),
        ({"functions": []}, "functions: use tools"),
        ({"function_call": "auto"}, "function_call: use tool_choice"),
        ({"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens: it differs"),
        ({"prompt_variables": {"a": 1}}, "prompt_variables: they need a model that is a prompt"),
        ({"temprature": 1}, "$.temprature: there is no such field"),
        ({"temperature": "hot"}, "$.temperature: expected `float | null`, got `str`"),
        ({"messages": [{"role": "function", "content": "x"}]}, "$.messages[0].role: "),
        ({"messages": [{"role": "user"}]}, "$.messages[0].content: it is missing"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "$.messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]}, "file_id: files"),
        ({"messages": [{"role": "assistant", "function_call": {"name": "f"}}]}, "function_call: use tool_calls"),
        ({"tools": [{"type": "web_search"}]}, "$.tools[0].type"),
        ({"simulate": {"token": 3}}, "$.simulate.token: there is no such field"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(fields: dict[str, Any], said: str) -> None:
    assert said in refusal(**fields).message


def test_a_prompt_is_run_with_its_variables() -> None:
    made = run_request(asked(model="prompt/demo", prompt_variables={"a": [1, "x"], "b": None}, messages=[]))
    assert isinstance(made, RunRequest)
    assert (made.key, made.messages) == ("demo", None)
    assert {name: msgspec.json.decode(value) for name, value in made.variables.items()} == {"a": [1, "x"], "b": None}


def test_messages_are_added_to_a_prompts_own() -> None:
    made = run_request(asked(model="prompt/a.b", simulate={"tokens": 1}))
    assert made.messages == [Message(role="user", content="hi")]
    assert (made.variables, made.simulate) == ({}, Simulate(tokens=1))


@pytest.mark.parametrize(
    ("model", "key", "version", "label"),
    [
        ("prompt/a.b-c", "a.b-c", None, None),
        ("prompt/a@1.2.0", "a", "1.2.0", None),
        ("prompt/a@draft", "a", "draft", None),
        ("prompt/a:production", "a", None, "production"),
    ],
)
def test_a_prompt_is_asked_for_by_version_or_label(
    model: str, key: str, version: str | None, label: str | None
) -> None:
    made = run_request(asked(model=model))
    assert (made.key, made.version, made.label) == (key, version, label)


@pytest.mark.parametrize("model", ["prompt/", "prompt/a@", "prompt/a:", "prompt/@1"])
def test_a_prompt_that_is_not_named_whole_is_refused(model: str) -> None:
    with pytest.raises(Failure, match="KEY@VERSION"):
        run_request(asked(model=model))


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 1},
        {"max_completion_tokens": 5},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"tool_choice": "none"},
        {"response_format": {"type": "text"}},
    ],
)
def test_a_prompts_own_settings_are_not_overruled_in_passing(fields: dict[str, Any]) -> None:
    with pytest.raises(Failure, match=f"{next(iter(fields))}: a prompt brings its own"):
        run_request(asked(model="prompt/demo", **fields))


def test_how_long_to_wait_may_be_said_of_a_prompt_too() -> None:
    assert run_request(asked(model="prompt/demo", timeouts={"idle_s": 1})).timeouts == Timeouts(idle_s=1)
