"""What became of answers is counted, and can be waited for."""

from __future__ import annotations

import asyncio

import pytest

from promptwire.llm.meter import Meter


def counts(meter: Meter) -> tuple[int, int, int]:
    return meter.active, meter.finished, meter.told_to_stop


def test_an_answer_is_active_and_then_finished() -> None:
    meter = Meter()
    with meter:
        assert counts(meter) == (1, 0, 0)
    assert counts(meter) == (0, 1, 0)


@pytest.mark.parametrize("why", [asyncio.CancelledError, GeneratorExit, ConnectionResetError])
def test_a_reader_that_leaves_is_counted(why: type[BaseException]) -> None:
    meter = Meter()
    with pytest.raises(why), meter:
        raise why
    assert counts(meter) == (0, 0, 1)


def test_an_answer_that_fails_is_neither() -> None:
    meter = Meter()
    with pytest.raises(ValueError, match="x"), meter:
        raise ValueError("x")
    assert counts(meter) == (0, 0, 0)


async def test_a_condition_can_be_waited_for() -> None:
    meter = Meter()
    await meter.until(lambda counted: counted.active == 0)
    waiting = asyncio.create_task(meter.until(lambda counted: counted.finished == 2))
    await asyncio.sleep(0)
    with meter:
        pass
    await asyncio.sleep(0)
    assert not waiting.done()
    with meter:
        pass
    await waiting
