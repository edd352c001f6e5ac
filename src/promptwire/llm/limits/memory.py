"""Levels of one process: the generic cell rate algorithm with reservations, in memory.

A bucket is one instant: the time at which everything taken from it will have flowed in again (GCRA's theoretical
arrival time). Taking moves it ahead, a refund moves it back. A refund for something taken before the bucket was last
empty is dropped: that charge has flowed out already, and giving it back would create credit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge, Kind, Level, Verdict


@dataclass(slots=True)
class _Rate:
    limit: Limit
    full_at: float = 0.0  # GCRA's theoretical arrival time
    empty_at: float = 0.0  # when the bucket was last seen empty


@dataclass(slots=True)
class _Slots:
    limit: Limit
    holders: dict[str, float] = field(default_factory=dict[str, float])  # reservation -> end of its lease


@dataclass(slots=True)
class _Reservation:
    at: float
    charges: tuple[Charge, ...]
    verdict: Verdict


class MemoryBuckets:
    """`promptwire.llm.limits.limit.Buckets` for one process. ``clock`` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rates: dict[str, _Rate] = {}
        self._slots: dict[str, _Slots] = {}
        self._reservations: dict[str, _Reservation] = {}
        self._leases: list[tuple[float, str]] = []
        self._sweep_at = 1_000

    async def reserve(self, reservation: str, charges: tuple[Charge, ...], *, lease_s: float) -> Verdict:
        """See `Buckets.reserve`."""
        now = self._clock()
        self._expire(now)
        if (known := self._reservations.get(reservation)) is not None:
            return known.verdict
        remaining: list[float] = []
        for index, charge in enumerate(charges):
            wait_s, left = self._probe(charge, now)
            if wait_s > 0:
                return Verdict(granted=False, refused=index, wait_s=wait_s, remaining=(max(left, 0.0),))
            remaining.append(left)
        for charge in charges:
            self._take(reservation, charge, now, lease_s)
        verdict = Verdict(granted=True, remaining=tuple(remaining))
        self._reservations[reservation] = _Reservation(now, charges, verdict)
        heappush(self._leases, (now + lease_s, reservation))
        return verdict

    async def settle(self, reservation: str, actual: Mapping[Kind, float]) -> None:
        """See `Buckets.settle`."""
        taken = self._reservations.pop(reservation, None)
        if taken is None:
            return
        for charge in taken.charges:
            if charge.limit.kind == "streams":
                self._release(charge.bucket, reservation)
            elif (used := actual.get(charge.limit.kind)) is not None:
                self._correct(charge, used - charge.cost, taken.at)

    async def levels(self, limits: Iterable[Limit]) -> list[Level]:
        """See `Buckets.levels`."""
        now = self._clock()
        self._expire(now)
        wanted = {limit.id for limit in limits}
        levels = [
            Level(
                limit=rate.limit.id,
                bucket=key,
                used=max(rate.full_at - now, 0.0) / Charge(limit=rate.limit, bucket=key, cost=0).unit_s,
                amount=rate.limit.amount,
            )
            for key, rate in self._rates.items()
            if rate.limit.id in wanted
        ]
        return levels + [
            Level(limit=slots.limit.id, bucket=key, used=len(slots.holders), amount=slots.limit.amount)
            for key, slots in self._slots.items()
            if slots.limit.id in wanted
        ]

    def _probe(self, charge: Charge, now: float) -> tuple[float, float]:
        """Seconds to wait before ``charge`` fits (0 when it does now), and what is left in the bucket after it."""
        if charge.limit.kind == "streams":
            slots = self._slots.get(charge.bucket)
            left = charge.limit.amount - (len(slots.holders) if slots else 0) - charge.cost
            return (0.0, left) if left >= 0 else (1.0, 0.0)
        rate = self._rates.get(charge.bucket)
        ahead = max(rate.full_at - now, 0.0) if rate else 0.0
        spare = charge.tolerance_s - ahead - charge.cost_s
        return max(-spare, 0.0) if spare < -1e-9 else 0.0, max(spare, 0.0) / charge.unit_s

    def _take(self, reservation: str, charge: Charge, now: float, lease_s: float) -> None:
        if charge.limit.kind == "streams":
            slots = self._slots.setdefault(charge.bucket, _Slots(charge.limit))
            slots.limit = charge.limit
            slots.holders[reservation] = now + lease_s
            return
        rate = self._rates.setdefault(charge.bucket, _Rate(charge.limit))
        rate.limit = charge.limit
        if rate.full_at <= now:
            rate.full_at = rate.empty_at = now
        rate.full_at += charge.cost_s

    def _correct(self, charge: Charge, delta: float, taken_at: float) -> None:
        rate = self._rates.get(charge.bucket)
        if rate is None:
            return
        if delta > 0:
            rate.full_at = max(rate.full_at, self._clock()) + delta * charge.unit_s
        elif taken_at >= rate.empty_at:
            rate.full_at += delta * charge.unit_s

    def _release(self, bucket: str, reservation: str) -> None:
        slots = self._slots[bucket]
        slots.holders.pop(reservation, None)
        if not slots.holders:
            del self._slots[bucket]

    def _expire(self, now: float) -> None:
        """Forget reservations whose lease ended: their streams are free, what else they took stays spent."""
        while self._leases and self._leases[0][0] <= now:
            _, reservation = heappop(self._leases)
            taken = self._reservations.pop(reservation, None)
            if taken is None:
                continue
            for charge in taken.charges:
                if charge.limit.kind == "streams":
                    self._release(charge.bucket, reservation)
        if len(self._leases) + len(self._rates) > self._sweep_at:
            self._sweep(now)

    def _sweep(self, now: float) -> None:
        """Drop what says nothing any more: leases of settled reservations, and empty buckets."""
        self._leases = sorted(lease for lease in self._leases if lease[1] in self._reservations)
        self._rates = {key: rate for key, rate in self._rates.items() if rate.full_at > now}
        self._sweep_at = 2 * (len(self._leases) + len(self._rates)) + 1_000
