"""The place for one run of a model while it lasts: what it is called, how far it came, and how it ended."""

from __future__ import annotations

import logging
import os
import time
from typing import Final

from promptwire.api.message import Attempt, Done, FinishReason, RateLimit, Start, Usage
from promptwire.errors import Failure, from_exception
from promptwire.llm.provider import Target
from promptwire.person import entry

log = logging.getLogger(__name__)

TRACEPARENT: Final = "traceparent"  # W3C Trace Context, as a persistent entry of the call
RUN_ID: Final = "run-id"  # a persistent entry too: the gateway names the runs that it keeps


class Run:
    """One run, from the request to its one Done or Failure."""

    __slots__ = ("_attempts", "_begun", "_first_at", "finish_reason", "run_id", "trace_id", "usage")

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._first_at: float | None = None
        self._attempts: list[Attempt] = []
        self.run_id = entry(RUN_ID) or f"run_{os.urandom(12).hex()}"
        self.trace_id = _trace_id(entry(TRACEPARENT) or "") or os.urandom(16).hex()
        self.finish_reason: FinishReason | None = None
        self.usage: Usage | None = None

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
        return Done(
            finish_reason=self.finish_reason,
            usage=usage,
            cost=usage.cost,
            ttft_ms=_ms(self._first_at - self._begun),
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


def _trace_id(traceparent: str) -> str | None:
    """The trace id of a ``traceparent``: version, trace id, parent id, flags."""
    fields = traceparent.split("-")
    return fields[1] if len(fields) >= 4 and len(fields[1]) == 32 and fields[1].strip("0") else None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
