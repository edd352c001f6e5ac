"""What a request asks in OpenAI's JSON is understood, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from promptwire.api.llm import ChatRequest
from promptwire.api.message import File, Part, ToolCall
from promptwire.errors import Failure
from promptwire.llm.asked import (
    Inside,
    JSONObject,
    JSONSchema,
    ToolNamed,
    arguments,
    document,
    image,
    response_format,
    text_of,
    tool_choice,
)


def ask(**fields: Any) -> ChatRequest:
    encoded: dict[str, Any] = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()}
    return ChatRequest(model="m", messages=[], **encoded)


def call(text: str) -> ToolCall:
    return ToolCall(id="c1", name="f", arguments=text)


@pytest.mark.parametrize("word", ["auto", "none", "required"])
def test_a_choice_by_word(word: str) -> None:
    assert tool_choice(ask(tool_choice=word)) == word


def test_a_choice_by_name_and_no_choice() -> None:
    assert tool_choice(ask(tool_choice={"type": "function", "function": {"name": "f"}})) == ToolNamed("f")
    assert tool_choice(ask()) is None


def test_the_shape_of_an_answer() -> None:
    assert response_format(ask()) is None
    assert response_format(ask(response_format={"type": "text"})) is None
    assert response_format(ask(response_format={"type": "json_object"})) == JSONObject()
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
    assert response_format(ask(response_format=schema)) == JSONSchema({"type": "object"})


def test_arguments_are_an_object() -> None:
    assert arguments(call('{"a": [1]}')) == {"a": [1]}
    assert arguments(call("")) == {}


def test_a_file_inside_its_url_and_its_text() -> None:
    assert document(File(url="data:text/plain;base64,aGk=")) == Inside("text/plain", "aGk=")
    assert text_of(Inside("text/plain", "aGk=")) == "hi"
    assert document(File(url="https://x/a.pdf")) is None
    with pytest.raises(Failure, match="not UTF-8"):
        text_of(Inside("text/plain", "/w=="))


def test_an_image_inside_its_url() -> None:
    assert image(Part(image_url="data:image/png;base64,aGk=")) == Inside("image/png", "aGk=")
    assert image(Part(image_url="data:image/svg+xml;charset=utf-8;base64,aGk=")) == Inside("image/svg+xml", "aGk=")
    assert image(Part(image_url="https://x/y.png")) is None


@pytest.mark.parametrize(
    "bad",
    [
        lambda: tool_choice(ask(tool_choice="maybe")),
        lambda: tool_choice(ask(tool_choice={"name": "f"})),
        lambda: response_format(ask(response_format={"type": "xml"})),
        lambda: response_format(ask(response_format={"type": "json_schema"})),
        lambda: arguments(call("{")),
        lambda: arguments(call("[1]")),
        lambda: image(Part(image_url="data:image/png,raw")),
        lambda: image(Part(image_url="data:image/png;base64,***")),
    ],
)
def test_what_is_not_understood_is_the_callers_mistake(bad: Callable[[], object]) -> None:
    with pytest.raises(Failure) as failed:
        bad()
    assert failed.value.class_ == "invalid_request"
