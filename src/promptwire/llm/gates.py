"""What a run passes on its way to a model and back: limits, budgets, moderation.

A passage is taken before the vendor is asked and settled with what was used, however the run ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final, cast

import msgspec

import thriftwire.call
from promptwire.api.governance import Budget, Limit, RuleSet
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Delta, Done, Event, RateLimit, Reasoning, ToolCallDelta, Usage
from promptwire.entries import PROMPT, entry
from promptwire.llm.limits.admission import Admission
from promptwire.llm.limits.limit import Buckets, Charge, Subject
from promptwire.llm.moderation.checks import Ask
from promptwire.llm.moderation.moderation import Moderation
from promptwire.llm.outputs import Outputs
from promptwire.llm.spending import Hold, Purse
from promptwire.llm.store import Kept, RowStore
from promptwire.llm.tokens import Tokens, estimate

KINDS: Final[Mapping[str, type[Any]]] = {"limit": Limit, "budget": Budget, "rule_set": RuleSet}
JOINED: Final = 500  # pieces of text that become one; a piece is mostly overhead
UNCOUNTED: Final = 4 * 1024  # characters kept to be counted, if anybody asks; most answers are shorter
SCOPED: Final = ("workspace", "key", "user", "scenario")  # persistent entries of the call
ONE_OF_EACH: Final = Usage(
    input_tokens=1, cache_read_tokens=1, cache_write_tokens=1, output_tokens=1, reasoning_tokens=1
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is in force now."""

    limits: tuple[Limit, ...] = ()
    budgets: tuple[Budget, ...] = ()
    moderation: tuple[tuple[RuleSet, Moderation], ...] = ()


def compiled(rows: Mapping[str, Mapping[str, object]]) -> Rules:
    """The rows as they are used."""
    sets = cast(Mapping[str, RuleSet], rows["rule_set"]).values()
    return Rules(
        limits=tuple(cast(Mapping[str, Limit], rows["limit"]).values()),
        budgets=tuple(cast(Mapping[str, Budget], rows["budget"]).values()),
        moderation=tuple((one, Moderation(one)) for one in sets if one.enabled),
    )


