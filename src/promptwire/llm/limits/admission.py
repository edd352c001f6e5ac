"""The place where a request is let in: finds the limits that hold for it, reserves, waits its turn, settles.

A request that finds a limit taken waits only when that limit has a queue with room and the wait fits both the queue's
and the request's own time; otherwise it is refused at once, with when to come back.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from bisect import insort
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from promptwire.api.governance import Limit, LimitLevel
from promptwire.errors import Failure
from promptwire.llm.limits.limit import CLASS_OF_KIND, Buckets, Charge, Grant, Kind, Level, Subject, Verdict, bucket_of
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.limits.shared import LevelsLost

LEASE_SLACK_S: Final = 5.0  # a reservation outlives its stream's deadline by this much, then its owner is dead

_NOUN: Final[Mapping[Kind, str]] = {"requests": "requests", "tokens": "tokens", "streams": "streams at once"}


@dataclass(order=True, slots=True)
class _Waiter:
    """One request in a queue; lower ``rank`` goes first, then whoever came first."""

    rank: int
    number: int
    turn: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class Admission:
    """Lets requests in. ``limits`` gives the limits in force, read anew for each request.

    ``peers`` says how many processes share the limits, for those that are to be shared out while Redis is lost.
    """

    def __init__(
        self,
        buckets: Buckets,
        limits: Callable[[], Awaitable[Iterable[Limit]]],
        *,
        peers: Callable[[], int] = lambda: 1,
    ) -> None:
        self._buckets = buckets
        self._limits = limits
        self._peers = peers
        self._local = MemoryBuckets()  # what a lost limit's share is counted in
        self._queues: dict[str, list[_Waiter]] = {}
        self._numbers = itertools.count()
        self.lost = False

    async def admit(
        self, subject: Subject, *, tokens: float, lease_s: float, rank: int = 0, deadline: float | None = None
    ) -> Grant:
        """Reserve one request, one stream and ``tokens`` for ``subject``; give the grant to `settle`, however it ends.

        ``lease_s`` is the longest the stream may last, ``deadline`` (loop clock) ends a wait in the queue. Raises
        Failure of the refusing limit's class, phase connect.
        """
        charges = _charges(await self._limits(), subject, tokens)
        grant = Grant(id=uuid.uuid4().hex, charges=charges)
        if not charges:
            return grant
        lease_s += LEASE_SLACK_S
        try:
            grant.verdict = await self._reserve(grant, lease_s, skip_queues=False)
            if not grant.verdict.granted:
                await self._queue(grant, lease_s, rank, deadline)
        except (asyncio.CancelledError, Failure) as exc:
            if self.lost or isinstance(exc, asyncio.CancelledError):  # it may have been taken all the same
                await self.settle(grant, tokens=None, sent=False)
            raise
        return grant

    async def settle(self, grant: Grant, *, tokens: float | None, sent: bool = True) -> None:
        """Replace the reservation by what was used. ``tokens`` None: unknown, the reservation stays spent.

        ``sent`` False: nothing reached a vendor, so the request itself is given back too.
        """
        if not grant.charges:
            return
        actual: dict[Kind, float] = {"streams": 0.0}
        if not sent:
            actual |= {"requests": 0.0, "tokens": 0.0}
        elif tokens is not None:
            actual["tokens"] = tokens
        try:
            await self._buckets.settle(grant.id, actual)
        except LevelsLost:
            self.lost = True
        await self._local.settle(grant.id, actual)
        for charge in grant.charges:
            self._wake(charge.bucket)

    async def levels(self) -> list[LimitLevel]:
        """A gauge for each bucket in use."""
        limits = tuple(await self._limits())
        try:
            levels = await self._buckets.levels(limits)
            self.lost = False
        except LevelsLost:
            self.lost = True
            levels = await self._lost_levels(limits)
        return [
            LimitLevel(
                limit=level.limit,
                bucket=level.bucket,
                used=level.used,
                amount=level.amount,
                queued=len(self._queues.get(level.bucket, ())),
                lost=self.lost,
                processes=self._peers(),
            )
            for level in levels
        ]

    async def _lost_levels(self, limits: Iterable[Limit]) -> list[Level]:
        """What is counted here meanwhile; a limit of which nothing is has a gauge too, for it is to be seen."""
        counted = await self._local.levels(limits)
        known = {level.limit for level in counted}
        return counted + [
            Level(limit=limit.id, bucket=limit.id, used=0.0, amount=limit.amount)
            for limit in limits
            if limit.id not in known
        ]

    async def _reserve(self, grant: Grant, lease_s: float, *, skip_queues: bool) -> Verdict:
        """One try. A bucket that others queue for is refused to newcomers, or they would overtake."""
        if not skip_queues:
            for index, charge in enumerate(grant.charges):
                if self._queues.get(charge.bucket):
                    return Verdict(granted=False, refused=index, wait_s=charge.limit.max_wait_s)
        try:
            verdict = await self._buckets.reserve(grant.id, grant.charges, lease_s=lease_s)
            self.lost = False
            return verdict
        except LevelsLost:
            self.lost = True
            return await self._without_shared(grant, lease_s)

    async def _without_shared(self, grant: Grant, lease_s: float) -> Verdict:
        """What holds while the shared counters are lost: each limit's own choice."""
        shares: dict[int, Charge] = {}
        for index, charge in enumerate(grant.charges):
            limit = charge.limit
            if limit.when_lost == "closed":
                raise Failure(
                    "overloaded",
                    f"limit {limit.id!r} is closed while its shared counters are out of reach",
                    retry_after_s=1.0,
                    details={"limit": limit.id, "lost": "closed"},
                )
            if limit.when_lost == "share":
                shares[index] = Charge(limit=_share(limit, self._peers()), bucket=charge.bucket, cost=charge.cost)
        verdict = await self._local.reserve(grant.id, tuple(shares.values()), lease_s=lease_s)
        if verdict.granted:
            return Verdict(granted=True)
        return Verdict(granted=False, refused=tuple(shares)[verdict.refused], wait_s=verdict.wait_s)

    async def _queue(self, grant: Grant, lease_s: float, rank: int, deadline: float | None) -> None:
        """Wait for the refusing limit until it lets in. Raises Failure when it will not in time."""
        loop = asyncio.get_running_loop()
        charge = grant.charges[grant.verdict.refused]
        limit = charge.limit
        end = loop.time() + limit.max_wait_s
        end = end if deadline is None else min(end, deadline)
        queue = self._queues.setdefault(charge.bucket, [])
        if len(queue) >= limit.max_queue or loop.time() >= end:
            self._forget(charge.bucket)
            raise _refusal(charge, grant.verdict.wait_s, queued=len(queue))
        waiter = _Waiter(rank, next(self._numbers))
        insort(queue, waiter)
        try:
            while not grant.verdict.granted:
                pause = min(grant.verdict.wait_s if queue[0] is waiter else limit.max_wait_s, end - loop.time())
                if loop.time() >= end:
                    refusing = grant.charges[grant.verdict.refused]
                    raise _refusal(refusing, grant.verdict.wait_s, queued=len(queue) - 1)
                await _wait(waiter.turn, max(pause, 0.001))
                if queue[0] is waiter:
                    grant.verdict = await self._reserve(grant, lease_s, skip_queues=True)
        finally:
            queue.remove(waiter)
            self._wake(charge.bucket)
            self._forget(charge.bucket)

    def _wake(self, bucket: str) -> None:
        if queue := self._queues.get(bucket):
            queue[0].turn.set()

    def _forget(self, bucket: str) -> None:
        if not self._queues.get(bucket):
            self._queues.pop(bucket, None)


