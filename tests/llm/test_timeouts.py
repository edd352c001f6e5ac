"""Waits end when their time is up, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from promptwire.errors import Failure
from promptwire.llm.timeouts import Timeouts, Wheel

LONG = 60.0


async def stream(pauses: list[float]) -> AsyncIterator[int]:
    for number, pause in enumerate(pauses):
        await asyncio.sleep(pause)
        yield number


async def read(timeouts: Timeouts, pauses: list[float], *, deadline_s: float | None = None) -> list[int]:
    wheel = Wheel(tick_s=0.01)
    got: list[int] = []
    deadline = None if deadline_s is None else asyncio.get_running_loop().time() + deadline_s
    with wheel.watch(timeouts, deadline=deadline) as watch:
        async for number in watch.over(stream(pauses)):
            watch.first_token()
            got.append(number)
    assert len(wheel) == 0
    return got


async def test_a_stream_in_time_passes_through() -> None:
    assert await read(Timeouts(), [0, 0.02, 0]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("timeouts", "pauses", "class_", "phase"),
    [
        (Timeouts(first_token_s=0.05), [LONG], "timeout_first_token", "first_packet"),
        (Timeouts(idle_s=0.05), [0, 0, LONG], "timeout_idle", "mid_stream"),
        (Timeouts(total_s=0.05), [LONG], "timeout_total", "first_packet"),
        (Timeouts(total_s=0.1), [0.02] * 100, "timeout_total", "mid_stream"),
    ],
    ids=["first token", "idle", "total before the first", "total"],
)
async def test_each_clock_ends_its_own_wait(timeouts: Timeouts, pauses: list[float], class_: str, phase: str) -> None:
    with pytest.raises(Failure) as failed:
        await read(timeouts, pauses)
    assert (failed.value.class_, failed.value.phase) == (class_, phase)


async def test_the_first_token_may_take_longer_than_the_gap_between_two() -> None:
    assert await read(Timeouts(first_token_s=LONG, idle_s=0.02), [0.1, 0]) == [0, 1]


async def test_the_callers_deadline_is_the_total_when_it_is_nearer() -> None:
    with pytest.raises(Failure) as failed:
        await read(Timeouts(), [0, LONG], deadline_s=0.05)
    assert failed.value.class_ == "timeout_total"


async def test_a_reader_that_takes_its_time_is_nobodys_timeout() -> None:
    wheel = Wheel(tick_s=0.01)
    with wheel.watch(Timeouts(idle_s=0.03)) as watch:
        got: list[int] = []
        async for number in watch.over(stream([0, 0, 0])):
            watch.first_token()
            got.append(number)
            await asyncio.sleep(0.08)
    assert got == [0, 1, 2]


async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(read(Timeouts(), [0, LONG]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_a_task_can_go_on_after_a_timeout() -> None:
    with pytest.raises(Failure):
        await read(Timeouts(idle_s=0.02), [0, LONG])
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0
    assert await read(Timeouts(), [0]) == [0]


async def test_a_second_attempt_has_its_own_first_token_clock() -> None:
    wheel = Wheel(tick_s=0.01)
    with wheel.watch(Timeouts(first_token_s=0.05)) as watch:
        with pytest.raises(Failure):
            await anext(watch.over(stream([LONG])))
        watch.attempt()
        assert await anext(watch.over(stream([0.02]))) == 0
