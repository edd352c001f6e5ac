"""A request and its answer under a rule set: what is sent to the model, and what of its stream is shown.

Inline rules come first, so that nobody who is asked about a block sees a word that a rule hides.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Final

import msgspec

from promptwire.api.governance import Rule, RuleSet
from promptwire.api.message import Delta, Done, Event, Message, Part, Reasoning, ToolCall, ToolCallDelta
from promptwire.errors import Failure
from promptwire.llm.moderation.blocks import Blocks, Flagged
from promptwire.llm.moderation.checks import Ask
from promptwire.llm.moderation.rules import INLINE, Inline, Stage, compile_inline
from promptwire.llm.moderation.screen import Screen
from thriftwire.streams import Onward, Sink, onward, streamed

PIECE: Final = 8 * 1024  # characters looked at without a pause

_CONTENT: Final = -1
_REASONING: Final = -2
_NAMES: Final = -3  # less the index of a tool call: its name; a channel is one of these, or the index: its arguments


class Moderation:
    """One version of a rule set, compiled. Raises RuleError."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._input = compile_inline(rules.rules, "input")
        self._output = compile_inline(rules.rules, "output")
        self._asked = {stage: _asked(rules.rules, stage) for stage in ("input", "output")}

    async def request(self, messages: list[Message], ask: Ask) -> list[Message]:
        """``messages`` as they may be sent. Raises Failure, class moderation_input."""
        if self._input is not None:
            messages = [await self._message(message, self._input) for message in messages]
        if self._asked["input"]:
            text = "\n".join(_all_text(message) for message in messages)
            for rule in self._asked["input"]:
                if (category := await ask(rule, "input", text)) is not None:
                    raise self._failure(rule, "input", category=category)
        return messages

    @streamed
    async def answer(self, events: AsyncIterator[Event], ask: Ask) -> AsyncGenerator[Event | Onward[Event], None]:
        """``events`` as they may be shown. Raises Failure, class moderation_output."""
        async with AsyncExitStack() as opened:
            if self._output is not None:
                events = await opened.enter_async_context(aclosing(self._screened(events, self._output)))
            if self._asked["output"]:
                blocks = Blocks(self._asked["output"], ask)
                events = await opened.enter_async_context(aclosing(blocks.over(events)))
            try:
                yield onward(events)
            except Flagged as flagged:
                raise self._failure(
                    flagged.rule, "output", category=flagged.category, shown_chars=flagged.shown_chars
                ) from None

    async def _message(self, message: Message, rules: Inline) -> Message:
        content = await self._whole(message.content, rules)
        parts = message.parts and [
            part if part.text is None else Part(text=await self._whole(part.text, rules)) for part in message.parts
        ]
        calls = message.tool_calls and [await self._call(call, rules) for call in message.tool_calls]
        reasoning = message.reasoning and await self._whole(message.reasoning, rules)
        # a vendor refuses a seal on words it did not write
        seal = message.reasoning_signature if reasoning == message.reasoning else None
        return msgspec.structs.replace(
            message, content=content, parts=parts, tool_calls=calls, reasoning=reasoning, reasoning_signature=seal
        )

    async def _call(self, call: ToolCall, rules: Inline) -> ToolCall:
        name, arguments = await self._whole(call.name, rules), await self._whole(call.arguments, rules, as_json=True)
        return msgspec.structs.replace(call, name=name, arguments=arguments)

    async def _whole(self, text: str, rules: Inline, *, as_json: bool = False) -> str:
        """A text as it may be sent. A long one takes seconds, so others are let in between its pieces."""
        screen = Screen(rules, as_json=as_json)
        passed: list[str] = []
        for begin in range(0, len(text), PIECE):
            if begin:
                await asyncio.sleep(0)
            passed.append(screen.feed(text[begin : begin + PIECE]))
        passed.append(screen.finish())
        if screen.hit is not None:
            raise self._failure(screen.hit.rule, "input")
        return "".join(passed)

    @streamed
    async def _screened(
        self, events: AsyncIterator[Event], rules: Inline
    ) -> AsyncGenerator[Event | Onward[Event], None]:
        """``events`` with their text under inline rules; what is held back comes before the end, also a bad one."""
        screens: dict[int, Screen] = {}

        def screening(emit: Sink[Event]) -> Sink[Event]:
            def take(event: Event) -> None:
                for shown in _screen(event, screens, rules):
                    emit(shown)
                self._stop(screens)
                if not isinstance(event, Delta | Reasoning | ToolCallDelta):
                    emit(event)

            return take

        try:
            yield onward(events, screening)
        except Failure as failure:
            if failure.class_ != "moderation_output":
                for held in _finish(screens):
                    yield held
                self._stop(screens)
            raise

    def _stop(self, screens: Mapping[int, Screen]) -> None:
        """Raise for the screen that was hit, if one was."""
        for screen in screens.values():
            if screen.hit is not None:
                shown = sum(one.shown_chars for one in screens.values())
                raise self._failure(screen.hit.rule, "output", shown_chars=shown)

    def _failure(self, rule: Rule, stage: Stage, *, category: str = "", shown_chars: int = 0) -> Failure:
        details = {"rule": rule.id, "rule_set": self.rules.id, "version": str(self.rules.version), "stage": stage}
        if category:
            details["category"] = category
        if stage == "input":
            return Failure(
                "moderation_input", f"rule {rule.id!r} refuses this input", phase="first_packet", details=details
            )
        details["shown_chars"] = str(shown_chars)
        return Failure("moderation_output", f"rule {rule.id!r} stopped the answer", phase="mid_stream", details=details)


