"""Rows, their one counter, and what is made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from promptwire.api.governance import Limit
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.store import Kept, RowStore


def limit(id: str, amount: float = 1) -> Limit:
    return Limit(id=id, kind="requests", amount=amount)


async def test_rows_are_kept_replaced_and_forgotten_under_one_counter(database: Database) -> None:
    store = RowStore(database)
    assert await store.revision() == 0
    assert await store.put("limit", "a", limit("a")) == 1
    assert await store.put("limit", "b", limit("b")) == 2
    assert await store.put("limit", "a", limit("a", 5)) == 3
    assert await store.all("limit", Limit) == {"a": limit("a", 5), "b": limit("b")}
    await store.delete("limit", "a")
    assert await store.revision() == 4
    assert set(await store.all("limit", Limit)) == {"b"}
    with pytest.raises(Failure, match="no limit 'a'"):
        await store.delete("limit", "a")


async def test_many_writers_never_share_a_revision(database: Database) -> None:
    stores = [RowStore(database) for _ in range(4)]
    revisions = await asyncio.gather(
        *(
            store.put("limit", f"{number}-{turn}", limit("x"))
            for number, store in enumerate(stores)
            for turn in range(5)
        )
    )
    assert sorted(revisions) == list(range(1, 21))


async def test_what_is_kept_is_made_anew_only_when_a_row_changed_and_survives_a_lost_store(database: Database) -> None:
    store = RowStore(database, fresh_s=0.0)
    made: list[int] = []

    def make(rows: Mapping[str, Mapping[str, object]]) -> int:
        made.append(len(rows["limit"]))
        return len(rows["limit"])

    kept = Kept(store, {"limit": Limit}, make)
    assert await kept.now() == 0
    assert await kept.now() == 0 and made == [0]
    await store.put("limit", "a", limit("a"))
    assert await kept.now() == 1 and made == [0, 1]
    async with database.transaction() as connection:
        await connection.exec_driver_sql("DROP TABLE rows")
    assert await kept.now() == 1
    with pytest.raises(Failure, match="cannot be read"):
        await Kept(store, {"limit": Limit}, make).now()


async def test_one_look_is_for_all_that_is_kept_and_own_changes_are_seen_at_once(database: Database) -> None:
    store, other = RowStore(database, fresh_s=60.0), RowStore(database)
    first, second = (Kept(store, {"limit": Limit}, lambda rows: set(rows["limit"])) for _ in range(2))
    assert await first.now() == set()
    await other.put("limit", "theirs", limit("theirs"))
    assert await second.now() == {"theirs"}  # made now, of what is there now
    assert await first.now() == set()  # and not looked again
    await store.put("limit", "own", limit("own"))
    assert await first.now() == await second.now() == {"own", "theirs"}


async def test_another_process_sees_a_change_as_soon_as_it_looks(database: Database) -> None:
    kept = Kept(RowStore(database, fresh_s=0.0), {"limit": Limit}, lambda rows: set(rows["limit"]))
    assert await kept.now() == set()
    await RowStore(database).put("limit", "theirs", limit("theirs"))
    assert await kept.now() == {"theirs"}


async def test_who_leaves_while_looking_has_not_looked(database: Database) -> None:
    store = RowStore(database, fresh_s=60.0)
    looking = asyncio.create_task(store.seen())
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await RowStore(database).put("limit", "theirs", limit("theirs"))
    assert await store.seen() == 1
