"""A recording knows what was asked, what came, and how it ended, whoever ended it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

import thriftwire.call
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Attempt, Delta, Done, Message, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.api.prompt import Content, RunRequest
from promptwire.errors import Failure
from promptwire.record.recording import ANSWER, EXCERPT, Recording, Unrecorded
from promptwire.record.rounds import REPLY
from record.noted import note
from thriftwire.call import Call
from thriftwire.errors import StreamTimeout

START = Start(run_id="run_1", model="acme/large", trace_id="t", attempts=[])
DONE = Done(finish_reason="stop", usage=Usage(output_tokens=2, cost=0.5), ttft_ms=3.0, duration_ms=9.0)
CHAT = ChatRequest(model="acme/small", messages=[Message(role="user", content="rendered")])


def recording(told: list[str] | None = None, **asked: Any) -> Recording:
    told = [] if told is None else told
    request = RunRequest(key="demo", variables={"topic": msgspec.Raw(b'"looms"')}, **asked)
    return Recording("run_1", "t" * 32, request, prompt="demo", tell=lambda one: told.append(one.status))


def test_a_run_that_ends_well_is_kept_whole() -> None:
    told: list[str] = []
    with recording(told, label="production", replay_of="run_0") as run:
        run.chose("3", Content(model="acme/small"))
        run.asks(CHAT)
        for event in (START, Reasoning(text="hm"), Delta(text="hi "), Delta(text="you"), DONE):
            note(run, event)
    row = run.row(contents=True)
    assert told == ["running", "running", "done"]
    assert (row["status"], row["finish_reason"], row["ttft_ms"], row["cost"]) == ("done", "stop", 3.0, 0.5)
    assert (row["prompt"], row["version"], row["label"], row["model"]) == ("demo", "3", "production", "acme/large")
    assert (row["replay_of"], row["excerpt"], row["cut"], row["error"]) == ("run_0", "hi you", [], None)
    assert msgspec.json.decode(row["request"])["variables"] == {"topic": "looms"}
    assert msgspec.json.decode(row["messages"])[0]["content"] == "rendered"
    assert msgspec.json.decode(row["answer"]) == {"role": "assistant", "content": "hi you", "reasoning": "hm"}


def test_figures_alone_hold_nothing_that_was_said() -> None:
    with recording() as run:
        run.asks(CHAT)
        note(run, START)
        note(run, Delta(text="secret"))
        note(run, DONE)
    row = run.row(contents=False)
    assert [row[name] for name in ("request", "content", "messages", "answer", "rounds")] == [None] * 5
    assert row["excerpt"] == ""
    assert "secret" not in repr(row)


def test_while_it_runs_it_says_what_was_asked() -> None:
    with recording() as run:
        run.asks(CHAT)
        note(run, START)
        row = run.row(contents=True)
        assert (row["status"], row["answer"]) == ("running", None)
        assert msgspec.json.decode(row["messages"])[0]["content"] == "rendered"
        note(run, DONE)


@pytest.mark.parametrize(
    ("raised", "status", "class_", "phase"),
    [
        (Failure("rate_limited", "slow down"), "failed", "rate_limited", "connect"),
        (Failure("upstream_cut", "cut", phase="mid_stream"), "failed", "upstream_cut", "mid_stream"),
        (GeneratorExit(), "cancelled", "cancelled", "mid_stream"),
        (asyncio.CancelledError(), "cancelled", "cancelled", "mid_stream"),
        (ZeroDivisionError(), "failed", "internal", "mid_stream"),
    ],
)
def test_however_it_ends_it_says_why(raised: BaseException, status: str, class_: str, phase: str) -> None:
    with pytest.raises(type(raised)), recording() as run:
        note(run, START)
        note(run, Delta(text="half"))
        raise raised
    row = run.row(contents=True)
    assert (row["status"], row["error"].class_, row["error"].phase) == (status, class_, phase)
    assert row["error"].trace_id == "t" * 32
    assert msgspec.json.decode(row["answer"])["content"] == "half"
    assert row["ttft_ms"] is not None and row["duration_ms"] >= row["ttft_ms"]


def test_a_clock_that_ran_out_is_no_cancellation() -> None:
    call = Call()
    with thriftwire.call.serving(call), pytest.raises(GeneratorExit), recording() as run:
        call.cancel(StreamTimeout("late"))
        raise GeneratorExit
    row = run.row(contents=True)
    assert (row["status"], row["error"].class_) == ("failed", "timeout_total")


def test_a_reader_who_has_the_last_event_may_leave() -> None:
    with pytest.raises(GeneratorExit), recording() as run:
        note(run, START)
        note(run, DONE)
        raise GeneratorExit
    assert run.row(contents=True)["status"] == "done"


def test_events_that_just_stop_are_a_cut() -> None:
    with recording() as run:
        note(run, START)
    assert run.row(contents=True)["error"].class_ == "upstream_cut"


def test_who_asked_is_in_the_call() -> None:
    call = Call()
    call.metadata.persistent.update({"user": " Ann ", "key": "key-1", "scenario": "service"})
    with thriftwire.call.serving(call), recording() as run:
        note(run, DONE)
    row = run.row(contents=True)
    assert (row["person"], row["key"], row["scenario"]) == ("Ann", "key-1", "service")


def test_usage_so_far_and_attempts_are_kept() -> None:
    attempts = [Attempt(model="a", class_="overloaded", message="busy", duration_ms=1.0)]
    with pytest.raises(GeneratorExit), recording() as run:
        note(run, msgspec.structs.replace(START, attempts=attempts))
        note(run, Usage(input_tokens=4, cost=0.1))
        raise GeneratorExit
    row = run.row(contents=True)
    assert (row["usage"].input_tokens, row["cost"], row["attempts"]) == (4, 0.1, attempts)


def test_an_answer_without_end_is_not_kept_without_end() -> None:
    with recording() as run:
        note(run, START)
        for _ in range(3):
            note(run, Delta(text="x" * (ANSWER // 2)))
        note(run, ToolCallDelta(index=0, id="c", name="f", arguments="{}"))
        note(run, DONE)
    row = run.row(contents=True)
    assert row["cut"] == ["answer"]
    assert len(row["excerpt"]) == EXCERPT
    answer = msgspec.json.decode(row["answer"])["content"]
    assert answer == "x" * ANSWER + f"… ({ANSWER // 2 + 2} characters left out)"


def test_rounds_of_tools_are_kept_beside_the_answer() -> None:
    call = ToolCallDelta(index=0, id="c", name="weather", arguments='{"city": "Oslo"}')
    result = ToolResult(index=0, id="c", name="weather", content="s" * (REPLY + 1), source="http", duration_ms=2.0)
    with recording() as run:
        for event in (START, Delta(text="Wait. "), call, result, Delta(text="Sun."), DONE):
            note(run, event)
    row = run.row(contents=True)
    [kept] = msgspec.json.decode(row["rounds"])
    assert kept["said"]["content"] == "Wait. "
    assert kept["said"]["tool_calls"] == [{"id": "c", "name": "weather", "arguments": '{"city": "Oslo"}'}]
    assert kept["results"][0]["content"] == "s" * REPLY + "… (1 characters left out)"
    assert (kept["results"][0]["source"], kept["results"][0]["duration_ms"]) == ("http", 2.0)
    assert (msgspec.json.decode(row["answer"])["content"], row["cut"]) == ("Wait. Sun.", ["rounds"])
    assert run.row(contents=False)["rounds"] is None


def test_a_run_without_tools_has_no_rounds() -> None:
    with recording() as run:
        for event in (START, Delta(text="hi"), DONE):
            note(run, event)
    assert run.row(contents=True)["rounds"] is None


def test_what_is_not_recorded_costs_nothing() -> None:
    with Unrecorded() as run:
        run.chose("1", Content())
        run.asks(CHAT)
        note(run, START)
