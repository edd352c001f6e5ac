"""The place for an answer whole: the fold of a run's events into one message."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

from promptwire.api.llm import ChatReply
from promptwire.api.message import Delta, Done, Event, Message, Reasoning, Start, ToolCall, ToolCallDelta, ToolResult
from promptwire.errors import Failure
from thriftwire.streams import pour_all


async def whole(events: AsyncIterator[Event]) -> ChatReply:
    """The fold of a run's events, which are closed with it. Raises Failure."""
    answer = Answer()
    async with aclosing(cast("AsyncGenerator[Event]", events)):
        await pour_all(events, answer.add)
    return answer.reply()


class Answer:
    """Gathers the events of one run; `reply` is the whole."""

    def __init__(self) -> None:
        self.start: Start | None = None
        self.done: Done | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._signature: str | None = None
        self._calls: dict[int, _Call] = {}

    def add(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case Delta():
                self._text.append(event.text)
            case Reasoning():
                self._reasoning.append(event.text)
                self._signature = event.signature or self._signature
            case ToolCallDelta():
                self._calls.setdefault(event.index, _Call()).add(event)
            case ToolResult(proposed=False):  # the call is settled: nobody who reads the whole has to answer it
                self._calls.pop(event.index, None)
            case Start():
                self.start = event
            case Done():
                self.done = event
            case _:  # usage is in Done
                pass

    def compact(self) -> None:
        """Hold what came so far in few strings: a piece of a few letters costs ten times its size."""
        self._text, self._reasoning = ["".join(self._text)], ["".join(self._reasoning)]
        for call in self._calls.values():
            call.arguments = ["".join(call.arguments)]

    def call(self, index: int) -> ToolCall | None:
        """The call at ``index``, when it is not settled."""
        call = self._calls.get(index)
        return None if call is None else call.whole(index)

    @property
    def message(self) -> Message:
        """What the model said so far."""
        return Message(
            role="assistant",
            content="".join(self._text),
            reasoning="".join(self._reasoning) or None,
            reasoning_signature=self._signature,
            tool_calls=[self._calls[index].whole(index) for index in sorted(self._calls)] or None,
        )

    def reply(self) -> ChatReply:
        """The whole answer. Raises Failure when the events stopped before their end."""
        if self.start is None or self.done is None:
            raise Failure("upstream_cut", "the answer stopped before its end", phase="mid_stream")
        return ChatReply(message=self.message, start=self.start, done=self.done)


class _Call:
    """One tool call, as its fragments come."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.signature: str | None = None
        self.arguments: list[str] = []

    def add(self, fragment: ToolCallDelta) -> None:
        self.id = fragment.id or self.id
        self.name = fragment.name or self.name
        self.signature = fragment.signature or self.signature
        self.arguments.append(fragment.arguments)

    def whole(self, index: int) -> ToolCall:
        arguments = "".join(self.arguments)
        return ToolCall(id=self.id or f"call_{index}", name=self.name, arguments=arguments, signature=self.signature)
