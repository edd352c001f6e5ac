"""What is too old is forgotten at once, and what cannot be forgotten now disturbs nobody."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from promptwire.retention import Retention


async def test_it_forgets_at_the_start_and_again() -> None:
    times, twice = 0, asyncio.Event()

    async def forget() -> int:
        nonlocal times
        times += 1
        if times == 2:
            twice.set()
        return times

    retention = Retention({"things": forget}, every_s=0.001)
    retention.start()
    await asyncio.wait_for(twice.wait(), 5)
    await retention.close()


async def test_a_database_that_is_busy_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> int:
        raise OperationalError("DELETE", {}, Exception("locked"))

    async def works() -> int:
        return 3

    await Retention({"broken things": broken, "things": works}).once()
    assert "old broken things could not be forgotten" in caplog.text
