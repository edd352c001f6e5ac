"""Tools end to end: mocked, called for real, stepped through, and hidden from who did not bring them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openai
import pytest

from journeys.native import ask, connection, post, put, stream
from journeys.served import Served, eventually, serving
from journeys.toolshed import Shed, shed
from mcp_server import mcp_serving

CALL = 'call weather {"city": "Oslo"}'


@pytest.fixture(scope="module")
def shop() -> Iterator[Shed]:
    """An HTTP service whose every reply says what it was asked."""
    with shed() as made:
        yield made


@pytest.fixture(scope="module")
def served(topology: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Promptwire whose tools may reach this machine."""
    with serving(tmp_path_factory.mktemp("tools"), *topology, PROMPTWIRE_TOOL_HOSTS="127.0.0.1") as served:
        yield served


def draft(text: str = CALL, **fields: Any) -> dict[str, Any]:
    return {
        "model": "simulated/echo",
        "messages": [{"role": "user", "content": text}],
        "tools": [{"name": "weather"}, {"name": "own"}],
        **fields,
    }


def run(served: Served, content: dict[str, Any], **request: Any) -> list[tuple[str, dict[str, Any]]]:
    events = stream(served, "/api/prompts/demo/run", {"draft": content, **request})
    return [(event.name, json.loads(event.data)) for event in events]


def text(events: list[tuple[str, dict[str, Any]]]) -> str:
    return "".join(data["text"] for name, data in events if name == "delta")


def named(events: list[tuple[str, dict[str, Any]]], wanted: str) -> list[dict[str, Any]]:
    return [data for name, data in events if name == wanted]


def test_a_mock_answers_and_the_model_goes_on(served: Served) -> None:
    bound = [{"name": "weather", "mock": {"kind": "fixed", "reply": "sun"}}]
    events = run(served, draft(bindings=bound), tools_mode="answer")
    assert [name for name, _ in events].count("start") == [name for name, _ in events].count("done") == 1
    [result] = named(events, "tool_result")
    assert (result["content"], result["source"], result["proposed"]) == ("sun", "mock", False)
    assert text(events) == "The tools replied: “sun”."
    assert named(events, "done")[0]["finish_reason"] == "stop"


def test_tools_are_called_for_real_and_their_secret_is_theirs_alone(served: Served, shop: Shed) -> None:
    status, kept = put(served, "/api/tools/secrets", {"name": "shop", "hosts": ["127.0.0.1"], "value": "sk-shop"})
    assert (status, kept) == (200, {"name": "shop", "hosts": ["127.0.0.1"]})
    assert ask(served, "GET", "/api/tools/secrets")[1]["secrets"] == [kept]
    http = {"url": f"{shop.url}/w/{{{{city}}}}", "headers": {"authorization": "Bearer {{secret.shop}}"}}
    events = run(served, draft(bindings=[{"name": "weather", "http": http}]), tools_mode="answer")
    assert shop.asked[-1] == ("/w/Oslo", "Bearer sk-shop")
    assert "GET /w/Oslo" in text(events)
    assert "sk-shop" not in json.dumps(events)
    http["url"] = f"{shop.url}/missing"
    failed = run(served, draft(bindings=[{"name": "weather", "http": http}]), tools_mode="answer")
    [result] = named(failed, "tool_result")
    assert result["is_error"] and "HTTP 404" in result["content"]
    assert "error: HTTP 404" in text(failed)


def test_an_mcp_servers_tool_is_listed_and_called(served: Served) -> None:
    with mcp_serving() as url:
        server = {"name": "station", "url": url}
        status, listed = post(served, "/api/tools/mcp", {"server": server})
        assert (status, [tool["name"] for tool in listed["tools"]]) == (200, ["forecast", "alarm"])
        content = draft('call forecast {"city": "Oslo"}', mcp_servers=[server])
        content["tools"] = listed["tools"]
        content["bindings"] = [{"name": "forecast", "mcp": {"server": "station"}}]
        events = run(served, content)  # bound tools are called for real also when nobody says so
    assert text(events) == "The tools replied: “Oslo: sun for 1 days”."
    assert named(events, "tool_result")[0]["source"] == "mcp"


def test_calls_are_spans_of_their_run(served: Served, shop: Shed) -> None:
    well, badly = ({"name": "weather", "http": {"url": shop.url + path}} for path in ("/w", "/missing"))
    for binding, status in ((well, "unset"), (badly, "error")):
        [start] = named(run(served, draft(bindings=[binding])), "start")
        spans: dict[str, dict[str, Any]] = {}

        def there() -> bool:
            found = ask(served, "GET", f"/api/traces/{start['trace_id']}")[1].get("spans", [])  # noqa: B023
            spans.update({span["name"]: span for span in found})  # noqa: B023
            return {"execute_tool weather", "run demo"} <= spans.keys()  # noqa: B023

        eventually(there, "the spans are kept")
        call = spans["execute_tool weather"]
        assert (call["parent_id"], call["status"]) == (spans["run demo"]["id"], status)
        assert call["attributes"]["gen_ai.tool.name"] == "weather"


def kept(served: Served, run_id: str) -> dict[str, Any]:
    """The run, once it is kept with its end."""
    seen: dict[str, Any] = {}

    def there() -> bool:
        seen.update(ask(served, "GET", f"/api/runs/{run_id}")[1])
        return seen.get("status") == "done"

    eventually(there, f"{run_id} is done")
    return seen


