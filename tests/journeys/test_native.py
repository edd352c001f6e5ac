"""The native API end to end: prompts kept and run, events in order, errors with their status."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from journeys.native import ask, post, put, stream
from journeys.served import Served

KEYS = itertools.count()


@pytest.fixture
def key(served: Served) -> str:
    """A fresh prompt that echoes ``{{text}}``."""
    key = f"native-{next(KEYS)}"
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "{{text}}"}]}
    status, prompt = post(served, "/api/prompts", {"key": key, "name": "Native", "draft": draft})
    assert (status, prompt["revision"], prompt["variables"]) == (200, 1, ["text"])
    return key


def data(event: Any) -> dict[str, Any]:
    return json.loads(event.data)


def test_a_run_begins_with_start_and_ends_with_done(served: Served, key: str) -> None:
    events = list(stream(served, f"/api/prompts/{key}/run", {"variables": {"text": "one two three"}}))
    assert events[0].name == "start"
    assert events[-1].name == "done"
    ids = [int(event.id) for event in events]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    start, done = data(events[0]), data(events[-1])
    assert (start["prompt"], start["version"], start["model"]) == (key, "draft", "simulated/echo")
    assert start["run_id"]
    assert start["trace_id"]
    text = "".join(data(event)["text"] for event in events if event.name == "delta")
    assert text == "one two three"
    assert done["finish_reason"] == "stop"
    assert done["usage"]["output_tokens"] > 0
    assert 0 <= done["ttft_ms"] <= done["duration_ms"]


def test_what_is_on_the_screen_runs_without_being_kept(served: Served, key: str) -> None:
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "unsaved"}]}
    events = list(stream(served, f"/api/prompts/{key}/run", {"draft": draft}))
    assert "".join(data(event)["text"] for event in events if event.name == "delta") == "unsaved"
    _, kept = ask(served, "GET", f"/api/prompts/{key}")
    assert kept["draft"]["messages"][0]["content"] == "{{text}}"


def test_two_edits_of_one_revision_are_a_conflict(served: Served, key: str) -> None:
    draft = {"messages": [{"role": "user", "content": "mine {{x}}"}]}
    status, prompt = put(served, f"/api/prompts/{key}/draft", {"draft": draft, "revision": 1})
    assert (status, prompt["revision"], prompt["variables"]) == (200, 2, ["x"])
    status, body = put(served, f"/api/prompts/{key}/draft", {"draft": {}, "revision": 1})
    assert status == 409
    assert (body["error"]["class"], body["error"]["code"]) == ("conflict", 40900)
    status, kept = ask(served, "GET", f"/api/prompts/{key}")
    assert kept["draft"]["messages"][0]["content"] == "mine {{x}}"


def test_the_last_edited_prompt_is_listed_first(served: Served, key: str) -> None:
    status, body = ask(served, "GET", "/api/prompts")
    assert (status, body["prompts"][0]["key"]) == (200, key)


def test_models_are_listed(served: Served) -> None:
    status, body = ask(served, "GET", "/api/models")
    assert status == 200
    assert "simulated/typewriter" in [model["id"] for model in body["models"]]


def test_a_model_is_asked_without_a_prompt(served: Served) -> None:
    body = {"model": "simulated/echo", "messages": [{"role": "user", "content": "direct"}]}
    events = list(stream(served, "/api/chat", body))
    assert "".join(data(event)["text"] for event in events if event.name == "delta") == "direct"
    assert "prompt" not in data(events[0])


@pytest.mark.parametrize(
    ("path", "body", "status", "class_", "said"),
    [
        ("/api/prompts/nobody/run", {}, 404, "not_found", "nobody"),
        ("/api/prompts/{key}/run", {}, 400, "invalid_request", "missing variables: text"),
        ("/api/prompts/{key}/run", {"variables": {"text": None}}, 400, "invalid_request", "text"),
        ("/api/prompts/{key}/run", {"draft": {"model": "no/model"}}, 400, "invalid_request", "no messages"),
        ("/api/chat", {"model": "no/model", "messages": [{"role": "user"}]}, 404, "not_found", "no/model"),
        ("/api/prompts", {"key": "demo"}, 409, "conflict", "demo"),
        ("/api/prompts", {"key": "a/b"}, 400, "invalid_request", "key"),
    ],
)
def test_an_error_before_the_first_byte_is_a_status(
    served: Served, key: str, path: str, body: Any, status: int, class_: str, said: str
) -> None:
    given, answer = post(served, path.format(key=key), body)
    assert (given, answer["error"]["class"], answer["error"]["phase"]) == (status, class_, "connect")
    assert said in answer["error"]["message"]


def test_a_fault_after_the_first_byte_is_an_event(served: Served, key: str) -> None:
    body = {"variables": {"text": "one two three four"}, "simulate": {"fault": {"kind": "cut", "at": 2}}}
    events = list(stream(served, f"/api/prompts/{key}/run", body))
    assert events[-1].name == "error"
    assert (data(events[-1])["class"], data(events[-1])["phase"]) == ("upstream_cut", "mid_stream")
    assert any(event.name == "delta" for event in events)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_says_that_it_is_well(served: Served, path: str) -> None:
    assert ask(served, "GET", path)[0] == 200


def test_the_contract_is_described(served: Served) -> None:
    status, document = ask(served, "GET", "/openapi.json")
    assert status == 200
    assert "post" in document["paths"]["/api/prompts/{key}/run"]
