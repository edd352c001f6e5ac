"""Exports of Langfuse: versions in order, labels, folders in names, and what config holds."""

import json
from typing import Any

import pytest

from promptwire.files.fault import FileError
from promptwire.files.formats.langfuse import read
from promptwire.files.plain import plain

EXPORT: list[dict[str, Any]] = [
    {
        "id": "x",
        "name": "support/refund",
        "version": 2,
        "type": "chat",
        "prompt": [
            {"role": "system", "content": "Be {{mood}}."},
            {"type": "placeholder", "name": "history"},
            {"role": "developer", "content": "Short."},
        ],
        "config": {"model": "gpt-4o", "temperature": 0.5, "team": "b"},
        "labels": ["production", "latest"],
        "tags": ["a"],
        "commitMessage": "warmer",
        "createdBy": "someone",
    },
    {"name": "support/refund", "version": 1, "type": "text", "prompt": "Hi {{who}}", "config": {}, "labels": []},
    {"name": "other one", "version": 1, "type": "text", "prompt": "x", "config": {}, "labels": [], "tags": []},
]


def test_an_export_has_every_version_in_order() -> None:
    refund, other = read(json.dumps({"data": EXPORT}), "prompts.json")
    assert (refund.key, refund.name, refund.folder, refund.tags) == ("refund", "", "support", ["a"])
    assert (other.key, other.name) == ("other-one", "other one")
    first, second = refund.versions
    assert plain(first.content) == {"messages": [{"role": "user", "content": "Hi {{who}}"}]}
    assert (second.version, second.message, second.labels) == ("2", "warmer", ["production"])
    assert plain(second.content) == {
        "messages": [
            {"role": "system", "content": "Be {{mood}}."},
            {"role": "placeholder", "content": "history"},
            {"role": "system", "content": "Short."},
        ],
        "model": "gpt-4o",
        "parameters": {"temperature": 0.5},
    }
    assert [loss.path for loss in refund.losses] == ["[0].config.team", "[0].prompt[2].role", "[0].createdBy"]


@pytest.mark.parametrize("text", ['{"data": [{"name": "a", "versions": [1]}]}', "[1]", "{", '{"a": 1}'])
def test_what_holds_no_prompt_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        read(text, "prompts.json")