def test_the_record_of_a_run_has_its_rounds(served: Served, shop: Shed) -> None:
    http = {"name": "own", "http": {"url": f"{shop.url}/w/{{{{city}}}}"}}
    bindings = [{"name": "weather", "mock": {"reply": "sun"}}, http]
    events = run(served, draft(f'{CALL}\ncall own {{"city": "Rome"}}', bindings=bindings), tools_mode="answer")
    record = kept(served, named(events, "start")[0]["run_id"])
    [step] = record["rounds"]
    assert [(call["name"], json.loads(call["arguments"])) for call in step["said"]["tool_calls"]] == [
        ("weather", {"city": "Oslo"}),
        ("own", {"city": "Rome"}),
    ]
    assert step["results"] == named(events, "tool_result")
    mocked, fetched = step["results"]
    assert (mocked["content"], mocked["source"], mocked["is_error"]) == ("sun", "mock", False)
    assert (fetched["source"], fetched["is_error"]) == ("http", False)
    assert "GET /w/Rome" in fetched["content"] and fetched["duration_ms"] > 0
    assert record["answer"]["content"] == text(events)
    assert "tool_calls" not in record["answer"]
    plain = run(served, draft("hello", tools=[]))
    assert "rounds" not in kept(served, named(plain, "start")[0]["run_id"])


def test_each_round_of_tools_is_a_step_of_the_record(served: Served) -> None:
    bound = [{"name": "weather", "mock": {"reply": "sun"}}]
    simulate = {"tool_calls": [{"id": "c", "name": "weather", "arguments": "{}"}], "tool_rounds": 2}
    events = run(served, draft(bindings=bound), tools_mode="answer", simulate=simulate)
    steps = kept(served, named(events, "start")[0]["run_id"])["rounds"]
    assert [len(step["results"]) for step in steps] == [1, 1]
    assert [result for step in steps for result in step["results"]] == named(events, "tool_result")


def test_stepping_stops_and_goes_on_from_an_edited_reply(served: Served) -> None:
    bound = [{"name": "weather", "mock": {"reply": "sun"}}]
    stopped = run(served, draft(bindings=bound), tools_mode="step")
    assert named(stopped, "done")[0]["finish_reason"] == "tool_calls"
    assert named(stopped, "tool_result")[0]["proposed"] is True
    call = {"id": "call_1", "name": "weather", "arguments": '{"city": "Oslo"}'}
    so_far = [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "snow"},
    ]
    events = run(served, draft(bindings=bound), tools_mode="step", messages=so_far)
    assert text(events) == "The tools replied: “snow”."


def test_rounds_are_bounded_and_it_is_said(served: Served) -> None:
    bound = [{"name": "weather", "mock": {"reply": "sun"}}]
    calls = [{"id": "c", "name": "weather", "arguments": "{}"}]
    simulate = {"tool_calls": calls, "tool_rounds": 1000}
    events = run(served, draft(bindings=bound), tools_mode="answer", max_rounds=3, simulate=simulate)
    name, error = events[-1]
    assert (name, error["class"], error["phase"]) == ("error", "upstream_error", "mid_stream")
    assert "after 3 rounds" in error["message"]
    assert len(named(events, "tool_result")) == 2


def test_openais_client_sees_the_answer_and_only_its_own_tools(served: Served, shop: Shed) -> None:
    bindings = [{"name": "weather", "http": {"url": f"{shop.url}/w"}}, {"name": "own", "mock": {"reply": "no"}}]
    for key, said in (("bound", CALL), ("mixed", f"{CALL}\ncall own")):
        assert post(served, "/api/prompts", {"key": f"tools-{key}", "draft": draft(said, bindings=bindings)})[0] == 200
    client = openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)
    with client.chat.completions.create(model="prompt/tools-bound", messages=[], stream=True) as chunks:
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "GET /w" in "".join(delta.content or "" for delta in deltas)
    assert all(not delta.tool_calls for delta in deltas)
    whole = client.chat.completions.create(model="prompt/tools-bound", messages=[]).choices[0]
    assert (whole.finish_reason, whole.message.tool_calls) == ("stop", None)
    assert "GET /w" in (whole.message.content or "")
    asked = len(shop.asked)
    mixed = client.chat.completions.create(model="prompt/tools-mixed", messages=[]).choices[0]
    assert mixed.finish_reason == "tool_calls"
    assert len(mixed.message.tool_calls or []) == 2
    assert len(shop.asked) == asked


def test_without_the_setting_this_machine_is_not_reached(topology: list[str], tmp_path: Path, shop: Shed) -> None:
    with serving(tmp_path, *topology) as served:
        asked = len(shop.asked)
        request = {"binding": {"name": "w", "http": {"url": shop.url}}, "arguments": "{}"}
        status, said = post(served, "/api/tools/call", request)
    assert (status, said["reply"]["is_error"]) == (200, True)
    assert "PROMPTWIRE_TOOL_HOSTS" in said["reply"]["content"]
    assert len(shop.asked) == asked


def test_a_reader_that_leaves_ends_the_call_of_a_tool(served: Served, shop: Shed) -> None:
    shop.slow_reached.clear()
    shop.slow_left.clear()
    bound = [{"name": "weather", "http": {"url": f"{shop.url}/slow"}}]
    with closing(connection(served)) as link:
        body = json.dumps({"draft": draft(bindings=bound)}).encode()
        link.request("POST", "/api/prompts/demo/run", body, {"content-type": "application/json"})
        assert link.getresponse().status == 200
        assert shop.slow_reached.wait(20)
    assert shop.slow_left.wait(20)
