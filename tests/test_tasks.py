"""Tasks are ended and waited for, and who waits can be cancelled too."""

from __future__ import annotations

import asyncio

import pytest

from promptwire.tasks import stopped


async def test_tasks_have_ended_when_they_are_stopped() -> None:
    ended: list[int] = []

    async def work(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(number)

    tasks = [asyncio.create_task(work(number)) for number in range(3)]
    await asyncio.sleep(0)
    await stopped(*tasks)
    assert ended == [0, 1, 2]
    await stopped()
    await stopped(*tasks)


async def test_how_a_task_ended_stays_with_it() -> None:
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError("mine")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await stopped(task)
    assert isinstance(task.exception(), LookupError)


async def test_a_cancellation_of_who_waits_is_not_swallowed() -> None:
    may_end = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(stopped(task))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    await asyncio.wait([task])
