"""Text, its verdicts, and who waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest

from promptwire.api.governance import Rule
from promptwire.api.message import Delta, Done, Event, Usage
from promptwire.llm.moderation.blocks import Blocks, Flagged
from promptwire.llm.moderation.rules import Stage

DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1)
Mode = Literal["gate", "lag", "audit"]


def rule(mode: Mode) -> Rule:
    return Rule(id="j", kind="judge", mode=mode, block_chars=10, overlap_chars=4, lag_chars=5)


class Judge:
    """Answers when a test lets it."""

    def __init__(self, *verdicts: str | None) -> None:
        self.verdicts = list(verdicts)
        self.questions: list[str] = []
        self.turn = asyncio.Event()

    async def __call__(self, rule: Rule, stage: Stage, text: str) -> str | None:
        self.questions.append(text)
        await self.turn.wait()
        return self.verdicts.pop(0) if self.verdicts else None


class Reader:
    """Reads a stream in the background; what it has seen so far."""

    def __init__(self, blocks: Blocks, events: AsyncIterator[Event]) -> None:
        self.text = ""
        self.ended = False
        self._task = asyncio.create_task(self._read(blocks, events))

    async def _read(self, blocks: Blocks, events: AsyncIterator[Event]) -> None:
        async for event in blocks.over(events):
            if isinstance(event, Delta):
                self.text += event.text
            self.ended = self.ended or event is DONE

    async def end(self) -> None:
        async with asyncio.timeout(5):
            await self._task


async def source(gates: list[asyncio.Event], *pieces: str) -> AsyncIterator[Event]:
    """Gives a piece, then waits for its gate."""
    for gate, piece in zip(gates, pieces, strict=True):
        yield Delta(text=piece)
        await gate.wait()
    yield DONE


async def settle() -> None:
    """Let everything that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def opened(count: int) -> list[asyncio.Event]:
    gates = [asyncio.Event() for _ in range(count)]
    for gate in gates:
        gate.set()
    return gates


@pytest.mark.parametrize(("mode", "early"), [("gate", ""), ("lag", "01234"), ("audit", "012345678901234")])
async def test_how_far_text_runs_ahead_of_its_verdict(mode: Mode, early: str) -> None:
    judge = Judge()
    pieces = ["01234", "56789", "01234"]
    reader = Reader(Blocks((rule(mode),), judge), source(opened(3), *pieces))
    await settle()
    assert judge.questions == ["0123456789"]
    assert reader.text == early and not reader.ended
    judge.turn.set()
    await reader.end()
    assert reader.text == "".join(pieces) and reader.ended
    assert judge.questions[-1] == "678901234"  # what is new, with four characters of what was before


@pytest.mark.parametrize(("mode", "shown"), [("gate", 0), ("lag", 5), ("audit", 10)])
async def test_a_verdict_against_the_text_ends_the_stream(mode: Mode, shown: int) -> None:
    judge = Judge("rude")
    gates = [asyncio.Event(), asyncio.Event()]
    gates[0].set()
    reader = Reader(Blocks((rule(mode),), judge), source(gates, "01234", "56789"))
    await settle()
    judge.turn.set()
    with pytest.raises(Flagged) as flagged:
        await reader.end()  # although the source is silent
    assert (flagged.value.category, flagged.value.shown_chars) == ("rude", shown)
    assert len(reader.text) == shown and not reader.ended


async def test_a_silent_source_does_not_hold_cleared_text() -> None:
    judge = Judge()
    gates = [asyncio.Event()]
    reader = Reader(Blocks((rule("gate"),), judge), source(gates, "0123456789"))
    await settle()
    judge.turn.set()
    await settle()
    assert reader.text == "0123456789" and not reader.ended
    gates[0].set()
    await reader.end()


async def test_every_rule_must_allow() -> None:
    judge = Judge(None, "rude")
    judge.turn.set()
    reader = Reader(Blocks((rule("audit"), rule("gate")), judge), source(opened(1), "0123456789"))
    with pytest.raises(Flagged):
        await reader.end()
    assert not reader.ended


async def test_a_reader_who_leaves_ends_the_questions() -> None:
    judge = Judge()
    blocks = Blocks((rule("audit"),), judge)
    stream = blocks.over(source([asyncio.Event()], "0123456789"))
    await anext(stream)
    await stream.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}
