"""What is committed stays as it was, and which version is meant is decided in one place, on either database."""

import asyncio

import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.api.version import Label, Version
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.history import History
from promptwire.prompt.store import PromptStore


def says(text: str) -> Content:
    return Content(messages=[Message(role="user", content=text)])


def unnamed() -> Version:
    return Version(version="", branch="main", message="", author="", parents=[], created_at="2026-11-24")


@pytest.fixture
async def history(database: Database) -> History:
    for key in ("k", "other"):
        await PromptStore(database).create(key, name="", description="", draft=says("draft"))
    return History(database)


async def test_each_prompt_counts_its_own_versions(history: History) -> None:
    for key in ("k", "k", "other"):
        await history.commit(key, says(key), unnamed(), base=None)
    assert [version.version for version in await history.versions("k")] == ["2", "1"]
    assert [version.version for version in await history.versions("other")] == ["1"]
    assert (await history.fetch("other", "1")).content == says("other")


async def test_a_version_before_a_label_before_the_newest(history: History) -> None:
    for text in ("one", "two", "three"):
        await history.commit("k", says(text), unnamed(), base=None)
    label = Label(name="production", version="2", moved_at="", moved_by="")
    await history.move_label("k", label, reason="", was=None, keep=False)
    for version, name, text in ((None, None, "three"), (None, "production", "two"), ("1", "production", "one")):
        assert (await history.chosen("k", version=version, label=name)).content == says(text)


@pytest.mark.parametrize(
    ("key", "version", "label", "said"),
    [
        ("nope", None, None, "no prompt with the key 'nope'"),
        ("nope", "1", None, "no prompt with the key 'nope'"),
        ("nope", None, "production", "no prompt with the key 'nope'"),
        ("k", None, None, "no version yet"),
        ("k", "1", None, "no version '1'"),
        ("k", None, "production", "no label 'production'"),
    ],
)
async def test_what_is_missing_is_named(
    history: History, key: str, version: str | None, label: str | None, said: str
) -> None:
    with pytest.raises(Failure, match=said) as caught:
        await history.chosen(key, version=version, label=label)
    assert caught.value.class_ == "not_found"


async def test_of_two_who_build_on_the_same_version_one_is_told(history: History) -> None:
    attempts = [history.commit("k", says(text), unnamed(), base="") for text in ("mine", "yours")]
    made = await asyncio.gather(*attempts, return_exceptions=True)
    [refused] = [one for one in made if isinstance(one, Failure)]
    assert refused.class_ == "conflict"
    assert [version.version for version in await history.versions("k")] == ["1"]


async def test_a_commit_that_fails_leaves_nothing(history: History) -> None:
    merging = unnamed()
    merging.parents = ["7"]
    with pytest.raises(Failure, match="no version '7'"):
        await history.commit("k", says("x"), merging, base=None)
    assert await history.versions("k") == []
    assert await history.branches("k") == []


async def test_versions_of_a_prompt_in_the_trash_come_back_with_it(history: History, database: Database) -> None:
    await history.commit("k", says("one"), unnamed(), base=None)
    await PromptStore(database).delete("k", "ann")
    for asked in (
        history.fetch("k", "1"),
        history.chosen("k", version=None, label=None),
        history.versions("k"),
        history.commit("k", says("two"), unnamed(), base=None),
    ):
        with pytest.raises(Failure, match="no prompt with the key 'k'"):
            await asked
    await PromptStore(database).restore("k")
    assert (await history.fetch("k", "1")).content == says("one")
