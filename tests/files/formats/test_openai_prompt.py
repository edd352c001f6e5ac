"""OpenAI's prompt objects, in the shapes they are found in."""

import json
from typing import Any

import pytest

from promptwire.files.fault import FileError
from promptwire.files.formats.openai_prompt import read
from promptwire.files.plain import plain

OBJECT: dict[str, Any] = {
    "id": "pmpt_123",
    "object": "prompt",
    "version": "3",
    "name": "Weather",
    "model": "gpt-4.1",
    "instructions": "You know the weather.",
    "input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "In {{city}}?"}]},
        {"type": "reasoning", "summary": []},
    ],
    "variables": {"city": "Rome", "photo": {"type": "input_image", "image_url": "https://example.com/a.png"}},
    "tools": [
        {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True},
        {"type": "web_search"},
    ],
    "text": {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}, "verbosity": "low"},
    "temperature": 1,
    "max_output_tokens": 500,
    "reasoning": {"effort": "low", "summary": "auto"},
    "store": True,
}


def test_an_object_as_the_dashboard_gives_it() -> None:
    (found,) = read(json.dumps(OBJECT), "pasted.json")
    assert (found.key, found.name) == ("Weather", "")
    assert plain(found.content) == {
        "messages": [
            {"role": "system", "content": "You know the weather."},
            {"role": "user", "content": "In {{city}}?"},
        ],
        "model": "gpt-4.1",
        "parameters": {"temperature": 1.0, "max_tokens": 500, "reasoning_effort": "low"},
        "tools": [{"name": "look", "parameters": {"type": "object"}, "strict": True}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        "variables": [
            {"name": "city", "example": "Rome"},
            {"name": "photo", "type": "parts", "example": [{"image_url": "https://example.com/a.png"}]},
        ],
    }
    assert {loss.path for loss in found.losses} == {
        "input[1]",
        "tools[1]",
        "text.verbosity",
        "reasoning.summary",
        "store",
    }


def test_a_mere_reference_holds_nothing_to_import() -> None:
    with pytest.raises(FileError, match="copy its messages from the dashboard"):
        read('{"id": "pmpt_123", "version": "2", "variables": {"city": "Rome"}}', "pasted.json")


def test_several_may_come_in_a_list() -> None:
    found = read(json.dumps({"data": [{"instructions": "a"}, {"id": "pmpt_9", "messages": "b"}]}), "all.json")
    assert [each.key for each in found] == ["all-1", "pmpt_9"]
