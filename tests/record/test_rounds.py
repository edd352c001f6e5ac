"""Rounds keep what was said, called and replied, in order, and say what they leave out."""

from __future__ import annotations

from typing import Any

from promptwire.answer import Answer
from promptwire.api.message import Delta, Event, Message, Reasoning, ToolCall, ToolCallDelta, ToolResult
from promptwire.api.record import Round
from promptwire.record.rounds import REPLIES, REPLY, Rounds


def called(index: int, name: str = "weather", arguments: str = "{}") -> ToolCallDelta:
    return ToolCallDelta(index=index, id=f"c{index}", name=name, arguments=arguments)


def replied(index: int, content: str = "sun", **more: Any) -> ToolResult:
    return ToolResult(index=index, id=f"c{index}", name="weather", content=content, source="mock", **more)


def told(*events: Event) -> Rounds:
    """What is kept of events that come as a recording hears them."""
    rounds, answer = Rounds(), Answer()
    for event in events:
        if isinstance(event, ToolCallDelta):
            rounds.called()
        if isinstance(event, ToolResult):
            rounds.add(event, answer)
        answer.add(event)
    return rounds


def test_each_round_has_its_own_words_calls_and_results() -> None:
    first, second = replied(0, duration_ms=3.0), replied(1, "error: no such city", is_error=True)
    third = replied(2, "snow")
    rounds = told(
        *(Reasoning(text="hm"), Delta(text="One moment. "), called(0), called(1, arguments='{"city": "Os')),
        *(ToolCallDelta(index=1, arguments='lo"}'), first, second),
        *(Delta(text="And once more. "), called(2), third, Delta(text="Snow.")),
    )
    calls = [ToolCall(id="c0", name="weather", arguments="{}")]
    calls.append(ToolCall(id="c1", name="weather", arguments='{"city": "Oslo"}'))
    again = [ToolCall(id="c2", name="weather", arguments="{}")]
    said = Message(role="assistant", content="One moment. ", reasoning="hm", tool_calls=calls)
    assert rounds.kept == [
        Round(said=said, results=[first, second]),
        Round(said=Message(role="assistant", content="And once more. ", tool_calls=again), results=[third]),
    ]
    assert rounds.whole


def test_what_was_only_proposed_is_no_round() -> None:
    assert told(called(0), replied(0, proposed=True)).kept == []


def test_a_long_reply_is_cut_and_says_so() -> None:
    rounds = told(called(0), replied(0, "x" * (REPLY + 5)))
    assert rounds.kept[0].results[0].content == "x" * REPLY + "… (5 characters left out)"
    assert not rounds.whole


def test_all_replies_of_a_run_are_bounded() -> None:
    most = REPLIES // REPLY
    events = [event for index in range(most + 1) for event in (called(index), replied(index, "x" * REPLY))]
    rounds = told(*events)
    contents = [step.results[0].content for step in rounds.kept]
    assert contents[:-1] == ["x" * REPLY] * most
    assert contents[-1] == f"… ({REPLY} characters left out)"
    assert not rounds.whole


def test_a_call_that_was_too_large_to_be_kept_is_named_all_the_same() -> None:
    rounds = told(replied(0))
    assert rounds.kept[0].said.tool_calls == [ToolCall(id="c0", name="weather", arguments="")]
    assert not rounds.whole