@dataclass(slots=True, kw_only=True)
class Passage:
    """One run under way: the rules it began with, and what it has used so far."""

    subject: Subject
    ask: Ask
    tokens: Tokens
    moderation: tuple[Moderation, ...] = ()
    input_tokens: int = 0
    usage: Usage | None = None
    sent: bool = False
    ended: bool = False
    limits: list[RateLimit] = field(default_factory=list[RateLimit])  # what they leave after this run's reservation
    _text: list[str] = field(default_factory=list[str])  # not counted yet
    _output_tokens: int = 0

    async def request(self, request: ChatRequest) -> ChatRequest:
        """``request`` as it may be sent. Raises Failure (moderation_input)."""
        messages = request.messages
        for one in self.moderation:
            messages = await one.request(messages, self.ask)
        self.sent = True
        return request if messages is request.messages else msgspec.structs.replace(request, messages=messages)

    def count(self, event: Event) -> None:
        """Take note of an event that came from the vendor."""
        if type(event) is Delta or isinstance(event, Reasoning):  # nearly all are
            text = event.text
        elif isinstance(event, ToolCallDelta):
            text = event.arguments
        else:
            self._note(event)
            return
        self._text.append(text)
        if len(self._text) >= JOINED:
            self._join()

    def answer(self, stack: AsyncExitStack, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """``events`` as they may be shown: they raise Failure (moderation_output). ``stack`` closes what is added."""
        for one in self.moderation:
            events = one.answer(events, self.ask)
            stack.push_async_callback(events.aclose)
        return events

    def _note(self, event: Event) -> None:
        if isinstance(event, Usage):
            self.usage = event
        elif isinstance(event, Done):
            self.usage, self.ended = event.usage, True

    def _join(self) -> None:
        self._text = ["".join(self._text)]
        if len(self._text[0]) > UNCOUNTED:  # an answer without end must not be kept
            self._estimated()

    def _estimated(self) -> int:
        """About how many tokens came so far."""
        self._output_tokens += estimate("".join(self._text))
        self._text.clear()
        return self._output_tokens

    def used(self) -> Usage:
        """What was used: the vendor's word at the end, before it the larger of its word and what came."""
        said = self.usage or Usage()
        if self.ended:
            return said
        return msgspec.structs.replace(
            said,
            input_tokens=said.input_tokens or (self.input_tokens if not said.cache_read_tokens else 0),
            output_tokens=max(said.output_tokens, self._estimated() - said.reasoning_tokens),
        )

    def estimated(self, model: str, request: ChatRequest) -> Usage:
        """What a vendor that counts nothing would have counted."""
        counted = self.input_tokens or self.tokens.count_request(model, request.messages, request.tools or ()).tokens
        return Usage(input_tokens=counted, output_tokens=self._estimated(), estimated=True)


class Gates:
    """The gates of one process, one of ``peers`` that share ``buckets``. ``ask`` asks hooks and judges."""

    def __init__(
        self,
        rows: RowStore,
        buckets: Buckets,
        purse_of: Callable[[Callable[[], Awaitable[Any]]], Purse],
        ask: Ask,
        *,
        peers: Callable[[], int] = lambda: 1,
    ) -> None:
        self.rules = Kept(rows, KINDS, compiled)
        self.admission = Admission(buckets, self._limits, peers=peers)
        self.purse = purse_of(self._budgets)
        self.outputs = Outputs()
        self.tokens = Tokens()
        self._ask = ask

    async def _limits(self) -> tuple[Limit, ...]:
        return (await self.rules.now()).limits

    async def _budgets(self) -> tuple[Budget, ...]:
        return (await self.rules.now()).budgets

    @contextlib.asynccontextmanager
    async def passage(
        self,
        model: str,
        request: ChatRequest,
        *,
        total_s: float,
        price: Callable[[Usage], float | None],
        moderated: bool = True,
    ) -> AsyncIterator[Passage]:
        """Let ``request`` to the vendor's ``model`` in, for at most ``total_s`` seconds. Raises Failure.

        ``price`` says what a usage costs in US dollars, None when nobody knows.
        """
        rules = await self.rules.now()
        prompt = entry(PROMPT) or ""
        scopes = {name: value for name in SCOPED if (value := entry(name)) is not None}
        subject = Subject(model=request.model, **scopes)
        moderation = _applying(rules, subject) if moderated else ()
        if not rules.limits and not rules.budgets:
            yield Passage(subject=subject, ask=self._ask, tokens=self.tokens, moderation=moderation)
            return
        counted = self.tokens.count_request(model, request.messages, request.tools or ())
        maximum = request.parameters.max_tokens if request.parameters is not None else None
        output = self.outputs.expect(prompt, request.model, maximum)
        passage = Passage(
            subject=subject,
            ask=self._ask,
            tokens=self.tokens,
            moderation=moderation,
            input_tokens=counted.tokens,
        )
        call = thriftwire.call.current()
        deadline = call.deadline if call is not None else None
        rank = 1 if subject.scenario in {"judge", "tuning"} else 0  # people before machines
        grant = await self.admission.admit(
            subject, tokens=counted.tokens + output, lease_s=total_s, rank=rank, deadline=deadline
        )
        passage.limits = [
            _left(charge, remaining) for charge, remaining in zip(grant.charges, grant.verdict.remaining, strict=False)
        ]
        hold = Hold()
        try:
            if price(ONE_OF_EACH) != 0.0:  # what costs nothing passes also where nothing is left
                expected = price(Usage(input_tokens=counted.tokens, output_tokens=output))
                hold = await self.purse.reserve(subject, expected, lease_s=total_s)
            yield passage
        finally:
            used = passage.used() if passage.sent else Usage()
            if passage.ended:
                self.outputs.add(prompt, request.model, used.output_tokens + used.reasoning_tokens)
            await asyncio.shield(
                _settled(
                    self.admission.settle(grant, tokens=_total(used), sent=passage.sent),
                    self.purse.settle(hold, price(used) if passage.sent else 0.0),
                )
            )


async def _settled(*settling: Awaitable[None]) -> None:
    """Settle. What cannot be is no failure of the run, which has its answer: its lease ends, and it counts as spent."""
    for result in await asyncio.gather(*settling, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a reservation could not be settled", exc_info=result)


def _total(usage: Usage) -> int:
    """Tokens of every kind; vendors differ in whether they count what was read from a cache, so it counts."""
    read_or_written = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return read_or_written + usage.output_tokens + usage.reasoning_tokens


def _left(charge: Charge, remaining: float) -> RateLimit:
    limit = charge.limit
    taken_s = 0.0 if limit.kind == "streams" else charge.tolerance_s - remaining * charge.unit_s
    return RateLimit(
        limit=limit.id,
        kind=limit.kind,
        amount=limit.amount,
        remaining=round(remaining, 3),
        reset_s=round(max(0.0, taken_s), 3),
    )


def _applying(rules: Rules, subject: Subject) -> tuple[Moderation, ...]:
    """The rule sets in whose scope ``subject`` is."""
    return tuple(
        compiled
        for one, compiled in rules.moderation
        if all(
            getattr(one, scope) in (None, "*", getattr(subject, scope)) for scope in ("model", "workspace", "scenario")
        )
    )
