"""Letting requests in: queues, priorities, lost counters, settlement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from promptwire.api.governance import Limit
from promptwire.errors import Failure
from promptwire.llm.limits.admission import Admission
from promptwire.llm.limits.limit import Charge, Kind, Level, Subject, Verdict
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.limits.shared import LevelsLost

SUBJECT = Subject(model="m", user="u")


def admission(*limits: Limit) -> Admission:
    return Admission(MemoryBuckets(), given(*limits))


def given(*limits: Limit) -> Callable[[], Awaitable[tuple[Limit, ...]]]:
    async def read() -> tuple[Limit, ...]:
        return limits

    return read


async def queued(door: Admission, count: int) -> None:
    """Wait until ``count`` requests queue at the door's one limit."""
    while sum(level.queued for level in await door.levels()) < count:  # noqa: ASYNC110  # nobody announces it
        await asyncio.sleep(0)


async def test_without_limits_everything_is_let_in() -> None:
    grant = await admission().admit(SUBJECT, tokens=1e9, lease_s=1)
    assert grant.charges == ()


async def test_a_taken_limit_refuses_with_its_class_and_when_to_come_back() -> None:
    door = admission(Limit(id="rpm", kind="requests", amount=60, burst=0.02))
    await door.admit(SUBJECT, tokens=0, lease_s=1)
    with pytest.raises(Failure, match="limit 'rpm' is reached: 60 requests in 60 s") as refused:
        await door.admit(SUBJECT, tokens=0, lease_s=1)
    assert refused.value.class_ == "rate_limited" and refused.value.phase == "connect"
    assert refused.value.retry_after_s is not None and 0 < refused.value.retry_after_s < 2


async def test_a_request_larger_than_the_limit_is_refused_for_good() -> None:
    door = admission(Limit(id="tpm", kind="tokens", amount=100))
    with pytest.raises(Failure, match="101 tokens, more than") as refused:
        await door.admit(SUBJECT, tokens=101, lease_s=1)
    assert refused.value.class_ == "token_limited" and not refused.value.retryable


async def test_a_queue_lets_in_by_priority_then_by_arrival() -> None:
    door = admission(Limit(id="one", kind="streams", amount=1, max_queue=3, max_wait_s=5))
    first = await door.admit(SUBJECT, tokens=0, lease_s=10)
    order: list[str] = []

    async def come(name: str, rank: int) -> None:
        grant = await door.admit(SUBJECT, tokens=0, lease_s=10, rank=rank)
        order.append(name)
        await door.settle(grant, tokens=0)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for name, rank in (("late", 1), ("later", 1), ("urgent", 0)):
            group.create_task(come(name, rank))
        await queued(door, 3)
        with pytest.raises(Failure, match="3 waiting"):
            await door.admit(SUBJECT, tokens=0, lease_s=10)
        await door.settle(first, tokens=0)
    assert order == ["urgent", "late", "later"]


async def test_a_wait_ends_at_the_limit_of_the_queue_and_of_the_request() -> None:
    door = admission(Limit(id="one", kind="streams", amount=1, max_queue=3, max_wait_s=0.05))
    await door.admit(SUBJECT, tokens=0, lease_s=10)
    with pytest.raises(Failure, match="limit 'one' is reached"):
        await door.admit(SUBJECT, tokens=0, lease_s=10)
    with pytest.raises(Failure, match="limit 'one' is reached"):
        await door.admit(SUBJECT, tokens=0, lease_s=10, deadline=asyncio.get_running_loop().time())
    assert (await door.levels())[0].queued == 0


async def test_a_waiter_who_leaves_takes_nothing_and_blocks_nobody() -> None:
    door = admission(Limit(id="one", kind="streams", amount=1, max_queue=3, max_wait_s=5))
    first = await door.admit(SUBJECT, tokens=0, lease_s=10)
    waiting = asyncio.create_task(door.admit(SUBJECT, tokens=0, lease_s=10))
    await queued(door, 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await door.settle(first, tokens=0)
    await door.admit(SUBJECT, tokens=0, lease_s=10)


async def test_what_never_reached_a_vendor_is_given_back_whole() -> None:
    door = admission(Limit(id="rpm", kind="requests", amount=60, burst=0.02))
    for _ in range(5):
        grant = await door.admit(SUBJECT, tokens=0, lease_s=1)
        await door.settle(grant, tokens=0, sent=False)


class Lost:
    """Shared counters that cannot be reached."""

    async def reserve(self, reservation: str, charges: tuple[Charge, ...], *, lease_s: float) -> Verdict:
        raise LevelsLost

    async def settle(self, reservation: str, actual: Mapping[Kind, float]) -> None:
        raise LevelsLost

    async def levels(self, limits: object) -> list[Level]:
        raise LevelsLost


async def test_a_lost_counter_is_closed_unless_its_limit_says_otherwise() -> None:
    limit = Limit(id="rpm", kind="requests", amount=60, burst=0.05)
    with pytest.raises(Failure, match="out of reach") as refused:
        await Admission(Lost(), given(limit)).admit(SUBJECT, tokens=0, lease_s=1)
    assert refused.value.class_ == "overloaded" and refused.value.details["lost"] == "closed"


async def test_a_lost_counter_may_be_open_or_shared_out_and_the_gauge_says_so() -> None:
    opened = Admission(Lost(), given(Limit(id="o", kind="requests", amount=1, when_lost="open")))
    for _ in range(5):
        await opened.settle(await opened.admit(SUBJECT, tokens=0, lease_s=1), tokens=0)
    limit = Limit(id="s", kind="streams", amount=4, when_lost="share")
    shared = Admission(Lost(), given(limit), peers=lambda: 2)
    for _ in range(2):
        await shared.admit(SUBJECT, tokens=0, lease_s=1)
    with pytest.raises(Failure) as refused:
        await shared.admit(SUBJECT, tokens=0, lease_s=1)
    assert refused.value.class_ == "concurrency_limited"
    assert [(gauge.lost, gauge.used) for gauge in await shared.levels()] == [(True, 2)]
