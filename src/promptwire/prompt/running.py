"""The place for one run of a prompt while it lasts: its span, its record, and how the model is asked on its behalf."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self

import msgspec
from opentelemetry.trace import Span

import thriftwire.call
from promptwire.api.llm import ChatRequest, LLMService
from promptwire.api.message import Done, Event, Start, ToolCall
from promptwire.api.prompt import Content, RunRequest
from promptwire.entries import PROMPT, RUN_ID, run_id, spelled
from promptwire.record.recorder import Recorder
from promptwire.record.recording import TURNS
from promptwire.span import TRACEPARENT, Spans, carried, ended_by, fail, trace_id, traceparent, unkept
from thriftwire.streams import Sink


class Runs:
    """Begins runs of prompts. Without ``spans`` and ``recorder`` nothing is kept of them."""

    def __init__(self, spans: Spans | None = None, recorder: Recorder | None = None) -> None:
        self._spans, self._recorder = spans or unkept(), recorder or Recorder()

    def begin(self, request: RunRequest) -> PromptRun:
        """The run of a request: a context that ends as the run does."""
        return PromptRun(self._spans, self._recorder, request)


class PromptRun:
    """One run. ``span`` is the parent of whatever is done for it."""

    def __init__(self, spans: Spans, recorder: Recorder, request: RunRequest) -> None:
        self.run_id = run_id()
        self.span = spans.start(
            f"run {request.key}",
            parent=carried(),
            attributes={"gen_ai.prompt.name": request.key, "promptwire.run.id": self.run_id},
        )
        self._spans, self._key = spans, request.key
        self.record = recorder.prompt(self.run_id, trace_id(self.span), request, request.key)
        self._stack = ExitStack()
        self._version = ""
        self._done = False  # the reader has the last event

    def __enter__(self) -> Self:
        """The run begins."""
        self._stack.callback(self.span.end)
        self._stack.enter_context(self.record)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """The run has ended."""
        if exc is not None and not self._done:  # who has the last event may leave
            fail(self.span, ended_by(exc))
        self._stack.__exit__(kind, exc, traceback)

    def chose(self, version: str, content: Content) -> None:
        """What of the prompt is run."""
        self._version = version
        self.span.set_attribute("gen_ai.prompt.version", version)
        self.record.chose(version, content)

    def noting(self, emit: Sink[Event]) -> Sink[Event]:
        """The stage that takes note of the run's events; the first says which prompt and version is running."""

        def tell(event: Event) -> None:
            if type(event) in TURNS:
                event = self._turned(event)
            emit(event)

        return self.record.noting(tell)

    def _turned(self, event: Event) -> Event:
        if isinstance(event, Start):
            return msgspec.structs.replace(event, prompt=self._key, version=self._version)
        self._done = isinstance(event, Done)
        return event

    def tool(self, call: ToolCall) -> AbstractContextManager[Span]:
        """The span of a call of a tool, as part of this run."""
        return self._spans.tool(call.name, call.id, parent=self.span)

    def ask(self, llm: LLMService, chat: ChatRequest) -> AsyncGenerator[Event, None]:
        """The model's answer to ``chat``, as part of this run; whoever reads it closes it."""
        self.record.asks(chat)
        entries = {RUN_ID: self.run_id, PROMPT: self._key, TRACEPARENT: traceparent(self.span)}
        with thriftwire.call.calling(persistent={spelled(name): value for name, value in entries.items()}):
            return llm.chat_stream(chat)
