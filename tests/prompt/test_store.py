"""The SQL of prompts, on every database they may be kept in."""

from __future__ import annotations

import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.store import PromptStore

DRAFT = Content(messages=[Message(role="user", content="Größe: {{größe}} 大小")], model="simulated/echo")


@pytest.fixture
async def store(database: Database) -> PromptStore:
    return PromptStore(database)


async def test_what_is_kept_comes_back_as_it_was(store: PromptStore) -> None:
    created = await store.create("a", name="A", description="first", draft=DRAFT)
    assert await store.prompt("a") == created
    assert (created.draft, created.revision, created.name) == (DRAFT, 1, "A")


async def test_a_taken_key_is_a_conflict_and_changes_nothing(store: PromptStore) -> None:
    await store.create("a", name="first", description="", draft=DRAFT)
    with pytest.raises(Failure) as caught:
        await store.create("a", name="second", description="", draft=DRAFT)
    assert caught.value.class_ == "conflict"
    assert (await store.prompt("a")).name == "first"


async def test_an_edit_of_an_old_revision_is_a_conflict_that_says_the_new_one(store: PromptStore) -> None:
    await store.create("a", name="", description="", draft=DRAFT)
    assert (await store.update("a", revision=1, name="edited")).revision == 2
    with pytest.raises(Failure, match="revision 2") as caught:
        await store.update("a", revision=1, name="late")
    assert caught.value.class_ == "conflict"
    assert (await store.update("a", revision=None, name="anyway")).name == "anyway"


async def test_what_is_not_there_is_not_found(store: PromptStore) -> None:
    for asked in (store.prompt("b"), store.update("b", revision=None, name="")):
        with pytest.raises(Failure) as caught:
            await asked
        assert caught.value.class_ == "not_found"


async def test_the_last_edited_is_listed_first(store: PromptStore) -> None:
    assert await store.is_empty()
    for key in ("a", "b"):
        await store.create(key, name="", description="", draft=DRAFT)
    await store.update("a", revision=None, name="edited")
    assert [prompt.key for prompt in await store.every()] == ["a", "b"]
    assert not await store.is_empty()


async def test_what_is_in_the_trash_is_nowhere_else(store: PromptStore) -> None:
    created = await store.create("a", name="A", description="", draft=DRAFT, tags=["t"], folder="f")
    await store.delete("a", "ann")
    assert (await store.every(), await store.is_empty(), await store.is_trashed("a")) == ([], False, True)
    for asked in (store.prompt("a"), store.update("a", revision=None, name=""), store.delete("a", "ann")):
        with pytest.raises(Failure) as caught:
            await asked
        assert caught.value.class_ == "not_found"
    with pytest.raises(Failure, match="is in the trash"):
        await store.create("a", draft=DRAFT)
    await store.restore("a")
    assert await store.prompt("a") == created
    with pytest.raises(Failure, match="is in the trash"):
        await store.restore("a")
