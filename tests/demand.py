"""Demand on a limit that several processes share: the program each of them runs in the test of it."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from typing import NamedTuple

import redis.asyncio

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge
from promptwire.llm.limits.shared import SharedBuckets

CALLERS = 15
ESTIMATE = 300  # tokens each call reserves; it uses a tenth of them or more


class Demand(NamedTuple):
    """What one process is to do: want more of ``limit`` than there is, for ``seconds``."""

    url: str
    limit: Limit
    seed: int
    seconds: float


def run(demand: Demand) -> list[tuple[float, float]]:
    """When each call was let in, and the tokens it used."""
    return asyncio.run(_run(demand))


async def _run(demand: Demand) -> list[tuple[float, float]]:
    used: list[tuple[float, float]] = []
    async with redis.asyncio.from_url(demand.url) as client:
        buckets = SharedBuckets(client)
        chances = (random.Random(demand.seed * CALLERS + number) for number in range(CALLERS))
        await asyncio.gather(*(_call_on(buckets, demand, chance, used) for chance in chances))
    return used


async def _call_on(
    buckets: SharedBuckets, demand: Demand, chance: random.Random, used: list[tuple[float, float]]
) -> None:
    """One caller: one call after another, until the time is up."""
    end = time.time() + demand.seconds
    charges = (Charge(limit=demand.limit, bucket=demand.limit.id, cost=ESTIMATE),)
    while time.time() < end:
        reservation = uuid.uuid4().hex
        verdict = await buckets.reserve(reservation, charges, lease_s=30)
        if not verdict.granted:
            await asyncio.sleep(min(verdict.wait_s, 0.1) * chance.uniform(0.5, 1.5))
            continue
        tokens = chance.uniform(ESTIMATE / 10, ESTIMATE)
        used.append((time.time(), tokens))
        await asyncio.sleep(chance.uniform(0.01, 0.1))
        await buckets.settle(reservation, {"tokens": tokens})
