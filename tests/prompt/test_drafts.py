"""What people have written is kept apart, on every database it may be kept in."""

from __future__ import annotations

import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt import drafts
from promptwire.prompt.drafts import Edit
from promptwire.prompt.store import PromptStore


def says(text: str) -> Content:
    return Content(messages=[Message(role="user", content=text)])


@pytest.fixture
async def own(database: Database) -> Database:
    """A database with a prompt of somebody's."""
    await PromptStore(database).create("k", name="", description="", draft=says("first"))
    return database


async def test_a_person_begins_with_the_newest_draft_of_anybody(own: Database) -> None:
    async with own.transaction() as connection:
        await connection.run_sync(drafts.keep, "k", "ann", Edit(says("newer")))
        begun = await connection.run_sync(drafts.current, "k", "bob")
        assert (begun.content, begun.origin, begun.revision) == (says("newer"), says("newer"), 0)
        assert await connection.run_sync(drafts.own, "k", "bob") is None
        assert (await connection.run_sync(drafts.every, "bob"))["k"].content == says("newer")
        assert (await connection.run_sync(drafts.every, "ann"))["k"].revision == 1


async def test_of_two_first_edits_one_is_a_conflict(own: Database) -> None:
    async with own.transaction() as connection:
        await connection.run_sync(drafts.keep, "k", "ann", Edit(says("one"), revision=0))
        with pytest.raises(Failure, match="revision 1, the edit was of 0"):
            await connection.run_sync(drafts.keep, "k", "ann", Edit(says("other"), revision=0))


async def test_what_a_draft_was_made_from_is_remembered_while_it_is_no_version(own: Database) -> None:
    async with own.transaction() as connection:
        await connection.run_sync(drafts.keep, "k", "ann", Edit(says("mine"), origin=says("first")))
        await connection.run_sync(drafts.keep, "k", "ann", Edit(says("mine still")))
        kept = await connection.run_sync(drafts.current, "k", "ann")
        assert (kept.origin, kept.modified) == (says("first"), True)
        await connection.run_sync(drafts.keep, "k", "ann", Edit(says("first")))
        assert not (await connection.run_sync(drafts.current, "k", "ann")).modified


async def test_a_draft_that_says_something_else_is_not_settled(own: Database) -> None:
    async with own.transaction() as connection:
        await connection.run_sync(drafts.settle, "k", "", says("else"), "1")
        assert (await connection.run_sync(drafts.current, "k", "")).base is None
        await connection.run_sync(drafts.settle, "k", "", says("first"), "1")
        assert (await connection.run_sync(drafts.current, "k", "")).base == "1"
        assert [other.base for other in await connection.run_sync(drafts.others, "k", "ann")] == ["1"]
