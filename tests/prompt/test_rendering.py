"""A prompt's messages and a caller's values become the messages a model reads."""

import json
from typing import Any

import msgspec
import pytest

from promptwire.api.message import Message, Part, ToolCall
from promptwire.errors import Failure
from promptwire.prompt.rendering import render, variables


def raw(**values: Any) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in values.items()}


def test_variables_are_found_in_order_of_appearance_in_every_kind_of_content() -> None:
    messages = [
        Message(role="system", content="{{b}} {{a}}"),
        Message(role="placeholder", content="history"),
        Message(role="user", parts=[Part(text="{{c}}{{b}}"), Part(image_url="https://x/{{not}}.png")]),
    ]
    assert variables(messages) == ("b", "a", "history", "c")


def test_strings_go_in_as_they_are_and_other_values_as_json() -> None:
    values = raw(s='a "quoted"\nline', n=1.0, b=True, o={"k": [1, {}]}, l=[])
    [message] = render([Message(role="user", content="{{s}}|{{n}}|{{b}}|{{o}}|{{l}}")], values)
    assert message.content == 'a "quoted"\nline|1.0|true|{"k": [1, {}]}|[]'


def test_a_value_that_looks_like_a_variable_is_not_rendered() -> None:
    [message] = render([Message(role="user", content="{{a}}{{b}}")], raw(a="{{b}}", b="{{a}}"))
    assert message.content == "{{b}}{{a}}"


def test_a_placeholder_becomes_the_given_messages_unrendered() -> None:
    history = [
        {"role": "user", "content": "{{x}}"},
        {"role": "assistant", "tool_calls": [{"id": "1", "name": "f", "arguments": "{"}]},
    ]
    messages = [Message(role="system", content="s"), Message(role="placeholder", content="h"), Message(role="user")]
    assert render(messages, raw(h=history)) == [
        Message(role="system", content="s"),
        Message(role="user", content="{{x}}"),
        Message(role="assistant", tool_calls=[ToolCall(id="1", name="f", arguments="{")]),
        Message(role="user"),
    ]


def test_a_placeholder_may_be_empty() -> None:
    assert render([Message(role="placeholder", content="h")], raw(h=[])) == []


def test_parts_are_rendered_and_pictures_are_not() -> None:
    parts = [Part(text="<{{a}}>"), Part(image_url="https://x/{{a}}.png")]
    [message] = render([Message(role="user", parts=parts)], raw(a="1"))
    assert message.parts == [Part(text="<1>"), Part(image_url="https://x/{{a}}.png")]


def test_rendering_leaves_the_prompt_as_it_was() -> None:
    messages = [Message(role="user", content="{{a}}", parts=[Part(text="{{a}}")])]
    render(messages, raw(a="1"))
    assert messages == [Message(role="user", content="{{a}}", parts=[Part(text="{{a}}")])]


@pytest.mark.parametrize("values", [{}, {"a": None, "h": None}])
def test_everything_missing_is_named_at_once(values: dict[str, Any]) -> None:
    messages = [Message(role="user", content="{{a}}"), Message(role="placeholder", content="h")]
    with pytest.raises(Failure, match="missing variables: a, h") as caught:
        render(messages, raw(**values))
    assert (caught.value.class_, caught.value.phase) == ("invalid_request", "connect")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"{", "'a' is not JSON"),
        (b"", "'a' is not JSON"),
        (b"[" * 100_000, "'a' is not JSON"),
        (b'"\xff"', "'a' is not JSON"),
    ],
)
def test_a_value_that_is_not_json_is_refused_by_name(value: bytes, said: str) -> None:
    with pytest.raises(Failure, match=said):
        render([Message(role="user", content="{{a}}")], {"a": msgspec.Raw(value)})


@pytest.mark.parametrize("value", ["text", [1], [{"role": "wizard"}], [{"role": "placeholder", "content": "h"}]])
def test_a_placeholder_takes_only_messages(value: Any) -> None:
    with pytest.raises(Failure, match="'h'"):
        render([Message(role="placeholder", content="h")], raw(h=value))