def _asked(rules: Iterable[Rule], stage: Stage) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if stage in rule.stages and rule.kind not in INLINE)


def _screen(event: Event, screens: dict[int, Screen], rules: Inline) -> Sequence[Event]:
    """The text that may be shown now that ``event`` is here: the event itself when that is all of it and no more."""
    match event:
        case Delta():
            text = _screen_of(screens, _CONTENT, rules).feed(event.text)
            return ((event if text == event.text else Delta(text=text)),) if text else ()
        case Reasoning():
            text = _screen_of(screens, _REASONING, rules).feed(event.text)
            return ((event if text == event.text else Reasoning(text=text)),) if text else ()
        case ToolCallDelta():
            return _screen_call(event, screens, rules)
        case Done():
            return _finish(screens)
        case _:
            return ()


def _screen_call(event: ToolCallDelta, screens: dict[int, Screen], rules: Inline) -> Sequence[Event]:
    """What of a call may be shown. Its name comes in one piece: nothing of it waits, and half of it is no name."""
    name = event.name
    if name:
        screen = _screen_of(screens, _NAMES - event.index, rules)
        name = screen.feed(name) + screen.finish()
        if screen.hit is not None:
            return ()
    text = _screen_of(screens, event.index, rules).feed(event.arguments)
    if text == event.arguments and name == event.name:
        return (event,)
    shown = msgspec.structs.replace(event, name=name, arguments=text)
    return (shown,) if text or event.id or event.name else ()


def _screen_of(screens: dict[int, Screen], channel: int, rules: Inline) -> Screen:
    screen = screens.get(channel)
    if screen is None:
        screen = screens[channel] = Screen(rules, as_json=channel >= 0)
    return screen


def _finish(screens: Mapping[int, Screen]) -> list[Event]:
    """What the screens held back."""
    held: list[Event] = []
    for channel, screen in screens.items():
        text = screen.finish()
        if not text:
            continue
        match channel:
            case -1:
                held.append(Delta(text=text))
            case -2:
                held.append(Reasoning(text=text))
            case index:
                held.append(ToolCallDelta(index=index, arguments=text))
    return held


def _all_text(message: Message) -> str:
    """Everything a model would read of ``message`` in words."""
    said = [message.content, *(part.text for part in message.parts or () if part.text)]
    called = [f"{call.name} {call.arguments}" for call in message.tool_calls or ()]
    return "\n".join([*([message.reasoning] if message.reasoning else ()), *said, *called])
