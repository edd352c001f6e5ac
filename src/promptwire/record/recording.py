"""The place for one run being recorded: what was asked, what came so far, and how it ended.

Nothing is written here and nothing waits: `noting` is on the path of every token.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from promptwire.answer import Answer
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Delta, Done, Event, Message, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.api.prompt import Content
from promptwire.api.record import RunStatus
from promptwire.entries import entry
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.person import NOBODY, USER
from promptwire.record.rounds import Rounds
from promptwire.record.trimming import shorten, trim
from promptwire.span import ended_by
from thriftwire.streams import Sink

ANSWER: Final = 256 * 1024  # characters of an answer, its reasoning and tool calls included
PIECES: Final = 100  # of an answer that are held one by one
EXCERPT: Final = 200  # characters
TURNS: Final = frozenset({Start, Done, ToolResult})  # what has to be known at once, with all that came before
_CONTENTS: Final = ("request", "content", "messages", "answer", "rounds")


class Recording:
    """One run. ``tell`` is called when it begins, when the model is asked and when it has ended.

    `row` says then what is to be kept.
    """

    def __init__(
        self, run_id: str, trace_id: str, request: Any, *, prompt: str | None, tell: Callable[[Recording], None]
    ) -> None:
        self.run_id, self.trace_id = run_id, trace_id
        self.status: RunStatus = "running"
        self._request, self._prompt, self._tell = request, prompt, tell
        self._who = {"person": (entry(USER) or NOBODY).strip(), "key": entry("key") or ""}
        self._scenario = entry("scenario") or ""
        self._started_at = timestamp()
        self._clock = time.perf_counter
        self._begun = self._clock()
        self._ttft_ms: float | None = None
        self._duration_ms: float | None = None
        self._version: str | None = None
        self._content: Content | None = None
        self._messages: list[Message] | None = None
        self._model: str | None = None
        self._failure: Failure | None = None
        self._answer = Answer()
        self._rounds = Rounds()
        self._usage: Usage | None = None
        self._fresh: list[Event] = []  # came, and is not in the answer yet
        self._room = ANSWER
        self._missing = 0

    def __enter__(self) -> Self:
        """The run begins."""
        self._tell(self)
        return self

    def __exit__(self, _: type[BaseException] | None, exc: BaseException | None, __: TracebackType | None) -> None:
        """The run has ended."""
        self._duration_ms = _ms(self._clock() - self._begun)
        self.gather()
        self.status, self._failure = self._end(exc)
        self._tell(self)

    def chose(self, version: str, content: Content) -> None:
        """What of the prompt is run."""
        self._version, self._content = version, content
        self._model = content.model or None

    def asks(self, chat: ChatRequest) -> None:
        """What the model is asked first."""
        if self._messages is None:
            self._messages = chat.messages
            self._model = chat.model
            self._tell(self)  # so that what was asked is kept also when the process dies now

    def noting(self, emit: Sink[Event]) -> Sink[Event]:
        """The stage that takes note of events: most are only held, and looked at many at a time."""
        return _Noting(self, self._fresh, emit).take

    def gather(self) -> None:
        """Take what came into the answer. Words and thoughts are apart in it, so the words may go first, as one."""
        fresh = self._fresh.copy()
        self._fresh.clear()
        said = "".join([event.text for event in fresh if type(event) is Delta])
        if said and len(said) <= self._room:
            self._take(Delta(text=said))
            fresh = [event for event in fresh if type(event) is not Delta]
        for event in fresh:
            self._take(event)
        self._answer.compact()

    def _take(self, event: Event) -> None:
        match event:
            case Delta() | Reasoning():
                size = len(event.text)
            case ToolCallDelta():
                size = len(event.arguments)
                self._rounds.called()
            case _:
                self._note(event)
                return
        if size > self._room:
            self._room = 0
            self._missing += size
            return
        self._room -= size
        self._answer.add(event)

    def row(self, *, contents: bool) -> dict[str, Any]:
        """The run as it is now, by the columns of `promptwire.record.store.runs`."""
        start, done = self._answer.start, self._answer.done
        usage = self._usage if done is None else done.usage
        row: dict[str, Any] = {
            "id": self.run_id,
            "prompt": self._prompt,
            "version": self._version or getattr(self._request, "version", None),
            "label": getattr(self._request, "label", None),
            "status": self.status,
            "started_at": self._started_at,
            "duration_ms": self._duration_ms,
            "ttft_ms": self._ttft_ms if done is None else done.ttft_ms,
            "finish_reason": None if done is None else done.finish_reason,
            "model": self._model,
            "usage": usage,
            "cost": None if usage is None else usage.cost,
            "error": None if self._failure is None else self._failure.to_error(),
            "trace_id": self.trace_id,
            **self._who,
            "scenario": self._scenario,
            "replay_of": getattr(self._request, "replay_of", None),
            "attempts": None if start is None else start.attempts,
        }
        return row | (self._contents() if contents else {**dict.fromkeys(_CONTENTS), "excerpt": "", "cut": []})

    def _contents(self) -> dict[str, Any]:
        answer = self._said()
        found = {
            "request": self._request,
            "content": self._content,
            "messages": self._messages,
            "answer": answer,
            "rounds": self._rounds.kept or None,
        }
        trimmed = {name: trim(value) for name, value in found.items() if value is not None}
        cut = [name for name, one in trimmed.items() if not one.whole]
        if self._missing and "answer" not in cut:
            cut.append("answer")
        cut_rounds = bool(self._missing and self._rounds.kept) or not self._rounds.whole
        if cut_rounds and "rounds" not in cut:
            cut.append("rounds")
        text = answer.content if answer is not None else ""
        return {
            **{name: trimmed[name].text if name in trimmed else None for name in _CONTENTS},
            "excerpt": text[:EXCERPT],
            "cut": cut,
        }

    def _said(self) -> Message | None:
        """What the model said; nothing while it speaks."""
        if self.status == "running" or self._answer.start is None:
            return None
        message = self._answer.message
        if self._missing:
            message.content = shorten(message.content, len(message.content), self._missing)
        return message

    def _note(self, event: Event) -> None:
        """Take note of an event that carries nothing the model wrote."""
        if isinstance(event, Usage):
            self._usage = event
            return
        if isinstance(event, ToolResult):
            self._rounds.add(event, self._answer)
        elif isinstance(event, Start):
            self._model = event.model
            if self._ttft_ms is None:
                self._ttft_ms = _ms(self._clock() - self._begun)
        self._answer.add(event)

    def _end(self, exc: BaseException | None) -> tuple[RunStatus, Failure | None]:
        if self._answer.done is not None:
            return "done", None
        if exc is None:
            failure = Failure("upstream_cut", "the answer stopped before its end", phase="first_packet")
        else:
            failure = ended_by(exc)
        started = self._answer.start is not None
        phase = "mid_stream" if started and failure.phase == "first_packet" else None
        status: RunStatus = "cancelled" if failure.class_ == "cancelled" else "failed"
        return status, failure.but(phase=phase, trace_id=self.trace_id)


class _Noting:
    """The stage of `Recording.noting`."""

    __slots__ = ("_emit", "_fresh", "_recording")

    def __init__(self, recording: Recording, fresh: list[Event], emit: Sink[Event]) -> None:
        self._recording, self._fresh, self._emit = recording, fresh, emit

    def take(self, event: Event) -> None:
        """The next one."""
        self._fresh.append(event)
        if type(event) in TURNS or len(self._fresh) >= PIECES:
            self._recording.gather()
        self._emit(event)


class Unrecorded:
    """A run of which nothing is kept: part of another that is, or of a service without a journal."""

    def __enter__(self) -> Self:
        """Nothing begins."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing has ended."""

    def chose(self, version: str, content: Content) -> None:
        """Nobody asks."""

    def asks(self, chat: ChatRequest) -> None:
        """Nobody asks."""

    def noting(self, emit: Sink[Event]) -> Sink[Event]:
        """Nobody asks."""
        return emit


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
