"""What waits is written soon, in batches, and what is too much is dropped and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import DataError

from promptwire.backlog import BATCH, Backlog


class Paper:
    """Where things are written; ``torn`` while it cannot be."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.torn = False
        self.refused: set[int] = set()
        self.written = asyncio.Event()

    async def write(self, items: Sequence[int]) -> None:
        if self.torn:
            raise OSError("torn")
        if self.refused & {*items}:
            raise DataError("INSERT", {}, ValueError("no such number"))
        self.batches.append(list(items))
        self.written.set()


@pytest.fixture
def paper() -> Paper:
    return Paper()


async def test_what_is_added_is_written_without_being_asked(paper: Paper) -> None:
    backlog = Backlog("numbers", paper.write, pause_s=0.001)
    backlog.add(1)
    backlog.add(2)
    await asyncio.wait_for(paper.written.wait(), 5)
    assert paper.batches == [[1, 2]]
    await backlog.close()


async def test_a_flush_writes_everything_in_batches(paper: Paper) -> None:
    backlog = Backlog("numbers", paper.write, pause_s=60)
    for number in range(BATCH + 1):
        backlog.add(number)
    await backlog.flush()
    assert [len(batch) for batch in paper.batches] == [BATCH, 1]
    await backlog.close()


async def test_the_end_writes_the_rest(paper: Paper) -> None:
    backlog = Backlog("numbers", paper.write, pause_s=60)
    backlog.add(1)
    await backlog.close()
    assert paper.batches == [[1]]


async def test_what_cannot_be_written_waits_and_is_bounded(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    paper.torn = True
    backlog = Backlog("numbers", paper.write, most=2, pause_s=60)
    for number in range(5):
        backlog.add(number)
    await backlog.flush()
    assert (backlog.dropped, paper.batches) == (3, [])
    assert "1 numbers were dropped so far" in caplog.text
    paper.torn = False
    await backlog.close()
    assert paper.batches == [[0, 1]]


async def test_what_could_never_be_written_is_told_at_the_end(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    paper.torn = True
    backlog = Backlog("numbers", paper.write, pause_s=60)
    backlog.add(1)
    await backlog.close()
    assert backlog.dropped == 1
    assert "could not be written before the end" in caplog.text


async def test_what_is_refused_for_what_it_is_holds_up_nothing(paper: Paper, caplog: pytest.LogCaptureFixture) -> None:
    paper.refused = {2, 5}
    backlog = Backlog("numbers", paper.write, pause_s=60)
    for number in range(8):
        backlog.add(number)
    await backlog.flush()
    assert sorted(number for batch in paper.batches for number in batch) == [0, 1, 3, 4, 6, 7]
    assert backlog.dropped == 2
    assert "one of the numbers is refused" in caplog.text
    await backlog.close()
