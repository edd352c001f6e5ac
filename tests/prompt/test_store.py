"""The SQL of prompts, on every database they may be kept in."""

from __future__ import annotations

import pytest

from people import by
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.drafts import Edit
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
    assert (await store.update("a", draft=Edit(Content(), revision=1), name="edited")).revision == 2
    with pytest.raises(Failure, match="revision 2") as caught:
        await store.update("a", draft=Edit(DRAFT, revision=1), name="late")
    assert caught.value.class_ == "conflict"
    kept = await store.prompt("a")
    assert (kept.name, kept.draft) == ("edited", Content())
    assert (await store.update("a", draft=Edit(DRAFT))).draft == DRAFT


async def test_what_somebody_else_has_renamed_is_not_renamed_over(store: PromptStore) -> None:
    await store.create("a", name="old", description="", draft=DRAFT)
    with by("ann"):
        assert (await store.update("a", about_revision=1, name="Ann's")).about_revision == 2
    with by("bob"):
        with pytest.raises(Failure, match="revision 2") as caught:
            await store.update("a", draft=Edit(Content()), about_revision=1, name="Bob's")
        assert caught.value.class_ == "conflict"
        assert (await store.prompt("a")).revision == 0
        assert (await store.update("a", about_revision=1, name="Ann's")).about_revision == 2
        assert (await store.update("a", about_revision=1, draft=Edit(Content()))).name == "Ann's"


async def test_each_person_has_a_draft_and_sees_who_else_has(store: PromptStore) -> None:
    with by("ann"):
        await store.create("a", name="", description="", draft=DRAFT)
    with by("bob"):
        seen = await store.prompt("a")
        assert (seen.person, seen.revision, seen.draft, seen.modified) == ("bob", 0, DRAFT, False)
        assert [other.person for other in seen.others] == ["ann"]
        kept = await store.update("a", draft=Edit(Content(), revision=0, origin=seen.draft))
        assert (kept.revision, kept.modified) == (1, True)
        assert [(prompt.person, prompt.draft) for prompt in await store.every()] == [("bob", Content())]
    with by("ann"):
        seen = await store.prompt("a")
        assert (seen.person, seen.revision, seen.draft) == ("ann", 1, DRAFT)
        assert [(other.person, other.modified) for other in seen.others] == [("bob", True)]
    with by("cat"):
        assert (await store.prompt("a")).draft == Content()
        assert [prompt.draft for prompt in await store.every()] == [Content()]
    assert (await store.draft("a", "bob")).content == Content()
    with pytest.raises(Failure, match="cat has no draft"):
        await store.draft("a", "cat")


async def test_what_is_not_there_is_not_found(store: PromptStore) -> None:
    for asked in (store.prompt("b"), store.update("b", name=""), store.beginning("b"), store.draft("b", "")):
        with pytest.raises(Failure) as caught:
            await asked
        assert caught.value.class_ == "not_found"


async def test_the_last_edited_is_listed_first(store: PromptStore) -> None:
    assert await store.is_empty()
    for key in ("a", "b"):
        await store.create(key, name="", description="", draft=DRAFT)
    await store.update("a", name="edited")
    assert [prompt.key for prompt in await store.every()] == ["a", "b"]
    assert not await store.is_empty()


async def test_what_is_in_the_trash_is_nowhere_else(store: PromptStore) -> None:
    created = await store.create("a", name="A", description="", draft=DRAFT, tags=["t"], folder="f")
    await store.delete("a", "ann")
    assert (await store.every(), await store.is_empty(), await store.is_trashed("a")) == ([], False, True)
    for asked in (store.prompt("a"), store.update("a", name=""), store.delete("a", "ann")):
        with pytest.raises(Failure) as caught:
            await asked
        assert caught.value.class_ == "not_found"
    with pytest.raises(Failure, match="is in the trash"):
        await store.create("a", draft=DRAFT)
    await store.restore("a")
    assert await store.prompt("a") == created
    with pytest.raises(Failure, match="is in the trash"):
        await store.restore("a")
