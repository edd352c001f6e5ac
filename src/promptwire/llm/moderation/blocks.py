"""A stream under rules that ask somebody: block by block, while the stream goes on.

Per rule at most one question is under way. ``gate`` shows text only after its verdict, ``lag`` lets it run a number
of characters ahead, ``audit`` shows it at once and stops the stream on a verdict against it. The end of a stream waits
for the last verdict in every mode.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from promptwire.api.governance import Rule
from promptwire.api.message import Delta, Done, Event, Reasoning, ToolCallDelta
from promptwire.llm.moderation.checks import Ask
from promptwire.tasks import stopped

MAX_WAITING_CHARS: Final = 65_536  # then the stream itself waits
_SENTENCE_ENDS: Final = tuple(".!?\n。！？；…")  # noqa: RUF001  # Chinese sentences end in full width


class Flagged(Exception):
    """A verdict went against the text."""

    def __init__(self, rule: Rule, category: str, shown_chars: int) -> None:
        super().__init__(rule.id)
        self.rule, self.category, self.shown_chars = rule, category, shown_chars


class _Watch:
    """One rule's view of the stream: how far it is cleared, and the question under way."""

    def __init__(self, rule: Rule, ask: Ask) -> None:
        self.rule = rule
        self._ask = ask
        self.cleared = 0  # characters of the stream
        self.asked = 0
        self.question: asyncio.Task[str | None] | None = None

    def allowed(self) -> float:
        """How many characters of the stream may be shown."""
        match self.rule.mode:
            case "gate":
                return self.cleared
            case "lag":
                return self.cleared + self.rule.lag_chars
            case "audit":
                return float("inf")

    def consider(self, text: str, offset: int, *, final: bool) -> None:
        """Ask about what is new in ``text``, which begins at character ``offset``, when it is worth a question."""
        end = offset + len(text)
        new = end - self.asked
        if self.question is not None or new <= 0:
            return
        sentence = text.rstrip(" \"'”’")  # noqa: RUF001  # closing quotes
        whole_sentence = new * 4 >= self.rule.block_chars and sentence.endswith(_SENTENCE_ENDS)
        if not (final or new >= self.rule.block_chars or whole_sentence):
            return
        begin = max(self.asked - self.rule.overlap_chars - offset, 0)
        self.question = asyncio.ensure_future(self._ask(self.rule, "output", text[begin:]))
        self.asked = end

    def answer(self, shown_chars: int) -> None:
        """Take the verdict, if there is one. Raises Flagged."""
        if self.question is None or not self.question.done():
            return
        category, self.question = self.question.result(), None
        if category is not None:
            raise Flagged(self.rule, category, shown_chars)
        self.cleared = self.asked


class Blocks:
    """One stream's blocks."""

    def __init__(self, rules: tuple[Rule, ...], ask: Ask) -> None:
        self._watches = [_Watch(rule, ask) for rule in rules]
        self._overlap = max((rule.overlap_chars for rule in rules), default=0)
        self._waiting: deque[tuple[int, Event]] = deque()  # with the character each ends at
        self._text, self._offset = "", 0  # the stream's end, and where in the stream it begins
        self._shown = 0

    async def over(self, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
        """``events``, each shown when every rule allows. Raises Flagged."""
        reading: asyncio.Future[Event] | None = None
        ended = False
        try:
            while not ended or self._waiting:
                if reading is None and not ended and self._waiting_chars() < MAX_WAITING_CHARS:
                    reading = asyncio.ensure_future(anext(events))
                await _first({reading, *(watch.question for watch in self._watches)})
                if reading is not None and reading.done():
                    reading, ended = None, not self._take(reading)
                for event in self._judge(final=ended or self._is_last()):
                    yield event
        finally:
            await _cancel({reading, *(watch.question for watch in self._watches)})

    def _waiting_chars(self) -> int:
        return self._end() - self._shown

    def _is_last(self) -> bool:
        """The stream has said that it is done."""
        return bool(self._waiting) and isinstance(self._waiting[-1][1], Done)

    def _end(self) -> int:
        return self._offset + len(self._text)

    def _take(self, reading: asyncio.Future[Event]) -> bool:
        """Add the event that was read; False when there was none."""
        try:
            event = reading.result()
        except StopAsyncIteration:
            return False
        self._text += text_of(event)
        self._waiting.append((self._end(), event))
        return True

    def _judge(self, *, final: bool) -> list[Event]:
        """Take verdicts, ask on, and give what may be shown now."""
        for watch in self._watches:
            watch.answer(self._shown)
            watch.consider(self._text, self._offset, final=final)
        allowed = min(watch.allowed() for watch in self._watches)
        asking = any(watch.question for watch in self._watches)
        shown: list[Event] = []
        while self._waiting and self._waiting[0][0] <= allowed:
            if asking and isinstance(self._waiting[0][1], Done):
                break
            self._shown, event = self._waiting.popleft()
            shown.append(event)
        keep_from = min(*(watch.asked for watch in self._watches), self._shown) - self._overlap
        if keep_from > self._offset + 4096:
            self._text, self._offset = self._text[keep_from - self._offset :], keep_from
        return shown


def text_of(event: Event) -> str:
    """The text a reader of ``event`` would see."""
    match event:
        case Delta() | Reasoning():
            return event.text
        case ToolCallDelta():
            return (event.name or "") + event.arguments
        case _:
            return ""


async def _first(awaited: set[asyncio.Future[Event] | asyncio.Task[str | None] | None]) -> None:
    pending = {one for one in awaited if one is not None}
    if pending:
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


async def _cancel(awaited: set[asyncio.Future[Event] | asyncio.Task[str | None] | None]) -> None:
    ended = [one for one in awaited if one is not None]
    await stopped(*ended)
    for one in ended:
        if not one.cancelled():
            one.exception()  # which nobody hears
