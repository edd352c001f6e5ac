"""A request and its answer under a rule set, event by event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from promptwire.api.governance import Rule, RuleSet
from promptwire.api.message import Delta, Done, Event, Message, Part, Reasoning, Start, ToolCall, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.moderation.moderation import PIECE, Moderation
from promptwire.llm.moderation.rules import Stage

START = Start(run_id="r", model="m", trace_id="t")
DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1)


def under(*rules: Rule) -> Moderation:
    return Moderation(RuleSet(id="set", version=3, rules=list(rules)))


async def nobody(rule: Rule, stage: Stage, text: str) -> str | None:
    raise AssertionError("nobody is to be asked")


async def stream(*events: Event, then: Exception | None = None) -> AsyncIterator[Event]:
    for event in events:
        yield event
    if then is not None:
        raise then


async def seen(moderation: Moderation, events: AsyncIterator[Event]) -> tuple[list[Event], Failure | None]:
    out: list[Event] = []
    try:
        async for event in moderation.answer(events, nobody):
            out.append(event)  # noqa: PERF401  # what came before a failure is kept
    except Failure as failure:
        return out, failure
    return out, None


WORD = Rule(id="w", kind="words", patterns=["forbidden"])


async def test_harmless_events_pass_as_the_same_objects() -> None:
    events = [START, Reasoning(text="hm "), Delta(text="hello "), ToolCallDelta(index=0, id="c", name="f"), DONE]
    out, failure = await seen(under(WORD), stream(*events))
    assert failure is None and len(out) == len(events)
    assert all(one is other for one, other in zip(out, events, strict=True))


@pytest.mark.parametrize("at", range(1, len("forbidden")))
async def test_a_word_over_two_events_is_not_shown_on_any_channel(at: int) -> None:
    head, tail = "ok for" + "forbidden"[:at], "forbidden"[at:] + " rest"
    for first, second in (
        (Delta(text=head), Delta(text=tail)),
        (Reasoning(text=head), Reasoning(text=tail)),
        (ToolCallDelta(index=1, arguments=head), ToolCallDelta(index=1, arguments=tail)),
    ):
        out, failure = await seen(under(WORD), stream(START, first, Usage(output_tokens=1), second, DONE))
        assert failure is not None and failure.class_ == "moderation_output" and failure.phase == "mid_stream"
        assert failure.details == {
            "rule": "w",
            "rule_set": "set",
            "version": "3",
            "stage": "output",
            "shown_chars": "6",
        }
        said = "".join(getattr(event, "text", "") + getattr(event, "arguments", "") for event in out)
        assert said == "ok for"
        assert DONE not in out


async def test_channels_do_not_run_into_each_other() -> None:
    out, failure = await seen(under(WORD), stream(Delta(text="forb"), Reasoning(text="idden"), Delta(text="!"), DONE))
    assert failure is None
    assert "".join(event.text for event in out if isinstance(event, Delta)) == "forb!"


async def test_what_was_held_back_is_shown_before_a_bad_end_too() -> None:
    cut = Failure("upstream_cut", "gone", phase="mid_stream")
    out, failure = await seen(under(WORD), stream(START, Delta(text="so far forb"), then=cut))
    assert failure is cut
    assert "".join(event.text for event in out if isinstance(event, Delta)) == "so far forb"


async def test_input_is_refused_or_masked_in_text_and_in_parts() -> None:
    messages = [Message(role="user", content="a forbidden b"), Message(role="user", parts=[Part(text="forbidden")])]
    with pytest.raises(Failure) as refused:
        await under(WORD).request(messages, nobody)
    assert refused.value.class_ == "moderation_input" and refused.value.details["rule"] == "w"
    masking = under(Rule(id="m", kind="words", action="mask", patterns=["forbidden"]))
    content, part = await masking.request(messages, nobody)
    assert content.content == "a ********* b" and part.parts == [Part(text="*********")]


HISTORY = [
    Message(role="assistant", tool_calls=[ToolCall(id="c", name="find", arguments='{"q": "f\\u006frbidden"}')]),
    Message(role="assistant", tool_calls=[ToolCall(id="c", name="forbidden", arguments="{}")]),
    Message(role="assistant", content="so", reasoning="a forbidden thought", reasoning_signature="seal"),
]


@pytest.mark.parametrize("message", HISTORY, ids=["arguments", "name", "reasoning"])
async def test_what_a_model_called_and_thought_before_is_input_too(message: Message) -> None:
    with pytest.raises(Failure) as refused:
        await under(WORD).request([message], nobody)
    assert refused.value.class_ == "moderation_input" and refused.value.details["stage"] == "input"


async def test_calls_and_thoughts_of_the_history_are_masked_and_lose_a_seal_that_no_longer_fits() -> None:
    masking = under(Rule(id="m", kind="words", action="mask", patterns=["forbidden"]))
    arguments, name, thought = await masking.request(HISTORY, nobody)
    assert arguments.tool_calls == [ToolCall(id="c", name="find", arguments='{"q": "*********"}')]
    assert name.tool_calls == [ToolCall(id="c", name="*********", arguments="{}")]
    assert (thought.content, thought.reasoning, thought.reasoning_signature) == ("so", "a ********* thought", None)
    harmless = Message(
        role="assistant",
        reasoning="hm",
        reasoning_signature="seal",
        tool_calls=[ToolCall(id="c", name="f", arguments="")],
    )
    assert await masking.request([harmless], nobody) == [harmless]


async def test_the_name_of_a_called_tool_is_shown_whole_or_not_at_all() -> None:
    call = ToolCallDelta(index=0, id="c", name="get_forbidden", arguments="{")
    out, failure = await seen(under(WORD), stream(START, call, DONE))
    assert out == [START] and failure is not None and failure.details["rule"] == "w"
    masking = under(Rule(id="m", kind="words", action="mask", patterns=["forbidden"]))
    out, failure = await seen(masking, stream(START, call, ToolCallDelta(index=0, arguments="}"), DONE))
    assert failure is None and out[1] == ToolCallDelta(index=0, id="c", name="get_*********", arguments="{")


async def test_somebody_is_asked_about_what_a_model_called_and_thought() -> None:
    asked: list[str] = []

    async def ask(rule: Rule, stage: Stage, text: str) -> str | None:
        asked.append(text)

    await under(Rule(id="j", kind="judge", model="m", stages=["input"])).request(HISTORY, ask)
    assert all(word in asked[0] for word in ('find {"q": ', "forbidden {}", "a forbidden thought\nso"))


async def test_somebody_is_asked_about_input() -> None:
    async def ask(rule: Rule, stage: Stage, text: str) -> str | None:
        return "rude" if stage == "input" and "fool" in text else None

    judged = under(Rule(id="j", kind="judge", model="m", stages=["input"]))
    await judged.request([Message(role="user", content="you friend")], ask)
    with pytest.raises(Failure) as refused:
        await judged.request([Message(role="user", content="you fool")], ask)
    assert refused.value.details["category"] == "rude"


@pytest.mark.parametrize("before", [PIECE - 1, PIECE - 5, PIECE, 3 * PIECE - 4])
async def test_a_word_across_two_looks_is_seen(before: int) -> None:
    text = "x" * (before - 1) + " forbidden fruit"
    with pytest.raises(Failure, match="refuses this input"):
        await under(WORD).request([Message(role="user", content=text)], nobody)
    masking = under(Rule(id="w", kind="words", patterns=["forbidden"], action="mask"))
    (masked,) = await masking.request([Message(role="user", content=text)], nobody)
    assert masked.content == text.replace("forbidden", "*" * 9)


async def test_a_long_input_lets_others_in() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    going = asyncio.create_task(others())
    mails = under(Rule(id="p", kind="pii", patterns=["email"], action="mask"))
    await mails.request([Message(role="user", content="the quick brown fox " * (2 * PIECE))], nobody)
    going.cancel()
    assert turns >= 2 * 20 - 1
