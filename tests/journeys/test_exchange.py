"""Prompts leave as files of every format and come back, over HTTP; what is lost is said by both."""

from __future__ import annotations

from typing import Any, get_args
from urllib.parse import urlencode

import pytest

from journeys.native import ask, post
from journeys.served import Served
from promptwire.api.files import FileFormat

RICH: dict[str, Any] = {
    "model": "simulated/echo",
    "engine": "jinja2",
    "messages": [
        {"role": "system", "content": "Be {{ mood }}.\n"},
        {"role": "placeholder", "content": "history"},
        {"role": "user", "content": "{{ question }}"},
    ],
    "parameters": {"temperature": 0.5},
    "tools": [{"name": "look", "parameters": {"type": "object"}}],
    "variables": [{"name": "mood", "default": "calm", "choices": ["calm", "gay"]}],
}

LOST: dict[str, list[str]] = {
    "promptwire": [],
    "prompty": ["folder", "messages", "variables[mood].choices"],
    "dotprompt": ["folder", "tools", "engine", "messages[0].content", "tags"],
    "langfuse": ["name", "description", "variables", "engine"],
    "promptfoo": ["folder", "messages", "tags", "variables[mood].choices"],
    "openai": ["name", "folder", "tags", "engine", "messages", "variables[mood].default", "variables[mood].choices"],
}


@pytest.mark.parametrize("format_", get_args(FileFormat))
def test_a_prompt_goes_out_and_comes_back(served: Served, format_: str) -> None:
    key = f"out-{format_}"
    about = {"name": "Out", "description": "Goes out", "tags": ["t"], "folder": "trips"}
    made = post(served, "/api/prompts", {"key": key, **about, "draft": RICH})
    assert made[0] in (200, 409)  # another topology shares nothing, a repeated run may
    status, exported = ask(served, "GET", f"/api/prompts/{key}/export?{urlencode({'format': format_})}")
    assert status == 200
    lost = {loss["path"] for loss in exported["losses"]}
    assert all(loss["reason"] for loss in exported["losses"])
    file = {"name": exported["file"], "text": exported["text"]}
    status, told = post(served, "/api/import", {"files": [file], "keep": False})
    assert (status, told["refused"], len(told["prompts"])) == (200, [], 1)
    assert told["prompts"][0] | {"outcome": "skipped", "format": format_, "key": key} == told["prompts"][0]
    content = told["prompts"][0]["content"]
    assert content["model"] == "simulated/echo"
    assert sorted(lost) == sorted(LOST[format_])
