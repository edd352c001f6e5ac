"""Events fold into the answer they are."""

from __future__ import annotations

import pytest

from promptwire.answer import Answer
from promptwire.api.message import Delta, Done, Event, Reasoning, Start, ToolCall, ToolCallDelta, ToolResult, Usage
from promptwire.errors import Failure

START = Start(run_id="r", model="m", trace_id="t")
DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1.0)


def fold(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.add(event)
    return answer


def test_pieces_are_joined_by_kind() -> None:
    reply = fold(
        START,
        Reasoning(text="hm "),
        Delta(text="Hel"),
        Reasoning(text="so"),
        Delta(text="lo"),
        Usage(output_tokens=2),
        DONE,
    ).reply()
    assert (reply.message.role, reply.message.content, reply.message.reasoning) == ("assistant", "Hello", "hm so")
    assert (reply.start, reply.done, reply.message.tool_calls) == (START, DONE, None)


def test_fragments_become_calls_in_the_order_of_their_index() -> None:
    message = fold(
        ToolCallDelta(index=1, id="c2", name="g"),
        ToolCallDelta(index=0, id="c1", name="f", arguments='{"a"'),
        ToolCallDelta(index=1, arguments="{}"),
        ToolCallDelta(index=0, arguments=":1}"),
        ToolCallDelta(index=2, name="h"),
    ).message
    assert message.tool_calls == [
        ToolCall(id="c1", name="f", arguments='{"a":1}'),
        ToolCall(id="c2", name="g", arguments="{}"),
        ToolCall(id="call_2", name="h", arguments=""),
    ]


def test_what_was_said_before_a_failure_is_there() -> None:
    assert fold(START, Delta(text="Hel")).message.content == "Hel"


@pytest.mark.parametrize("events", [(), (START, Delta(text="a")), (Delta(text="a"), DONE)])
def test_an_answer_without_both_ends_was_cut(events: tuple[Event, ...]) -> None:
    with pytest.raises(Failure, match="before its end"):
        fold(*events).reply()


def test_a_vendors_seals_are_kept() -> None:
    message = fold(
        Reasoning(text="hm"),
        Reasoning(text="", signature="s1"),
        ToolCallDelta(index=0, id="c1", name="f", signature="s2"),
        ToolCallDelta(index=0, arguments="{}"),
    ).message
    assert (message.reasoning, message.reasoning_signature) == ("hm", "s1")
    assert message.tool_calls is not None and message.tool_calls[0].signature == "s2"


def test_an_answer_that_is_held_in_few_strings_says_the_same() -> None:
    answer, compact = Answer(), Answer()
    for event in (
        Delta(text="a"),
        Reasoning(text="b"),
        ToolCallDelta(index=0, id="c", name="f", arguments="{"),
        Delta(text="d"),
        ToolCallDelta(index=0, arguments="}"),
    ):
        answer.add(event)
        compact.add(event)
        compact.compact()
    assert compact.message == answer.message


def test_a_call_that_was_answered_is_nobodys_to_answer() -> None:
    def result(index: int, *, proposed: bool) -> ToolResult:
        return ToolResult(index=index, id=f"c{index}", name="f", content="x", source="mock", proposed=proposed)

    message = fold(
        ToolCallDelta(index=0, id="c0", name="f"),
        result(0, proposed=False),
        ToolCallDelta(index=1, id="c1", name="f"),
        result(1, proposed=True),
        result(7, proposed=False),
    ).message
    assert [call.id for call in message.tool_calls or ()] == ["c1"]
