"""Records are found by what a person remembers, page after page, and a run whose process died is lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from promptwire.api.base import Error
from promptwire.api.message import Message, Usage
from promptwire.api.record import Round
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.record.store import RecordStore, Wanted, runs


def row(id: str, started_at: str = "2026-11-24T10:00:00.000000Z", **more: Any) -> dict[str, Any]:
    empty = {column.name: None for column in runs.columns if column.nullable}
    named: dict[str, Any] = {
        "status": "done",
        "trace_id": "t",
        "person": "",
        "key": "",
        "scenario": "",
        "excerpt": "",
        "cut": [],
    }
    return {**empty, **named, "id": id, "started_at": started_at, **more}


@pytest.fixture
def store(database: Database) -> RecordStore:
    return RecordStore(database, "me")


async def found(store: RecordStore, **wanted: Any) -> list[str]:
    return [record.id for record in await store.find(Wanted(**wanted))]


async def test_a_record_comes_back_whole_and_lists_leave_contents_out(store: RecordStore) -> None:
    error = Error(code=1, class_="internal", phase="connect", message="x", retryable=False)
    answer = '{"role":"assistant","content":"hi"}'
    rounds = '[{"said":{"role":"assistant","content":"wait"},"results":[]}]'
    await store.put(
        [row("a", answer=answer, rounds=rounds, request='{"key":"demo"}', usage=Usage(input_tokens=3), error=error)]
    )
    record = await store.record("a")
    assert record.answer == Message(role="assistant", content="hi")
    assert bytes(record.request or b"") == b'{"key":"demo"}'
    assert (record.usage, record.error) == (Usage(input_tokens=3), error)
    assert record.rounds == [Round(said=Message(role="assistant", content="wait"), results=[])]
    (listed,) = await store.find(Wanted())
    assert (listed.answer, listed.rounds, listed.request, listed.usage) == (None, None, None, Usage(input_tokens=3))
    with pytest.raises(Failure, match="no run 'b'"):
        await store.record("b")


async def test_a_run_is_one_row_however_often_it_is_written(store: RecordStore) -> None:
    await store.put([row("a", status="running")])
    await store.put([row("a", status="done", model="m")])
    assert [(one.status, one.model) for one in await store.find(Wanted())] == [("done", "m")]


async def test_runs_are_found_by_what_is_known_of_them(store: RecordStore) -> None:
    await store.put(
        [
            row("a", prompt="demo", version="1", person="Ann", model="m"),
            row("b", prompt="demo", version="draft", status="failed", started_at="2026-11-25T00:00:00.000000Z"),
            row("c", model="m", status="cancelled"),
        ]
    )
    assert await found(store) == ["b", "c", "a"]
    assert await found(store, prompt="demo") == ["b", "a"]
    assert await found(store, direct=True) == ["c"]
    assert await found(store, direct=False) == ["b", "a"]
    assert await found(store, status=["failed", "cancelled"]) == ["b", "c"]
    assert await found(store, version="1") == ["a"]
    assert await found(store, person="Ann", model="m") == ["a"]
    assert await found(store, since="2026-11-24T12:00:00.000000Z") == ["b"]
    assert await found(store, until="2026-11-24T12:00:00.000000Z") == ["c", "a"]


async def test_texts_are_found_as_they_were_written(store: RecordStore) -> None:
    await store.put(
        [
            row("a", messages='[{"role":"user","content":"Say \\"100%\\" twice"}]'),
            row("b", answer='{"role":"assistant","content":"多谢 Kindly"}'),
            row("c", error=Error(code=1, class_="internal", phase="connect", message="exploded", retryable=False)),
        ]
    )
    assert await found(store, text='"100%"') == ["a"]
    assert await found(store, text="多谢") == ["b"]
    assert await found(store, text="kindly") == ["b"]
    assert await found(store, text="EXPLODED") == ["c"]
    assert await found(store, text="100_") == []
    assert await found(store, text="c") == ["c", "b", "a"]


async def test_pages_follow_each_other(store: RecordStore) -> None:
    await store.put([row(f"r{number}") for number in range(5)])
    at = "2026-11-24T10:00:00.000000Z"
    assert await found(store, limit=2) == ["r4", "r3"]
    assert await found(store, limit=2, after=(at, "r3")) == ["r2", "r1"]


async def test_a_run_whose_process_is_silent_is_lost(store: RecordStore, database: Database) -> None:
    await store.put([row("a", status="running")])
    await store.still_running()
    assert await found(store, status=["running"]) == ["a"]
    async with database.transaction() as connection:
        await connection.execute(update(runs).values(alive_until="2026-01-01T00:00:00.000000Z"))
    assert (await store.record("a")).status == "lost"
    assert await found(store, status=["running"]) == []
    assert await found(store, status=["lost"]) == ["a"]
    await store.still_running()
    assert (await store.record("a")).status == "running"
    await RecordStore(database, "somebody else").still_running()


async def test_the_old_and_the_too_many_are_forgotten(store: RecordStore) -> None:
    await store.put([row(f"r{number}", started_at=f"2026-11-0{number}T00:00:00.000000Z") for number in range(1, 7)])
    assert await store.forget(before="2026-11-03", most=100) == 2
    assert await store.forget(before="2026-01-01", most=2) == 2
    assert await found(store) == ["r6", "r5"]


async def test_whatever_was_asked_is_kept_as_far_as_it_fits(store: RecordStore) -> None:
    await store.put([row("r" * 200, prompt="k" * 300, model="a\0b", excerpt="\0", replay_of="x" * 500)])
    (record,) = await store.find(Wanted(prompt="k" * 300))
    assert (record.id, record.prompt, record.model) == ("r" * 100, "k" * 100, "a\N{REPLACEMENT CHARACTER}b")
    assert (await store.record("r" * 200)).replay_of == "x" * 100
