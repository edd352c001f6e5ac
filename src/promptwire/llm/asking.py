"""The place for asking one model: tried again until its first token is there, then told as events to the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, NamedTuple

from opentelemetry.trace import Span

from promptwire.api.base import ErrorClass
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Event, Usage
from promptwire.errors import Failure, from_exception
from promptwire.llm.breaker import UNWELL, Breaker
from promptwire.llm.gates import Passage
from promptwire.llm.packets import Packets
from promptwire.llm.provider import Chunk, Finish, Provider, Target
from promptwire.llm.run import Run
from promptwire.llm.timeouts import Watch
from promptwire.span import ended_by, fail
from thriftwire.streams import Onward, Sink, onward, streamed

FIRST_PAUSE_S: Final = 0.2  # before a second attempt; doubled before each further one
LONGEST_PAUSE_S: Final = 5.0  # a vendor that wants more patience is not asked again
SLOW_S: Final = 10.0  # a failure that took so long will take so long again

# What the same vendor may do better a moment later.
AGAIN: Final[frozenset[ErrorClass]] = frozenset(
    {"upstream_error", "upstream_cut", "overloaded", "rate_limited", "token_limited", "timeout_connect"}
)
# What another vendor may do better.
ELSEWHERE: Final[frozenset[ErrorClass]] = frozenset(
    {*AGAIN, *UNWELL, "permission_denied", "not_found", "budget_exhausted"}
)


class Unanswered(Exception):
    """A model gave no token. ``failure`` is its last; ``elsewhere`` says whether another model may do better."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.elsewhere = failure.class_ in ELSEWHERE


@dataclass(slots=True, kw_only=True)  # not frozen: that takes a microsecond of each run
class Asked:
    """One model being asked for a run: what may still happen to it, and who counts along."""

    run: Run
    watch: Watch
    provider: Provider
    target: Target
    request: ChatRequest
    warnings: list[str]
    breaker: Breaker
    passage: Passage | None = None


class Answering(NamedTuple):
    """A model that has begun to answer: what came ``first``, and ``chunks``, all that follow.

    Whoever gets this closes ``chunks`` and ends ``span``.
    """

    first: Chunk
    chunks: AsyncGenerator[Chunk, None]
    span: Span


async def answering(asked: Asked) -> Answering:
    """Ask, as often as the target allows, until a first token is there. Raises Unanswered."""
    target, number = asked.target, 0
    while True:
        number += 1
        begun = time.perf_counter()
        try:
            return await _traced(asked, number)
        except Failure as failure:
            took_s = time.perf_counter() - begun
            asked.run.tried(target.id, failure, took_s)
            pause_s = _pause(failure, number)
            if number >= target.attempts or pause_s is None or took_s > SLOW_S or asked.watch.remaining_s <= pause_s:
                raise Unanswered(failure) from failure
            await asyncio.sleep(pause_s)


@streamed
async def events(asked: Asked, begun: Answering) -> AsyncGenerator[Event | Onward[Event], None]:
    """Start, what comes from the model, Done. Raises Failure."""
    run, target, passage, watch = asked.run, asked.target, asked.passage, asked.watch
    packets = None if target.packets is None else Packets(target.packets, target.id)

    def noting(emit: Sink[Event]) -> Sink[Chunk]:
        return _Noting(asked, packets, emit).take

    first: list[Event] = []
    watch.first_token()
    yield run.start(target.id, asked.warnings, passage.limits if passage is not None else None)
    try:
        noting(first.append)(begun.first)
        for event in first:
            yield event
        yield onward(begun.chunks, noting, watch)
        if run.usage is None and passage is not None:  # the vendor counted nothing
            run.usage = passage.estimated(target.model, asked.request)
        done = run.done(target)
    except asyncio.CancelledError:
        if (failure := watch.overdue()) is None:
            raise
        raise _failed(asked, begun, failure) from None
    except Failure as failure:
        _failed(asked, begun, failure)
        raise
    finally:
        watch.end()
    asked.breaker.ended()
    if passage is not None:
        passage.count(done)
    yield done


def _failed(asked: Asked, begun: Answering, failure: Failure) -> Failure:
    """Take note of what ended an answer."""
    asked.breaker.failed(failure)
    fail(begun.span, failure)
    return failure


class _Noting:
    """The stage that takes note of every chunk and hands on those that are events.

    An object, because what a closure holds lies apart, and is in no cache when the next of many streams has a chunk.
    """

    __slots__ = ("_cost", "_emit", "_packets", "_passage", "_run", "_watch")

    def __init__(self, asked: Asked, packets: Packets | None, emit: Sink[Event]) -> None:
        self._run, self._watch, self._passage, self._cost = asked.run, asked.watch, asked.passage, asked.target.cost
        self._packets, self._emit = packets, emit

    def take(self, chunk: Chunk) -> None:
        """The next one. Raises Failure (packet_limited)."""
        self._watch.heard = True
        if isinstance(chunk, Finish):
            self._run.finish_reason = chunk.reason
            return
        if isinstance(chunk, Usage):
            self._run.usage = chunk
            chunk.cost = self._cost(chunk)
        if (passage := self._passage) is not None:
            passage.count(chunk)
        if self._packets is not None:
            self._packets.check(chunk)
        self._emit(chunk)


async def _traced(asked: Asked, number: int) -> Answering:
    """Ask once, and leave the attempt's span open for the answer. Raises Failure."""
    span = asked.run.attempt(asked.target, number)
    try:
        return await _attempt(asked, span)
    except BaseException as exc:
        fail(span, ended_by(exc))
        span.end()
        raise


async def _attempt(asked: Asked, span: Span) -> Answering:
    """Ask once. Raises Failure."""
    target, breaker = asked.target, asked.breaker
    if not breaker.allow():
        span.add_event("breaker.open", {"failures": breaker.failures, "remaining_s": round(breaker.remaining_s, 3)})
        raise _left_alone(target, breaker)
    asked.watch.attempt(target.timeouts)
    asked.run.usage = None
    chunks = asked.provider.stream(target, asked.request)
    try:
        async for chunk in asked.watch.over(chunks):
            if not isinstance(chunk, Usage):
                breaker.answered()
                return Answering(chunk, chunks, span)
            asked.run.usage = chunk  # some vendors count the question before they answer
        raise Failure("upstream_cut", f"{target.endpoint.name} gave no answer", phase="first_packet")
    except Exception as exc:
        await chunks.aclose()
        failure = from_exception(exc, phase="first_packet")
        breaker.failed(failure)
        if failure.class_ == "internal":
            raise
        raise failure from exc
    except BaseException:  # the reader left
        await chunks.aclose()
        breaker.left()
        raise


def _pause(failure: Failure, number: int) -> float | None:
    """How long to wait before the next attempt; None when there should be none."""
    if failure.class_ not in AGAIN or not failure.retryable:
        return None
    pause_s = FIRST_PAUSE_S * 2 ** (number - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - apart, not secret
    pause_s = max(pause_s, failure.retry_after_s or 0.0)
    return pause_s if pause_s <= LONGEST_PAUSE_S else None


def _left_alone(target: Target, breaker: Breaker) -> Failure:
    wait_s = breaker.remaining_s
    last = f", last: {breaker.last.message}" if breaker.last is not None else ""
    return Failure(
        "overloaded",
        f"{target.id} failed {breaker.failures} times in a row and is left alone for {wait_s:.0f} s{last}",
        retry_after_s=round(wait_s, 1) or None,
        vendor=target.endpoint.name,
    )
