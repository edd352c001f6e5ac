"""Waits end when their time is up, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from promptwire.api.llm import Timeouts
from promptwire.errors import Failure
from promptwire.llm.timeouts import Waits, Wheel

LONG = 60.0


async def pause(seconds: float) -> None:
    """The silence of a vendor, which is what these tests are about."""
    over = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()


async def stream_of(pauses: list[float]) -> AsyncIterator[int]:
    for number, seconds in enumerate(pauses):
        await pause(seconds)
        yield number


async def read(timeouts: Waits, pauses: list[float], *, deadline_s: float | None = None) -> list[int]:
    wheel = Wheel(tick_s=0.01)
    got: list[int] = []
    deadline = None if deadline_s is None else asyncio.get_running_loop().time() + deadline_s
    with wheel.watch(timeouts, deadline=deadline) as watch:
        async for number in watch.over(stream_of(pauses)):
            watch.first_token()
            got.append(number)
    assert len(wheel) == 0
    return got


async def test_a_stream_in_time_passes_through() -> None:
    assert await read(Waits(), [0, 0.02, 0]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("timeouts", "pauses", "class_", "phase"),
    [
        (Waits(first_token_s=0.05), [LONG], "timeout_first_token", "first_packet"),
        (Waits(idle_s=0.05), [0, 0, LONG], "timeout_idle", "mid_stream"),
        (Waits(total_s=0.05), [LONG], "timeout_total", "first_packet"),
        (Waits(total_s=0.1), [0.02] * 100, "timeout_total", "mid_stream"),
    ],
    ids=["first token", "idle", "total before the first", "total"],
)
async def test_each_clock_ends_its_own_wait(timeouts: Waits, pauses: list[float], class_: str, phase: str) -> None:
    with pytest.raises(Failure) as failed:
        await read(timeouts, pauses)
    assert (failed.value.class_, failed.value.phase) == (class_, phase)


async def test_the_first_token_may_take_longer_than_the_gap_between_two() -> None:
    assert await read(Waits(first_token_s=LONG, idle_s=0.02), [0.1, 0]) == [0, 1]


async def test_the_callers_deadline_is_the_total_when_it_is_nearer() -> None:
    with pytest.raises(Failure) as failed:
        await read(Waits(), [0, LONG], deadline_s=0.05)
    assert failed.value.class_ == "timeout_total"


async def test_a_reader_that_takes_its_time_is_nobodys_timeout() -> None:
    wheel = Wheel(tick_s=0.01)
    with wheel.watch(Waits(idle_s=0.03)) as watch:
        got: list[int] = []
        async for number in watch.over(stream_of([0, 0, 0])):
            watch.first_token()
            got.append(number)
            await pause(0.08)
    assert got == [0, 1, 2]


async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(read(Waits(), [0, LONG]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_a_task_can_go_on_after_a_timeout() -> None:
    with pytest.raises(Failure):
        await read(Waits(idle_s=0.02), [0, LONG])
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0
    assert await read(Waits(), [0]) == [0]


async def test_a_second_attempt_has_its_own_first_token_clock() -> None:
    wheel = Wheel(tick_s=0.01)
    with wheel.watch(Waits(first_token_s=0.05)) as watch:
        with pytest.raises(Failure):
            await anext(watch.over(stream_of([LONG])))
        watch.attempt(Waits(first_token_s=5))
        assert await anext(watch.over(stream_of([0.02]))) == 0


def test_a_row_or_a_request_sets_some_of_the_times() -> None:
    assert Waits().but(None) == Waits()
    assert Waits().but(Timeouts(idle_s=5, total_s=7)) == Waits(idle_s=5, total_s=7)


@pytest.mark.parametrize("time", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_time_that_is_none_is_refused(time: float) -> None:
    with pytest.raises(Failure, match=r"timeouts\.idle_s is more than 0"):
        Waits().but(Timeouts(idle_s=time))
