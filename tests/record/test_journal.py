"""Recordings are written in the background, kept alive while they run, and none is lost at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from promptwire.api.llm import ChatRequest
from promptwire.api.message import Done, Usage
from promptwire.database import Database
from promptwire.record.journal import Journal
from promptwire.record.recording import Recording
from promptwire.record.store import RecordStore
from record.noted import note

DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1.0)


class Counting(RecordStore):
    """Says when it wrote."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "me")
        self.written = asyncio.Event()
        self.beats = asyncio.Event()
        self.puts = 0

    async def put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        await super().put(rows)
        self.puts += len(rows)
        self.written.set()

    async def still_running(self) -> None:
        await super().still_running()
        self.beats.set()


@pytest.fixture
def store(database: Database) -> Counting:
    return Counting(database)


def run(journal: Journal, name: str = "run_1") -> Recording:
    return Recording(name, "t", ChatRequest(model="m", messages=[]), prompt=None, tell=journal.tell)


async def test_a_run_is_there_while_it_goes_on(store: Counting) -> None:
    journal = Journal(store)
    with run(journal) as going:
        await asyncio.wait_for(store.written.wait(), 10)
        assert (await store.record("run_1")).status == "running"
        note(going, DONE)
    await journal.close()
    assert (await store.record("run_1")).status == "done"


async def test_a_short_run_is_written_once(store: Counting) -> None:
    journal = Journal(store)
    with run(journal) as short:
        note(short, DONE)
    await journal.flush()
    assert store.puts == 1
    await journal.close()


async def test_a_run_that_is_cut_off_at_the_end_is_written(store: Counting) -> None:
    journal = Journal(store)
    with pytest.raises(GeneratorExit), run(journal):
        raise GeneratorExit
    await journal.close()
    assert (await store.record("run_1")).status == "cancelled"


async def test_runs_that_go_on_are_kept_alive(store: Counting) -> None:
    journal = Journal(store, beat_s=0.01)
    with run(journal) as going:
        await asyncio.wait_for(store.beats.wait(), 10)
        note(going, DONE)
    await journal.close()


async def test_contents_are_left_out_when_they_should(store: Counting) -> None:
    journal = Journal(store, contents=False)
    with run(journal) as short:
        note(short, DONE)
    await journal.close()
    assert (await store.record("run_1")).request is None