def _charges(limits: Iterable[Limit], subject: Subject, tokens: float) -> tuple[Charge, ...]:
    costs: dict[Kind, float] = {"requests": 1.0, "streams": 1.0, "tokens": tokens}
    charges: list[Charge] = []
    for limit in limits:
        bucket = bucket_of(limit, subject)
        if bucket is None:
            continue
        if costs[limit.kind] > limit.amount:
            raise _too_large(limit, costs[limit.kind])
        charges.append(Charge(limit=limit, bucket=bucket, cost=costs[limit.kind]))
    return tuple(charges)


async def _wait(turn: asyncio.Event, pause_s: float) -> None:
    try:
        async with asyncio.timeout(pause_s):
            await turn.wait()
    except TimeoutError:
        pass
    turn.clear()


def _share(limit: Limit, peers: int) -> Limit:
    """``limit`` for one of ``peers`` processes that cannot see each other; never less than one stream or request."""
    amount = limit.amount / max(peers, 1)
    return Limit(
        id=limit.id,
        kind=limit.kind,
        amount=amount if limit.kind == "tokens" else max(amount, 1.0),
        window_s=limit.window_s,
        burst=limit.burst,
    )


def _too_large(limit: Limit, cost: float) -> Failure:
    return Failure(
        CLASS_OF_KIND[limit.kind],
        f"the request asks for {cost:.0f} {_NOUN[limit.kind]}, more than limit {limit.id!r} ever allows"
        f" ({limit.amount:g} in {limit.window_s:g} s)",
        retryable=False,
        details={"limit": limit.id},
    )


def _refusal(charge: Charge, wait_s: float, *, queued: int) -> Failure:
    limit = charge.limit
    per = "" if limit.kind == "streams" else f" in {limit.window_s:g} s"
    waiting = f"; {queued} waiting" if queued else ""
    return Failure(
        CLASS_OF_KIND[limit.kind],
        f"limit {limit.id!r} is reached: {limit.amount:g} {_NOUN[limit.kind]}{per}{waiting}",
        retry_after_s=round(max(wait_s, 0.001), 3),
        details={"limit": limit.id, "bucket": charge.bucket, "kind": limit.kind, "amount": f"{limit.amount:g}"},
    )
