"""The place for the rounds of a run that is recorded: the calls of tools that were answered, and what they replied."""

from __future__ import annotations

from typing import Final

import msgspec

from promptwire.answer import Answer
from promptwire.api.message import Message, ToolCall, ToolResult
from promptwire.api.record import Round
from promptwire.record.trimming import shorten

REPLY: Final = 16 * 1024  # characters of one reply
REPLIES: Final = 256 * 1024  # of all replies of a run


class Rounds:
    """Rounds as they are settled; a run that calls no tool has none, and nothing is done for it."""

    def __init__(self) -> None:
        self.kept: list[Round] = []
        self.whole = True
        self._open = False
        self._text, self._reasoning = 0, 0  # how much of the answer earlier rounds said
        self._room = REPLIES

    def called(self) -> None:
        """The model calls a tool: results from now on are of its round."""
        self._open = False

    def add(self, result: ToolResult, answer: Answer) -> None:
        """Take a result, before ``answer`` knows of it: there the call is gone from then on."""
        if result.proposed:
            return
        call = answer.call(result.index)
        if call is None:  # the answer was too large for it
            call = ToolCall(id=result.id, name=result.name, arguments="")
            self.whole = False
        if not self._open:
            self._open = True
            self.kept.append(Round(said=self._said(answer.message), results=[]))
        last = self.kept[-1]
        last.said.tool_calls = [*(last.said.tool_calls or ()), call]
        last.results.append(self._shortened(result))

    def _said(self, so_far: Message) -> Message:
        """What was said since the round before; its calls come with their results."""
        text, reasoning = so_far.content, so_far.reasoning or ""
        said = Message(role="assistant", content=text[self._text :], reasoning=reasoning[self._reasoning :] or None)
        self._text, self._reasoning = len(text), len(reasoning)
        return said

    def _shortened(self, result: ToolResult) -> ToolResult:
        length = min(REPLY, self._room)
        self._room -= min(length, len(result.content))
        if len(result.content) <= length:
            return result
        self.whole = False
        return msgspec.structs.replace(result, content=shorten(result.content, length))
