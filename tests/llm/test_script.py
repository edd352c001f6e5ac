"""A simulated answer is decided before its first piece, and says what it was told to."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.api.llm import ChatRequest, Parameters, Simulate
from promptwire.api.message import Delta, Message, Part, Reasoning, Tool, ToolCall, ToolCallDelta
from promptwire.llm.script import MAX_TOKENS, MODELS, Piece, Script, script

ASKED = [
    Message(role="user", content="first"),
    Message(role="user", content="one two"),
    Message(role="system", content="x"),
]


def write(
    model: str = "echo", messages: list[Message] | None = None, max_tokens: int | None = None, **simulate: Any
) -> Script:
    request = ChatRequest(
        model=model,
        messages=ASKED if messages is None else messages,
        parameters=Parameters(max_tokens=max_tokens),
        simulate=Simulate(**simulate),
    )
    return script(model, request)


def pieces(written: Script) -> list[Piece]:
    made = [step.piece for step in written.steps()]
    assert len(made) == written.count
    return made


def pauses(written: Script) -> list[float]:
    return [step.pause_s for step in written.steps()]


def text(written: Script) -> str:
    return "".join(piece.text for piece in pieces(written) if isinstance(piece, Delta))


def test_echo_takes_the_last_user_message_with_its_parts() -> None:
    parts = [Part(text="b"), Part(image_url="https://x/y.png"), Part(text="c")]
    assert text(write()) == "one two"
    assert text(write(messages=[Message(role="user", content="a", parts=parts)])) == "abc"
    assert text(write(messages=[Message(role="system", content="a")])) == ""


def test_typewriter_is_about_what_was_asked() -> None:
    assert "“one two”" in text(write("typewriter"))


@pytest.mark.parametrize("model", MODELS)
def test_tokens_sets_the_length_exactly(model: str) -> None:
    assert len(pieces(write(model, tokens=500))) == 500
    assert pieces(write(model, tokens=0)) == []
    assert pieces(write(model, tokens=-1)) == []
    assert write(model, tokens=10 * MAX_TOKENS).count == MAX_TOKENS


def test_the_limit_of_the_request_cuts_it_and_says_so() -> None:
    cut = write(max_tokens=2)
    assert (text(cut), cut.finish_reason) == ("one ", "length")
    assert write(max_tokens=3).finish_reason == "stop"


def test_reasoning_comes_first_and_tool_calls_last() -> None:
    calls = [ToolCall(id="c1", name="f", arguments='{"a": 1}')]
    written = write(text="so", reasoning_tokens=2, tool_calls=calls)
    kinds = [type(piece) for piece in pieces(written)]
    assert kinds[:3] == [Reasoning, Reasoning, Delta]
    assert set(kinds[3:]) == {ToolCallDelta}
    assert "".join(piece.arguments for piece in pieces(written) if isinstance(piece, ToolCallDelta)) == '{"a": 1}'
    assert written.finish_reason == "tool_calls"
    assert written.usage.reasoning_tokens == 2
    assert text(write(tool_calls=calls)) == ""


def test_the_pace_is_as_told() -> None:
    assert pauses(write()) == [0, 0, 0]
    assert pauses(write("typewriter"))[:2] == [0.02, 0.02]
    assert pauses(write(interval_ms=10, first_ms=50)) == [0.05, 0.01, 0.01]
    assert pauses(write(interval_ms=-10, first_ms=-50)) == [0, 0, 0]


def test_a_seed_makes_the_pace_uneven_the_same_way_every_time() -> None:
    uneven = pauses(write(interval_ms=10, seed=1, tokens=50))
    assert uneven == pauses(write(interval_ms=10, seed=1, tokens=50))
    assert uneven != pauses(write(interval_ms=10, seed=2, tokens=50))
    assert all(0.005 <= pause <= 0.015 for pause in uneven)


def test_usage_counts_the_question_and_the_answer() -> None:
    usage = write().usage
    assert (usage.input_tokens, usage.output_tokens) == (5, 3)


CALL = ToolCall(id="c", name="f", arguments="{}")


def replied(*rounds: str) -> list[Message]:
    messages = [Message(role="user", content="hi")]
    for reply in rounds:
        messages.append(Message(role="assistant", tool_calls=[CALL]))
        messages.append(Message(role="tool", content=reply, tool_call_id="c"))
    return messages


def ids(written: Script) -> list[str]:
    return [piece.id for piece in pieces(written) if isinstance(piece, ToolCallDelta) and piece.id]


def test_tools_are_called_for_so_many_rounds_and_then_quoted() -> None:
    assert ids(write(messages=replied(), tool_calls=[CALL])) == ["c"]
    after = write(messages=replied("sun"), tool_calls=[CALL])
    assert (text(after), after.finish_reason) == ("The tools replied: “sun”.", "stop")
    assert ids(write(messages=replied("sun"), tool_calls=[CALL], tool_rounds=2)) == ["c-2"]
    assert text(write(messages=replied("a", "b"), tool_calls=[CALL], tool_rounds=2)) == ("The tools replied: “a”, “b”.")
    assert ids(write(messages=[*replied("sun"), Message(role="user")], tool_calls=[CALL])) == ["c"]


def test_a_tool_is_called_for_whoever_asks_for_it_by_name() -> None:
    asked = Message(role="user", content='Please\ncall weather {"city": "Oslo"}\ncall nothing {}\ncall time')
    offered = [Tool(name="weather"), Tool(name="time")]
    written = script("echo", ChatRequest(model="echo", messages=[asked], tools=offered))
    called = [piece for piece in pieces(written) if isinstance(piece, ToolCallDelta)]
    assert [piece.name for piece in called if piece.name] == ["weather", "time"]
    assert "".join(piece.arguments for piece in called) == '{"city": "Oslo"}{}'
    assert text(script("echo", ChatRequest(model="echo", messages=[asked]))) == asked.content
