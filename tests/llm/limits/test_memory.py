"""Reservations over one process's buckets: conservation, refunds, leases, idempotence."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge
from promptwire.llm.limits.memory import MemoryBuckets

LIMIT = Limit(id="tpm", kind="tokens", amount=1000, window_s=60, burst=0.1)


class Clock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def charge(cost: float, limit: Limit = LIMIT) -> tuple[Charge, ...]:
    return (Charge(limit=limit, bucket=limit.id, cost=cost),)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "settle", "settle_twice", "die", "pass"]),
        st.integers(1, 300),  # tokens reserved, or tenths of a second that pass
        st.floats(0, 1.5),  # the part of a reservation that is used
    ),
    max_size=120,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_spending_never_exceeds_burst_and_inflow_and_one_reservation(steps: list[tuple[str, int, float]]) -> None:
    asyncio.run(_conserves(steps))


async def _conserves(steps: list[tuple[str, int, float]]) -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    start = clock.now
    held: list[tuple[str, float]] = []
    spent = reserved_most = over = 0.0
    for number, (step, size, part) in enumerate(steps):
        if step == "pass":
            clock.now += size / 10
        elif step == "reserve":
            verdict = await buckets.reserve(str(number), charge(size), lease_s=30)
            if verdict.granted:
                held.append((str(number), size))
                reserved_most = max(reserved_most, size)
        elif held:
            reservation, taken = held.pop(0)
            if step == "die":
                spent += taken  # nobody settles: what it used is unknown, at most all of it
            else:
                used = taken * part
                spent, over = spent + used, over + max(0.0, used - taken)
                for _ in range(2 if step == "settle_twice" else 1):
                    await buckets.settle(reservation, {"tokens": used})
        inflow = (clock.now - start) * LIMIT.amount * (1 - LIMIT.burst) / LIMIT.window_s
        in_flight = sum(taken for _, taken in held)
        assert spent + in_flight <= LIMIT.amount * LIMIT.burst + inflow + reserved_most + over + 1e-6


@given(st.lists(st.tuples(st.integers(1, 100), st.floats(0, 1)), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_refunds_never_create_credit(uses: list[tuple[int, float]]) -> None:
    """Whatever was refunded before, one moment never gives more than the burst."""
    asyncio.run(_no_credit(uses))


async def _no_credit(uses: list[tuple[int, float]]) -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    for number, (size, pause) in enumerate(uses):
        await buckets.reserve(str(number), charge(size), lease_s=1e6)
        clock.now += pause * 20
    for number, _ in enumerate(uses):
        await buckets.settle(str(number), {"tokens": 0})
    granted = 0
    while (await buckets.reserve(f"probe{granted}", charge(1), lease_s=10)).granted:
        granted += 1
    assert granted <= LIMIT.amount * LIMIT.burst


async def test_a_refused_reservation_says_when_to_come_back_and_then_fits() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    assert (await buckets.reserve("a", charge(100), lease_s=10)).granted
    refused = await buckets.reserve("b", charge(50), lease_s=10)
    assert not refused.granted and refused.refused == 0
    clock.now += refused.wait_s - 0.01
    assert not (await buckets.reserve("b", charge(50), lease_s=10)).granted
    clock.now += 0.011
    assert (await buckets.reserve("b", charge(50), lease_s=10)).granted


async def test_all_charges_are_taken_or_none() -> None:
    buckets = MemoryBuckets(Clock())
    small = Limit(id="rpm", kind="requests", amount=10, burst=0.1)
    both = (*charge(80), Charge(limit=small, bucket="rpm", cost=1))
    assert (await buckets.reserve("a", both, lease_s=10)).granted
    refused = await buckets.reserve("b", (*charge(10), Charge(limit=small, bucket="rpm", cost=1)), lease_s=10)
    assert refused.refused == 1
    levels = {level.limit: level.used for level in await buckets.levels([LIMIT, small])}
    assert round(levels["tpm"]) == 80  # the ten tokens of the refused one were not taken


async def test_the_same_reservation_is_taken_once() -> None:
    buckets = MemoryBuckets(Clock())
    for _ in range(5):
        assert (await buckets.reserve("a", charge(90), lease_s=10)).granted


async def test_more_than_reserved_is_owed() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    await buckets.reserve("a", charge(10), lease_s=10)
    await buckets.settle("a", {"tokens": 500})
    refused = await buckets.reserve("b", charge(1), lease_s=10)
    assert refused.wait_s > 20  # 400 tokens beyond the burst at 15 a second


async def test_streams_of_a_dead_owner_are_free_when_its_lease_ends() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    limit = Limit(id="streams", kind="streams", amount=2)
    for name in ("a", "b"):
        assert (await buckets.reserve(name, charge(1, limit), lease_s=30)).granted
    assert not (await buckets.reserve("c", charge(1, limit), lease_s=30)).granted
    await buckets.settle("a", {"streams": 0})
    assert (await buckets.reserve("c", charge(1, limit), lease_s=30)).granted
    clock.now += 31
    assert await buckets.levels([limit]) == []
    assert (await buckets.reserve("d", charge(1, limit), lease_s=30)).granted


async def test_memory_is_bounded_by_what_is_in_use() -> None:
    clock = Clock()
    buckets = MemoryBuckets(clock)
    for number in range(20_000):
        one = (Charge(limit=LIMIT, bucket=f"tpm|user={number}", cost=1),)
        await buckets.reserve(str(number), one, lease_s=600)
        await buckets.settle(str(number), {"tokens": 1})
        clock.now += 0.1
    assert len(buckets._rates) < 2_500 and len(buckets._leases) < 2_500
