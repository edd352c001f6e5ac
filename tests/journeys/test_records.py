"""Every run is kept however it ended, with its trace across processes, and can be run again, in every topology."""

from __future__ import annotations

import itertools
import json
import signal
from typing import Any
from urllib.parse import quote

import pytest

from journeys.native import ask, post, put, stream
from journeys.served import Served, eventually

KEYS = itertools.count()
SLOW = {"tokens": 100_000, "interval_ms": 20}
LEASE_S = 40.0  # a run is lost 15 s after the last sign of life; a busy machine may take longer to say so


@pytest.fixture
def key(served: Served) -> str:
    """A fresh prompt that types what it is asked."""
    key = f"runs-{next(KEYS)}"
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "say {{text}}"}]}
    assert post(served, "/api/prompts", {"key": key, "draft": draft})[0] == 200
    return key


def body(text: str, **more: Any) -> dict[str, Any]:
    return {"variables": {"text": text}, **more}


def ran(served: Served, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The data of a run's events."""
    return [json.loads(event.data) for event in stream(served, path, asked)]


def listed(served: Served, key: str, query: str = "") -> list[dict[str, Any]]:
    return ask(served, "GET", f"/api/prompts/{key}/runs{query}")[1]["runs"]


def kept(served: Served, run_id: str, status: str) -> dict[str, Any]:
    """The run, once it is kept with this status."""
    seen: dict[str, Any] = {}

    def there() -> bool:
        seen.clear()
        seen.update(ask(served, "GET", f"/api/runs/{run_id}")[1])
        return seen.get("status") == status

    eventually(there, f"{run_id} is {status}", LEASE_S)
    return seen


def spans_of(served: Served, trace_id: str, number: int) -> list[dict[str, Any]]:
    """The spans of a trace, once so many of them have come."""
    seen: list[dict[str, Any]] = []

    def there() -> bool:
        seen[:] = ask(served, "GET", f"/api/traces/{trace_id}")[1].get("spans", [])
        return len(seen) >= number

    eventually(there, f"{number} spans of {trace_id}")
    return seen


def begun(served: Served, path: str, asked: dict[str, Any]) -> Any:
    """A run whose first token is here: its start, and what closes it."""
    events = stream(served, path, asked)
    return json.loads(next(events).data), events


def test_a_run_that_ended_well_is_kept_whole(served: Served, key: str) -> None:
    events = ran(served, f"/api/prompts/{key}/run", body("one two"))
    start, done = events[0], events[-1]
    run = kept(served, start["run_id"], "done")
    assert (run["prompt"], run["version"], run["model"]) == (key, "draft", "simulated/echo")
    assert (run["usage"], run["ttft_ms"], run["finish_reason"]) == (done["usage"], done["ttft_ms"], "stop")
    assert run["trace_id"] == start["trace_id"]
    assert run["request"]["variables"] == {"text": "one two"}
    assert run["messages"] == [{"role": "user", "content": "say one two"}]
    assert run["answer"]["content"] == "say one two"
    (line,) = listed(served, key)
    assert (line["id"], line["excerpt"]) == (start["run_id"], "say one two")
    assert "answer" not in line


def test_its_trace_is_one_tree_across_processes(served: Served, key: str) -> None:
    start, *_ = ran(served, f"/api/prompts/{key}/run", body("tree"))
    spans = spans_of(served, start["trace_id"], 4)
    assert [(span["name"], span["depth"]) for span in spans] == [
        ("POST /api/prompts/{key}/run", 0),
        (f"run {key}", 1),
        ("chat simulated/echo", 2),
        ("attempt simulated/echo", 3),
    ]
    http, run, chat, _ = spans
    assert http["attributes"]["promptwire.run.id"] == start["run_id"]
    assert run["attributes"]["gen_ai.prompt.version"] == "draft"
    assert chat["attributes"]["gen_ai.operation.name"] == "chat"
    assert chat["attributes"]["gen_ai.usage.output_tokens"] > 0
    assert http["started_us"] <= run["started_us"] <= chat["started_us"]
    expected = 1 if len(served.workers()) == 1 else 3
    assert len({span["process"] for span in spans}) == expected


def test_runs_that_failed_are_kept_with_why(served: Served, key: str) -> None:
    cut = {"simulate": {"tokens": 9, "interval_ms": 0, "fault": {"kind": "cut", "at": 3}}}
    draft = {"model": "simulated/typewriter", "messages": [{"role": "user", "content": "{{text}}"}]}
    events = ran(served, f"/api/prompts/{key}/run", body("cut", draft=draft, **cut))
    run = kept(served, events[0]["run_id"], "failed")
    assert (run["error"]["class"], run["error"]["phase"]) == ("upstream_cut", "mid_stream")
    assert run["answer"]["content"] != ""
    status, _ = post(served, f"/api/prompts/{key}/run", {"variables": {}})
    assert status == 400
    eventually(lambda: len(listed(served, key, "?status=failed")) == 2, "the refused run is kept")
    refused = listed(served, key, "?status=failed")[0]
    assert (refused["error"]["class"], refused["error"]["phase"]) == ("invalid_request", "connect")
    spans = spans_of(served, refused["trace_id"], 2)
    assert [span["status"] for span in spans] == ["unset", "error"]


def test_runs_that_were_stopped_are_kept(served: Served, key: str) -> None:
    draft = {"model": "simulated/typewriter", "messages": [{"role": "user", "content": "{{text}}"}]}
    asked = body("left", draft=draft, simulate=SLOW)
    left, events = begun(served, f"/api/prompts/{key}/run", asked)
    events.close()
    run = kept(served, left["run_id"], "cancelled")
    assert run["error"]["class"] == "cancelled"
    for resumable in ({}, {"resumable_s": 30}):
        start, events = begun(served, f"/api/prompts/{key}/run", {**asked, **resumable})
        assert post(served, f"/api/runs/{start['run_id']}/cancel", {})[1] == {"cancelled": True}
        assert [event.name for event in events][-1] == "error"
        kept(served, start["run_id"], "cancelled")
    assert [line["status"] for line in listed(served, key)] == ["cancelled"] * 3
    spans = spans_of(served, left["trace_id"], 4)
    assert spans[0]["attributes"]["promptwire.reader.left"] is True
    assert spans[2]["attributes"]["error.type"] == "cancelled"


def test_a_model_asked_directly_is_kept_apart(served: Served, key: str) -> None:
    asked = {"model": "simulated/echo", "messages": [{"role": "user", "content": "directly"}]}
    start, *_ = ran(served, "/api/chat", asked)
    assert post(served, "/v1/chat/completions", asked)[0] == 200
    ran(served, f"/api/prompts/{key}/run", body("by prompt"))
    run = kept(served, start["run_id"], "done")
    assert "prompt" not in run
    assert run["request"]["messages"] == asked["messages"]
    eventually(lambda: len(ask(served, "GET", "/api/runs?direct=true&text=directly")[1]["runs"]) == 2, "both are there")
    direct = ask(served, "GET", "/api/runs?direct=true")[1]["runs"]
    assert all("prompt" not in line for line in direct)


def test_runs_are_found_page_by_page(served: Served, key: str) -> None:
    for text in ("alpha", "beta", 'quoted "gamma"'):
        ran(served, f"/api/prompts/{key}/run", body(text))
    draft = {"messages": [{"role": "user", "content": "x"}], "model": "simulated/nobody"}
    assert post(served, f"/api/prompts/{key}/run", {"draft": draft})[0] == 404
    eventually(lambda: len(listed(served, key)) == 4, "all are kept")
    assert len(listed(served, key, "?text=" + quote('"gamma"'))) == 1
    assert len(listed(served, key, "?model=simulated/nobody")) == 1
    assert listed(served, key, "?version=7") == []
    assert listed(served, key, "?until=2026-01-01") == []
    first = ask(served, "GET", f"/api/prompts/{key}/runs?limit=3")[1]
    second = ask(served, "GET", f"/api/prompts/{key}/runs?limit=3&cursor={quote(first['next'])}")[1]
    assert (len(first["runs"]), len(second["runs"]), "next" in second) == (3, 1, False)


def test_a_replay_asks_the_vendor_the_same(served: Served, key: str) -> None:
    start, *_ = ran(served, f"/api/prompts/{key}/run", body("again"))
    put(served, f"/api/prompts/{key}/draft", {"draft": {"model": "simulated/echo", "messages": []}})
    again, *_ = ran(served, f"/api/runs/{start['run_id']}/replay", {})
    assert again["run_id"] != start["run_id"]
    run, first = kept(served, again["run_id"], "done"), kept(served, start["run_id"], "done")
    assert run["replay_of"] == start["run_id"]
    assert run["messages"] == first["messages"] == [{"role": "user", "content": "say again"}]
    assert run["answer"] == first["answer"]
    other, *_ = ran(served, f"/api/runs/{start['run_id']}/replay", {"model": "simulated/typewriter"})
    assert other["model"] == "simulated/typewriter"
    assert kept(served, other["run_id"], "done")["messages"] == first["messages"]
    assert post(served, "/api/runs/run_nobody/replay", {})[0] == 404


def test_a_fallback_is_seen_on_the_trace(own: Served) -> None:
    row = {"provider": "gone", "model": "m", "fallbacks": ["simulated/echo"], "attempts": 1}
    assert put(own, "/api/providers", {"id": "gone", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"})[0] == 200
    assert put(own, "/api/models/rows", {"id": "gone/m", **row})[0] == 200
    start, *_ = ran(own, "/api/chat", {"model": "gone/m", "messages": [{"role": "user", "content": "hi"}]})
    assert [attempt["model"] for attempt in start["attempts"]] == ["gone/m"]
    spans = spans_of(own, start["trace_id"], 4)
    tried, answered = [span for span in spans if span["name"].startswith("attempt ")]
    assert (tried["name"], tried["status"], tried["attributes"]["promptwire.attempt.reason"]) == (
        "attempt gone/m",
        "error",
        "first",
    )
    assert tried["message"] == start["attempts"][0]["message"]
    assert (answered["name"], answered["attributes"]["promptwire.attempt.reason"]) == (
        "attempt simulated/echo",
        "fallback",
    )
    assert kept(own, start["run_id"], "done")["attempts"] == start["attempts"]


@pytest.mark.parametrize("topology", ["split", "split-grpc"], indirect=True, scope="session")
def test_a_run_whose_process_was_killed_is_lost(own: Served) -> None:
    asked = {"simulate": SLOW, "variables": {"topic": "killed"}}
    start, events = begun(own, "/api/prompts/demo/run", asked)
    kept(own, start["run_id"], "running")
    own.role("prompt").send_signal(signal.SIGKILL)
    assert [event.name for event in events][-1] == "error"
    run = kept(own, start["run_id"], "lost")
    assert run["messages"][-1]["content"] == "Tell me about killed."
