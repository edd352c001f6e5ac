"""The place for one run of a model while it lasts: what it is called, how far it came, how it ended, and its spans."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from opentelemetry.trace import Span, SpanKind

from promptwire.api.base import ErrorClass
from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Attempt, Done, FinishReason, RateLimit, Start, Usage
from promptwire.entries import run_id
from promptwire.errors import Failure, from_exception
from promptwire.llm.provider import Target
from promptwire.span import OPERATION, Spans, carried, ended_by, fail, of_details, of_usage, trace_id, unkept

log = logging.getLogger(__name__)

WAITED_S: Final = 0.005  # at the gates, before it is worth telling

STOPPED: Final[Mapping[ErrorClass, str]] = {
    "moderation_input": "moderation.stopped",
    "moderation_output": "moderation.stopped",
    "rate_limited": "limit.refused",
    "token_limited": "limit.refused",
    "concurrency_limited": "limit.refused",
    "budget_exhausted": "limit.refused",
}
"""The events of a run's span that say what stopped it; a vendor's own limit is an attempt's failure instead."""


class Run:
    """One run, from the request to its one Done or Failure: a context that ends as it does."""

    __slots__ = ("_attempts", "_begun", "_first_at", "_spans", "ended", "finish_reason", "run_id", "span", "usage")

    def __init__(self, request: ChatRequest | None = None, spans: Spans | None = None) -> None:
        self._begun = time.perf_counter()
        self._first_at: float | None = None
        self._attempts: list[Attempt] = []
        self.run_id = run_id()
        self.ended = False
        self._spans = spans or unkept()
        model = "" if request is None else request.model
        asked = {} if request is None else _asked(request)
        self.span = self._spans.start(
            f"chat {model}", parent=carried(), attributes={**asked, "promptwire.run.id": self.run_id}
        )
        self.finish_reason: FinishReason | None = None
        self.usage: Usage | None = None

    def __enter__(self) -> Self:
        """The run begins."""
        return self

    def __exit__(self, _: type[BaseException] | None, exc: BaseException | None, __: TracebackType | None) -> None:
        """The run has ended."""
        if exc is not None and not self.ended:
            failure = ended_by(exc)
            if failure.vendor is None and (event := STOPPED.get(failure.class_)) is not None:
                self.span.add_event(event, of_details(failure.to_error()))
            fail(self.span, failure)
        if self.usage is not None:
            self.span.set_attributes(of_usage(self.usage))
        self.span.end()

    @property
    def trace_id(self) -> str:
        """The trace it is part of."""
        return trace_id(self.span)

    def attempt(self, target: Target, number: int) -> Span:
        """A model is about to be asked, for the ``number``-th time: its span, which the caller ends."""
        reason = "retry" if number > 1 else "fallback" if self._attempts else "first"
        return self._spans.start(
            f"attempt {target.id}",
            parent=self.span,
            kind=SpanKind.CLIENT,
            attributes={
                OPERATION: "chat",
                "gen_ai.provider.name": target.endpoint.kind,
                "gen_ai.request.model": target.model,
                "server.address": target.endpoint.base_url or target.endpoint.name,
                "promptwire.attempt.number": number,
                "promptwire.attempt.reason": reason,
            },
        )

    def waited(self, seconds: float) -> None:
        """It was held up by a limit, or by what watches over what is asked."""
        if seconds >= WAITED_S:
            self.span.add_event("gates.waited", {"duration_ms": _ms(seconds)})

    @property
    def started(self) -> bool:
        """A token was seen."""
        return self._first_at is not None

    def tried(self, model: str, failure: Failure, took_s: float) -> None:
        """A model was asked and gave no token."""
        attempt = Attempt(model=model, class_=failure.class_, message=failure.message, duration_ms=_ms(took_s))
        self._attempts.append(attempt)

    def start(self, model: str, warnings: list[str] | None = None, limits: list[RateLimit] | None = None) -> Start:
        """The first token is here: the event that goes before it."""
        self._first_at = time.perf_counter()
        return Start(
            run_id=self.run_id,
            model=model,
            trace_id=self.trace_id,
            attempts=self._attempts or None,
            warnings=warnings or None,
            limits=limits or None,
        )

    def done(self, target: Target) -> Done:
        """The answer of ``target`` ended. Raises Failure when the vendor did not say so."""
        if self.finish_reason is None or self._first_at is None:
            raise Failure("upstream_cut", "the model stopped without saying why", phase="first_packet")
        usage = self.usage or Usage()
        usage.cost = target.cost(usage)
        self.ended, self.usage = True, usage
        ttft_s = self._first_at - self._begun
        self.span.set_attributes(
            {
                "gen_ai.provider.name": target.endpoint.kind,
                "gen_ai.response.model": target.id,
                "gen_ai.response.finish_reasons": [self.finish_reason],
                "gen_ai.response.time_to_first_chunk": ttft_s,
            }
        )
        return Done(
            finish_reason=self.finish_reason,
            usage=usage,
            cost=usage.cost,
            ttft_ms=_ms(ttft_s),
            duration_ms=_ms(time.perf_counter() - self._begun),
        )

    def failed(self, exc: Exception) -> Failure:
        """What went wrong, in the words of the table, in the phase the reader was in, with the run's trace id."""
        failure = from_exception(exc, phase="first_packet")
        if failure.class_ == "internal":
            log.error("run %s failed, trace %s", self.run_id, self.trace_id, exc_info=exc)
        phase = "mid_stream" if self.started and failure.phase == "first_packet" else None
        return failure.but(phase=phase, trace_id=self.trace_id, details=self._told())

    def _told(self) -> dict[str, str]:
        """What was tried, when it was more than the failure itself says."""
        if len(self._attempts) < 2:
            return {}
        return {"attempts": "; ".join(f"{attempt.model}: {attempt.class_}" for attempt in self._attempts)}


def _asked(request: ChatRequest) -> dict[str, Any]:
    """What is asked, as attributes; what was left to the vendor is left out."""
    given = request.parameters or Parameters()
    names = {
        "temperature": given.temperature,
        "top_p": given.top_p,
        "max_tokens": given.max_tokens,
        "stop_sequences": given.stop,
        "seed": given.seed,
        "presence_penalty": given.presence_penalty,
        "frequency_penalty": given.frequency_penalty,
        "reasoning.level": given.reasoning_effort,
    }
    said = {f"gen_ai.request.{name}": value for name, value in names.items() if value is not None}
    return {OPERATION: "chat", "gen_ai.request.model": request.model, "gen_ai.request.stream": True, **said}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
