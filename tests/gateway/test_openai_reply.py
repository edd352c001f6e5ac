"""A run in OpenAI's words: nothing is lost, and it ends in the one way that fits how it ended."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from promptwire.api.base import ErrorClass
from promptwire.api.llm import ChatReply
from promptwire.api.message import (
    Delta,
    Done,
    Event,
    Message,
    Reasoning,
    Start,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    Usage,
)
from promptwire.errors import Failure
from promptwire.gateway.openai_reply import DONE, TYPES, Chunks, completion, shape, usage

START = Start(run_id="run_1", model="m", trace_id="t", prompt="demo", warnings=["seed was left out"])
USED = Usage(input_tokens=1, cache_read_tokens=2, cache_write_tokens=3, output_tokens=4, reasoning_tokens=5)
END = Done(finish_reason="length", usage=USED, cost=0.25, duration_ms=1)


def told(*events: Event, with_usage: bool = False) -> tuple[list[dict[str, Any]], bytes]:
    """The chunks, and what follows the last of them."""
    chunks = Chunks(with_usage=with_usage)
    text = b"".join(chunks.event(event) for event in events)
    *blocks, rest = text.removesuffix(DONE).split(b"\n\n")
    assert rest == b""
    return [json.loads(block.removeprefix(b"data: ")) for block in blocks], text[-len(DONE) :]


def test_every_chunk_says_whose_it_is() -> None:
    chunks, end = told(START, Delta(text="a"), END)
    assert end == DONE
    assert {(chunk["id"], chunk["object"], chunk["model"]) for chunk in chunks} == {
        ("run_1", "chat.completion.chunk", "m")
    }
    assert len({chunk["created"] for chunk in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks)


def test_deltas_are_what_was_said() -> None:
    chunks, _ = told(
        START,
        Reasoning(text="hm\n"),
        Delta(text='Grüße "世界"'),
        ToolCallDelta(index=1, id="c", name="f"),
        ToolCallDelta(index=1, arguments='{"a'),
        Usage(output_tokens=1),
        END,
    )
    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "hm\n"},
        {"content": 'Grüße "世界"'},
        {"tool_calls": [{"index": 1, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": '{"a'}}]},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 5 + ["length"]


def result(index: int, *, proposed: bool = False) -> ToolResult:
    return ToolResult(index=index, id=f"c{index}", name="f", content="x", source="http", proposed=proposed)


def fragments(*events: Event) -> list[tuple[int, str]]:
    chunks, _ = told(START, *events, END)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    return [(call["index"], call.get("id", call["function"]["arguments"])) for call in calls]


def test_calls_that_are_answered_here_are_never_told() -> None:
    bound = [
        ToolCallDelta(index=0, id="c0", name="f", bound=True),
        ToolCallDelta(index=0, arguments="{}"),
        ToolCallDelta(index=1, id="c1", name="g", bound=True),
    ]
    assert fragments(*bound, result(0), result(1)) == []
    after = [ToolCallDelta(index=2, id="c2", name="own"), ToolCallDelta(index=2, arguments="{}")]
    assert fragments(*bound, result(0), result(1), *after) == [(0, "c2"), (0, "{}")]


def test_calls_that_are_not_answered_after_all_are_told_at_the_end() -> None:
    bound = [ToolCallDelta(index=0, id="c0", name="f", bound=True), ToolCallDelta(index=0, arguments="{}")]
    assert fragments(*bound, ToolCallDelta(index=1, id="c1", name="own"), result(0, proposed=True)) == [
        (1, "c1"),
        (0, "c0"),
        (0, "{}"),
    ]


def test_the_first_chunk_carries_our_own_start() -> None:
    chunks, _ = told(START, END)
    assert chunks[0]["promptwire"] == {
        "run_id": "run_1",
        "prompt": "demo",
        "model": "m",
        "trace_id": "t",
        "warnings": ["seed was left out"],
    }
    assert "promptwire" not in chunks[1]


def test_usage_is_a_chunk_of_its_own_when_it_is_asked_for() -> None:
    chunks, end = told(START, Delta(text="a"), END, with_usage=True)
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None, None, None]
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], usage(END))
    assert end == DONE


def test_cached_tokens_are_of_the_prompt_and_reasoning_of_the_completion() -> None:
    assert usage(END) == {
        "prompt_tokens": 6,
        "completion_tokens": 9,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 5},
        "cost": 0.25,
    }


def test_nothing_follows_an_error() -> None:
    chunks = Chunks(with_usage=True)
    chunks.event(START)
    assert not chunks.ended
    text = chunks.error(Failure("upstream_cut", "gone", phase="mid_stream", trace_id="t"))
    assert chunks.ended
    assert text.startswith(b'data: {"error":{')
    assert text.endswith(b"}\n\n")
    assert b"[DONE]" not in text


def test_a_stream_has_ended_with_its_done() -> None:
    chunks = Chunks(with_usage=False)
    chunks.event(START)
    chunks.event(END)
    assert chunks.ended


def test_an_error_is_ours_with_their_words_added() -> None:
    failure = Failure("rate_limited", "slow down", retry_after_s=2, details={"limit": "l"}, trace_id="t")
    assert json.loads(shape(failure))["error"] == {
        "code": 42901,
        "class": "rate_limited",
        "phase": "connect",
        "message": "slow down",
        "retryable": True,
        "retry_after_s": 2.0,
        "trace_id": "t",
        "details": {"limit": "l"},
        "type": "requests",
        "param": None,
    }


@pytest.mark.parametrize("details", [{"param": "n"}, {"path": "n"}])
def test_what_is_wrong_is_the_param(details: dict[str, str]) -> None:
    assert json.loads(shape(Failure("invalid_request", "no", details=details)))["error"]["param"] == "n"


def test_every_class_has_a_type() -> None:
    assert set(TYPES) == set(get_args(ErrorClass))
    assert TYPES["moderation_input"] == TYPES["moderation_output"] == "content_filter"


@pytest.mark.parametrize("calls", [None, [ToolCall(id="c", name="f", arguments="{}")]])
def test_a_whole_answer(calls: list[ToolCall] | None) -> None:
    message = Message(role="assistant", content="" if calls else "yes", reasoning="hm", tool_calls=calls)
    made = completion(ChatReply(message=message, start=START, done=END))
    assert (made["id"], made["object"], made["model"]) == ("run_1", "chat.completion", "m")
    [choice] = made["choices"]
    assert choice["finish_reason"] == "length"
    said = choice["message"]
    assert (said["role"], said["content"], said["reasoning_content"]) == ("assistant", None if calls else "yes", "hm")
    called = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert said.get("tool_calls") == ([called] if calls else None)
    assert made["usage"] == usage(END)
    assert made["promptwire"] is START
