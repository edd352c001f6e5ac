"""Demand on a limit that several processes share: the program each of them runs in the test of it."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from pathlib import Path
from typing import NamedTuple

from promptwire.api.governance import Limit
from promptwire.llm.limits.limit import Charge
from promptwire.llm.limits.shared import SharedBuckets, connect

CALLERS = 15
ESTIMATE = 300  # tokens each call reserves; it uses a tenth of them or more


class Demand(NamedTuple):
    """What one process is to do: want more of ``limits`` than there is, for ``seconds``.

    What it gets and uses is written to ``journal`` line by line, so that it is known of a process that was killed:
    ``took NAME TIME`` and ``used NAME TOKENS``, and how many streams there were at once.
    """

    url: str
    limits: tuple[Limit, ...]
    seed: int
    seconds: float
    journal: str
    lease_s: float = 30.0


class Call(NamedTuple):
    """One call that was let in; ``tokens`` is what it reserved when it never came to say what it used."""

    at: float
    tokens: float
    ended: bool


def run(demand: Demand) -> None:
    """Do it."""
    asyncio.run(_run(demand))


def calls(journals: list[str]) -> list[Call]:
    """What all of them got, in order."""
    took: dict[str, float] = {}
    used: dict[str, float] = {}
    for journal in journals:
        with Path(journal).open() as lines:
            for line in lines:
                word, name, number = line.split()
                (took if word == "took" else used)[name] = float(number)
    return sorted(Call(at, used.get(name, ESTIMATE), name in used) for name, at in took.items())


async def _run(demand: Demand) -> None:
    journal = os.open(demand.journal, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    async with connect(demand.url) as client:
        buckets = SharedBuckets(client)
        chances = (random.Random(demand.seed * CALLERS + number) for number in range(CALLERS))
        await asyncio.gather(*(_call_on(buckets, demand, chance, journal) for chance in chances))


async def _call_on(buckets: SharedBuckets, demand: Demand, chance: random.Random, journal: int) -> None:
    """One caller: one call after another, until the time is up."""
    end = time.time() + demand.seconds
    charges = tuple(
        Charge(limit=limit, bucket=limit.id, cost=ESTIMATE if limit.kind == "tokens" else 1) for limit in demand.limits
    )
    while time.time() < end:
        reservation = uuid.uuid4().hex
        verdict = await buckets.reserve(reservation, charges, lease_s=demand.lease_s)
        if not verdict.granted:
            await asyncio.sleep(min(verdict.wait_s, 0.1) * chance.uniform(0.5, 1.5))
            continue
        os.write(journal, f"took {reservation} {time.time()}\n".encode())
        tokens = chance.uniform(ESTIMATE / 10, ESTIMATE)
        await asyncio.sleep(chance.uniform(0.01, 0.1))
        os.write(journal, f"used {reservation} {tokens}\n".encode())
        await buckets.settle(reservation, {"tokens": tokens, "streams": 0})
