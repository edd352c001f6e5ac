"""Levels that several processes share, on a real Redis."""

from __future__ import annotations

import asyncio
import multiprocessing
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

import pytest
import redis.asyncio

from demand import Demand, run
from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge
from promptwire.llm.limits.shared import LevelsLost, SharedBuckets

WINDOW_S = 6.0
AMOUNT = 36_000
BUSY_S = 14.0


@pytest.fixture
async def buckets(redis_server: str) -> AsyncIterator[SharedBuckets]:
    async with redis.asyncio.from_url(redis_server) as client:
        yield SharedBuckets(client)


def limit(**changes: object) -> Limit:
    """A limit of its own for each test: they share one server."""
    return Limit(**({"id": uuid.uuid4().hex, "kind": "tokens", "amount": 1000, "burst": 0.1} | changes))  # pyright: ignore[reportArgumentType]


def charge(one: Limit, cost: float) -> tuple[Charge, ...]:
    return (Charge(limit=one, bucket=one.id, cost=cost),)


async def test_a_reservation_is_taken_once_settled_once_and_its_rest_comes_back(buckets: SharedBuckets) -> None:
    one = limit()
    for _ in range(3):
        assert (await buckets.reserve("same" + one.id, charge(one, 90), lease_s=30)).granted
    refused = await buckets.reserve(uuid.uuid4().hex, charge(one, 50), lease_s=30)
    assert not refused.granted and refused.refused == 0 and 0 < refused.wait_s < 60
    for _ in range(3):
        await buckets.settle("same" + one.id, {"tokens": 10})
    assert [round(level.used, -1) for level in await buckets.levels([one])] == [10]
    assert (await buckets.reserve(uuid.uuid4().hex, charge(one, 80), lease_s=30)).granted
    assert not (await buckets.reserve(uuid.uuid4().hex, charge(one, 80), lease_s=30)).granted


async def test_all_charges_are_taken_or_none(buckets: SharedBuckets) -> None:
    tokens, streams = limit(), limit(kind="streams", amount=1)
    both = (*charge(tokens, 40), *charge(streams, 1))
    assert (await buckets.reserve("a" + tokens.id, both, lease_s=30)).granted
    refused = await buckets.reserve("b" + tokens.id, both, lease_s=30)
    assert refused.refused == 1
    assert [round(level.used, -1) for level in await buckets.levels([tokens])] == [40]
    await buckets.settle("a" + tokens.id, {"tokens": 40, "streams": 0})
    assert (await buckets.reserve("b" + tokens.id, both, lease_s=30)).granted


async def test_more_than_reserved_is_owed(buckets: SharedBuckets) -> None:
    one = limit()
    await buckets.reserve("a" + one.id, charge(one, 10), lease_s=30)
    await buckets.settle("a" + one.id, {"tokens": 500})
    assert (await buckets.reserve("b" + one.id, charge(one, 1), lease_s=30)).wait_s > 20


async def test_streams_of_a_dead_owner_are_free_when_its_lease_ends(buckets: SharedBuckets) -> None:
    one = limit(kind="streams", amount=1)
    assert (await buckets.reserve("dead" + one.id, charge(one, 1), lease_s=0.05)).granted
    verdict = await buckets.reserve("next" + one.id, charge(one, 1), lease_s=30)
    async with asyncio.timeout(5):
        while not verdict.granted:  # the server's clock decides; nothing tells us
            verdict = await buckets.reserve("next" + one.id, charge(one, 1), lease_s=30)


async def test_a_lost_server_is_said_so() -> None:
    async with redis.asyncio.from_url("redis://127.0.0.1:1") as client:
        lost = SharedBuckets(client)
        with pytest.raises(LevelsLost):
            await lost.reserve("a", charge(limit(), 1), lease_s=1)
        with pytest.raises(LevelsLost):
            await lost.levels([limit()])


@pytest.mark.timeout(90)
def test_four_processes_use_the_limit_and_no_window_holds_more(redis_server: str) -> None:
    one = limit(amount=AMOUNT, window_s=WINDOW_S, burst=0.05)
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        used = list(pool.map(run, [Demand(redis_server, one, seed, BUSY_S) for seed in range(4)]))
    calls = sorted(call for process in used for call in process)
    begin, end = calls[0][0], calls[-1][0]
    busiest, first, held = 0.0, 0, 0.0
    for at, tokens in calls:
        held += tokens
        while calls[first][0] < at - WINDOW_S:
            held -= calls[first][1]
            first += 1
        busiest = max(busiest, held)
    use = sum(tokens for _, tokens in calls) / (AMOUNT * (end - begin) / WINDOW_S)
    assert busiest <= 1.02 * AMOUNT, f"busiest window {busiest / AMOUNT:.3f} of the limit"
    assert use >= 0.9, f"use {use:.3f}"
