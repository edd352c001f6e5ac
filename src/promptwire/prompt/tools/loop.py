"""The place where a run becomes several rounds: the model calls tools, their replies are sent back, it goes on.

To its reader it stays one stream: one start, one done, calls that go on counting, usage that adds up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple, TypeAlias

import msgspec

from promptwire.answer import Answer
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Done, Event, Message, Start, ToolCall, ToolCallDelta, ToolResult, Usage
from promptwire.api.tool import ToolReply
from promptwire.errors import Failure
from promptwire.prompt.tools.toolbox import Toolbox
from thriftwire.streams import Onward, Sink, onward, streamed

Ask: TypeAlias = Callable[[ChatRequest], AsyncGenerator[Event, None]]
"""Ask a model for the purposes of one run."""

MAX_ROUNDS: Final = 25
TOTAL_S: Final = 600.0
CALLED: Final = frozenset({"tool_calls", "stop"})  # some vendors say stop and call all the same


class Bounds(NamedTuple):
    """How often the model may be asked, and how long all of it may take."""

    rounds: int = MAX_ROUNDS
    total_s: float = TOTAL_S


@streamed
async def converse(
    ask: Ask, request: ChatRequest, toolbox: Toolbox, bounds: Bounds
) -> AsyncGenerator[Event | Onward[Event], None]:
    """Ask until the model calls no tool, or one that is not answered here. Raises Failure."""
    story, number = _Story(toolbox, bounds), 0
    while True:
        number += 1
        answer = Answer()
        async with aclosing(_round(ask, request, number)) as events:
            yield onward(events, partial(story.telling, answer))
        if (done := story.done) is None:
            return  # it was cut, which every reader notices
        message = answer.message
        calls = message.tool_calls if done.finish_reason in CALLED else None
        if not calls or not toolbox.answers(calls):
            for result in story.results(calls or (), toolbox.proposals(calls or ()), proposed=True):
                yield result
            yield done
            return
        if number >= bounds.rounds:
            raise _too_many(bounds)
        replies = await story.replies(calls)
        for result in story.results(calls, replies):
            yield result
        request = _continued(request, message, replies)
        story.turn()


@streamed
async def _round(ask: Ask, request: ChatRequest, number: int) -> AsyncGenerator[Event | Onward[Event], None]:
    """One question to the model; what fails in a later one fails in the middle of the stream."""
    try:
        async with aclosing(ask(request)) as events:
            yield onward(events)
    except Failure as failure:
        raise failure.but(phase="mid_stream" if number > 1 else None) from failure


def _continued(request: ChatRequest, message: Message, replies: Sequence[ToolReply]) -> ChatRequest:
    """The request with the round in it."""
    said = [
        Message(role="tool", content=reply.content, name=call.name, tool_call_id=call.id)
        for call, reply in zip(message.tool_calls or (), replies, strict=True)
    ]
    return relaxed(msgspec.structs.replace(request, messages=[*request.messages, message, *said]))


def relaxed(request: ChatRequest) -> ChatRequest:
    """A model that has its replies must be free to answer: who must call a tool would call it for ever."""
    if request.tool_choice is None or bytes(request.tool_choice) in (b'"auto"', b'"none"'):
        return request
    return msgspec.structs.replace(request, tool_choice=None)


def _too_many(bounds: Bounds) -> Failure:
    message = f"the model still calls tools after {bounds.rounds} rounds (max_rounds)"
    return Failure("upstream_error", message, phase="mid_stream", retryable=False)


class _Story:
    """What a reader was told over all rounds."""

    def __init__(self, toolbox: Toolbox, bounds: Bounds) -> None:
        self._toolbox, self._bounds = toolbox, bounds
        self._begun = time.perf_counter()
        self._started = False
        self._first, self._next = 0, 0  # index of this round's first call, and of the next round's
        self._ids: dict[int, str] = {}
        self._spent = Usage()
        self._ttft_ms: float | None = None
        self.done: Done | None = None

    def telling(self, answer: Answer, emit: Sink[Event]) -> Sink[Event]:
        """The stage that tells a round to the reader and gathers it in ``answer``; its end is not the run's."""

        def take(event: Event) -> None:
            told = self.told(event)
            answer.add(told or event)
            if told is not None and not isinstance(told, Done):
                emit(told)

        return take

    def told(self, event: Event) -> Event | None:
        """The event as the reader is told it; None when there is nothing to tell."""
        if self._passed_s > self._bounds.total_s:
            raise self._too_long()
        match event:
            case ToolCallDelta():
                return self._call(event)
            case Usage():
                return _sum(self._spent, event)
            case Start():
                started, self._started = self._started, True
                return None if started else event
            case Done():
                self.done = self._ended(event)
                return self.done
            case _:
                return event

    def turn(self) -> None:
        """A round is over and another begins."""
        self._first = self._next
        self.done = None

    async def replies(self, calls: Sequence[ToolCall]) -> list[ToolReply]:
        """The replies to a round. Raises Failure when they take longer than the run may."""
        try:
            async with asyncio.timeout(self._bounds.total_s - self._passed_s):
                return await self._toolbox.replies(calls)
        except TimeoutError as exc:
            raise self._too_long() from exc

    def results(
        self, calls: Sequence[ToolCall], replies: Sequence[ToolReply | None], *, proposed: bool = False
    ) -> list[ToolResult]:
        """The replies there are, as events."""
        return [
            ToolResult(
                index=self._first + offset,
                id=call.id,
                name=call.name,
                content=reply.content,
                source=reply.source,
                is_error=reply.is_error,
                duration_ms=reply.duration_ms,
                proposed=proposed,
            )
            for offset, (call, reply) in enumerate(zip(calls, replies, strict=True))
            if reply is not None
        ]

    @property
    def _passed_s(self) -> float:
        return time.perf_counter() - self._begun

    def _call(self, event: ToolCallDelta) -> ToolCallDelta:
        index = self._first + event.index
        self._next = max(self._next, index + 1)
        if event.name is None and event.id is None:
            return msgspec.structs.replace(event, index=index)
        bound = True if event.name is not None and self._toolbox.is_bound(event.name) else None
        return msgspec.structs.replace(event, index=index, id=self._unique(event.id, index), bound=bound)

    def _unique(self, id: str | None, index: int) -> str | None:
        """A call's id; vendors that have none of their own begin anew in each round."""
        if id is not None and index not in self._ids:
            self._ids[index] = f"{id}_{index}" if id in self._ids.values() else id
        return self._ids.get(index)

    def _ended(self, done: Done) -> Done:
        self._spent = _sum(self._spent, done.usage)
        if self._ttft_ms is None:
            self._ttft_ms = done.ttft_ms
        return Done(
            finish_reason=done.finish_reason,
            usage=self._spent,
            cost=self._spent.cost,
            ttft_ms=self._ttft_ms,
            duration_ms=round(self._passed_s * 1000, 3),
        )

    def _too_long(self) -> Failure:
        message = f"the run with its tools took longer than {self._bounds.total_s:g} s (tools_total_s)"
        return Failure("timeout_total", message, phase="mid_stream")


def _sum(one: Usage, other: Usage) -> Usage:
    costs = [usage.cost for usage in (one, other) if usage.cost is not None]
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        cache_read_tokens=one.cache_read_tokens + other.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
        cost=sum(costs) if costs else None,
        estimated=one.estimated or other.estimated,
    )
