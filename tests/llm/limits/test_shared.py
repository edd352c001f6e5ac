"""Levels that several processes share, on a real Redis."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demand import CALLERS, Call, Demand, calls, run
from journeys.served import eventually
from promptwire.api.governance import Limit
from promptwire.errors import Failure
from promptwire.llm.limits.admission import Admission
from promptwire.llm.limits.limit import Charge, Subject
from promptwire.llm.limits.shared import LevelsLost, SharedBuckets, connect

WINDOW_S = 6.0
AMOUNT = 36_000
BUSY_S = 14.0


@pytest.fixture
async def buckets(redis_server: str) -> AsyncIterator[SharedBuckets]:
    async with connect(redis_server) as client:
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
    async with connect("redis://127.0.0.1:1") as client:
        lost = SharedBuckets(client)
        with pytest.raises(LevelsLost):
            await lost.reserve("a", charge(limit(), 1), lease_s=1)
        with pytest.raises(LevelsLost):
            await lost.levels([limit()])


async def test_nothing_is_remembered_of_whom_a_lost_server_kept_out() -> None:
    async def limits() -> list[Limit]:
        return [limit()]

    async with connect("redis://127.0.0.1:1") as client:
        buckets = SharedBuckets(client)
        admission = Admission(buckets, limits)
        for _ in range(3):
            with pytest.raises(Failure, match="is closed"):
                await admission.admit(Subject(model="m"), tokens=1, lease_s=60)
        assert not buckets._taken


STEPS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["reserve", "reserve", "settle", "settle_twice", "die"]),
            st.integers(1, 60),  # tokens reserved
            st.floats(0, 1.5),  # the part of a reservation that is used
        ),
        min_size=1,
        max_size=6,
    ),
    max_size=12,
)
NEVER_S = 1e9  # a window in which nothing flows in while a test lasts
BURST = 100.0


@given(batches=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_processes_that_interleave_and_die_never_take_more_than_there_is(
    redis_server: str, batches: list[list[tuple[str, int, float]]]
) -> None:
    asyncio.run(_conserves(redis_server, batches))


async def _conserves(url: str, batches: list[list[tuple[str, int, float]]]) -> None:
    """Each batch happens at once, in two processes; nothing flows in, so what was taken is what is gone."""
    tokens = limit(amount=1000, burst=0.1, window_s=NEVER_S)
    streams = limit(kind="streams", amount=5)
    async with connect(url) as one, connect(url) as other:
        processes = SharedBuckets(one), SharedBuckets(other)
        held: dict[str, tuple[int, float]] = {}  # process and tokens of each that may still be settled
        spent = over = 0.0
        alive = 0

        async def step(number: int, kind: str, size: int, part: float) -> None:
            nonlocal spent, over, alive
            at = number % 2
            if kind == "reserve":
                name = uuid.uuid4().hex
                verdict = await processes[at].reserve(name, (*charge(tokens, size), *charge(streams, 1)), lease_s=60)
                if verdict.granted:
                    held[name] = at, size
                    alive += 1
                return
            if not held:
                return
            name = next(iter(held))
            at, taken = held.pop(name)
            if kind == "die":
                spent += taken
                return  # its stream stays taken until its lease ends
            spent, over = spent + taken * part, over + max(0.0, taken * part - taken)
            for _ in range(2 if kind == "settle_twice" else 1):
                await processes[at].settle(name, {"tokens": taken * part, "streams": 0})
            alive -= 1

        for batch in batches:
            await asyncio.gather(*(step(number, *one) for number, one in enumerate(batch)))
            gone = spent + sum(taken for _, taken in held.values())
            assert gone <= BURST + over + 1e-3
            levels = {level.limit: level.used for level in await processes[0].levels([tokens, streams])}
            assert levels.get(tokens.id, 0.0) == pytest.approx(gone, abs=0.1)
            assert levels.get(streams.id, 0.0) == alive <= 5


def busiest(calls: list[Call]) -> float:
    """The most tokens in any window."""
    most, first, held = 0.0, 0, 0.0
    for call in calls:
        held += call.tokens
        while calls[first].at < call.at - WINDOW_S:
            held -= calls[first].tokens
            first += 1
        most = max(most, held)
    return most


@pytest.mark.timeout(90)
def test_four_processes_use_the_limit_and_no_window_holds_more(redis_server: str, tmp_path: Path) -> None:
    one = limit(amount=AMOUNT, window_s=WINDOW_S, burst=0.05)
    journals = [str(tmp_path / f"{seed}") for seed in range(4)]
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(run, [Demand(redis_server, (one,), seed, BUSY_S, at) for seed, at in enumerate(journals)]))
    made = calls(journals)
    assert busiest(made) <= 1.02 * AMOUNT, f"busiest window {busiest(made) / AMOUNT:.3f} of the limit"
    use = sum(call.tokens for call in made) / (AMOUNT * (made[-1].at - made[0].at) / WINDOW_S)
    assert use >= 0.9, f"use {use:.3f}"


@pytest.mark.timeout(90)
def test_processes_that_are_killed_cost_no_more_than_they_reserved(redis_server: str, tmp_path: Path) -> None:
    one, streams = limit(amount=AMOUNT, window_s=WINDOW_S, burst=0.05), limit(kind="streams", amount=2 * CALLERS)
    spawn, begun = multiprocessing.get_context("spawn"), time.monotonic()
    journals = [tmp_path / f"{seed}" for seed in range(4)]

    def start(seed: int) -> BaseProcess:
        demand = Demand(redis_server, (one, streams), seed, BUSY_S, str(journals[seed]), lease_s=1)
        process = spawn.Process(target=run, args=(demand,))
        process.start()
        return process

    killed = [start(seed) for seed in range(2)]
    eventually(lambda: all(journal.exists() and journal.stat().st_size > 4096 for journal in journals[:2]), "both work")
    for process in killed:
        process.kill()
        process.join()
    others = [start(seed) for seed in (2, 3)]
    for process in others:
        process.join()
        assert process.exitcode == 0
    made = calls([str(journal) for journal in journals])
    dead = [call for call in made if not call.ended]
    assert dead, "they were killed while they held something"
    assert busiest(made) <= 1.02 * AMOUNT, f"busiest window {busiest(made) / AMOUNT:.3f} of the limit"
    after = [call for call in made if call.at > dead[-1].at + 1]  # their leases have ended
    use = sum(call.tokens for call in after) / (AMOUNT * (after[-1].at - after[0].at) / WINDOW_S)
    assert use >= 0.9, f"use {use:.3f} of the limit, {time.monotonic() - begun:.1f} s after the start"
