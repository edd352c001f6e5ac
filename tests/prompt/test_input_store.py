"""Saved inputs are a person's own until they are shared, on every database they may be kept in."""

from __future__ import annotations

import msgspec
import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.input_store import InputStore
from promptwire.prompt.store import PromptStore

VALUES = {"topic": msgspec.Raw('"大小 {{x}}"'.encode()), "n": msgspec.Raw(b"1.50")}
TALK = [Message(role="assistant", content="Hello."), Message(role="user", content="And now?")]


@pytest.fixture
async def store(database: Database) -> InputStore:
    await PromptStore(database).create("k", draft=Content())
    return InputStore(database)


async def test_what_is_kept_comes_back_as_it_was(store: InputStore) -> None:
    made = await store.create("k", "ann", name="a", values=VALUES, messages=TALK, shared=False)
    assert (made.values, made.messages, made.owner, made.revision) == (VALUES, TALK, "ann", 1)
    assert await store.one("k", made.id, "ann") == made


async def test_others_see_what_is_shared_and_nothing_else(store: InputStore) -> None:
    mine = await store.create("k", "ann", name="mine", values={}, messages=[], shared=False)
    ours = await store.create("k", "ann", name="Ours", values={}, messages=[], shared=True)
    assert [one.name for one in (await store.every("k", "ann"))[0]] == ["mine", "Ours"]
    assert [one.name for one in (await store.every("k", "bob"))[0]] == ["Ours"]
    with pytest.raises(Failure, match="no saved input"):
        await store.one("k", mine.id, "bob")
    assert (await store.update("k", ours.id, "bob", revision=1, values=VALUES)).revision == 2
    for refused in (
        store.delete("k", ours.id, "bob"),
        store.update("k", ours.id, "bob", revision=None, shared=False),
    ):
        with pytest.raises(Failure, match="only ann may") as caught:
            await refused
        assert caught.value.class_ == "permission_denied"
    assert not (await store.update("k", ours.id, "ann", revision=None, shared=False)).shared


async def test_a_change_of_an_old_revision_is_a_conflict(store: InputStore) -> None:
    made = await store.create("k", "ann", name="a", values={}, messages=[], shared=False)
    await store.update("k", made.id, "ann", revision=1, name="b")
    with pytest.raises(Failure, match="revision 2") as caught:
        await store.update("k", made.id, "ann", revision=1, name="c")
    assert caught.value.class_ == "conflict"


async def test_a_person_gives_a_name_once(store: InputStore) -> None:
    one = await store.create("k", "ann", name="a", values={}, messages=[], shared=False)
    await store.create("k", "bob", name="a", values={}, messages=[], shared=False)
    two = await store.create("k", "ann", name="b", values={}, messages=[], shared=False)
    for taken in (
        store.create("k", "ann", name="a", values={}, messages=[], shared=False),
        store.update("k", two.id, "ann", revision=None, name="a"),
    ):
        with pytest.raises(Failure, match="an input 'a'") as caught:
            await taken
        assert caught.value.class_ == "conflict"
    assert (await store.one("k", one.id, "ann")).name == "a"


async def test_each_person_marks_one(store: InputStore) -> None:
    ours = await store.create("k", "ann", name="a", values={}, messages=[], shared=True)
    mine = await store.create("k", "ann", name="b", values={}, messages=[], shared=False)
    await store.mark("k", ours.id, "bob")
    await store.mark("k", mine.id, "ann")
    await store.mark("k", ours.id, "ann")
    assert ((await store.every("k", "ann"))[1], (await store.every("k", "bob"))[1]) == (ours.id, ours.id)
    await store.mark("k", None, "ann")
    assert (await store.every("k", "ann"))[1] is None
    with pytest.raises(Failure, match="no saved input"):
        await store.mark("k", mine.id, "bob")
    assert (await store.every("k", "bob"))[1] == ours.id
    await store.delete("k", ours.id, "ann")
    assert (await store.every("k", "bob"))[1] is None


async def test_inputs_go_into_the_trash_with_their_prompt(store: InputStore, database: Database) -> None:
    made = await store.create("k", "ann", name="a", values={}, messages=[], shared=True)
    await PromptStore(database).delete("k", "ann")
    for asked in (
        store.one("k", made.id, "ann"),
        store.every("k", "ann"),
        store.mark("k", None, "ann"),
        store.create("k", "ann", name="b", values={}, messages=[], shared=True),
    ):
        with pytest.raises(Failure, match="no prompt with the key 'k'"):
            await asked
    await PromptStore(database).restore("k")
    assert await store.one("k", made.id, "ann") == made
