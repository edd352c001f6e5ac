"""How many processes share the limits, on a real Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from promptwire.llm.limits.peers import Peers
from promptwire.llm.limits.shared import connect


@pytest.fixture
async def client(redis_server: str) -> AsyncIterator[redis.asyncio.Redis]:
    async with connect(redis_server) as client:
        yield client


async def test_processes_that_come_and_go_are_counted(client: redis.asyncio.Redis) -> None:
    key = uuid.uuid4().hex
    one, other = (Peers(client, beat_s=0.05, key=key) for _ in range(2))
    assert one.count == 1
    tasks = [asyncio.create_task(peer.keep_beating()) for peer in (one, other)]
    async with asyncio.timeout(5):
        while (one.count, other.count) != (2, 2):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)
    tasks[1].cancel()
    async with asyncio.timeout(5):
        while one.count != 1:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_beat_is_cancelled_whenever_that_comes(client: redis.asyncio.Redis) -> None:
    peers = Peers(client, beat_s=30, key=uuid.uuid4().hex)
    await peers.beat()
    for steps in range(60):  # of the loop, over which a beat is sent and answered
        beating = asyncio.create_task(peers.beat())
        for _ in range(steps):
            await asyncio.sleep(0)
        beating.cancel()
        await asyncio.wait([beating])
        assert beating.cancelled() or not beating.cancelling()


async def test_a_process_that_died_is_forgotten(client: redis.asyncio.Redis) -> None:
    key = uuid.uuid4().hex
    await Peers(client, beat_s=0.02, key=key).beat()
    one = Peers(client, beat_s=30, key=key)
    async with asyncio.timeout(5):
        await one.beat()
        while one.count != 1:
            await one.beat()


async def test_while_the_counters_are_lost_the_last_count_holds() -> None:
    async with connect("redis://127.0.0.1:1") as lost:
        peers = Peers(lost)
        peers.count = 3
        await peers.beat()
        assert peers.count == 3
