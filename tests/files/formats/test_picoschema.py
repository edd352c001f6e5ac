"""Picoschema, and JSON Schema in its place."""

from typing import Any

import pytest

from promptwire.api.files import Loss
from promptwire.files.formats.picoschema import read, write
from promptwire.files.found import Members


@pytest.mark.parametrize(
    "variable",
    [
        {"name": "a", "type": "integer", "description": "how many, at most", "needed": True},
        {"name": "a", "type": "strings", "description": "", "needed": False},
        {"name": "a", "choices": ["x", "y"], "description": "which", "needed": True},
    ],
)
def test_a_variable_comes_back(variable: dict[str, Any]) -> None:
    assert read(Members(write([variable]), "", [])) == [variable]


def test_json_schema_is_read_too() -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"type": "array", "items": {"type": "integer"}}},
    }
    losses: list[Loss] = []
    assert read(Members(schema, "", losses)) == [
        {"name": "a", "type": "string", "description": "", "needed": True, "choices": ["x"]},
        {"name": "b", "type": "integers", "description": "", "needed": False},
    ]
    assert losses == []


def test_what_it_has_no_words_for_is_left_out_or_lost() -> None:
    losses: list[Loss] = []
    assert write([{"name": "m", "type": "messages"}]) == {}
    assert read(Members({"a(object)": {"b": "string"}, "c": "Widget", "(": 1}, "s", losses)) == []
    assert [loss.path for loss in losses] == ["s.a(object)", "s.c", "s.("]
