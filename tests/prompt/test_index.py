"""Prompts found among many, on every database they may be kept in."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.api.library import SearchRequest
from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.index import PromptIndex
from promptwire.prompt.store import PromptStore


def says(*texts: str) -> Content:
    return Content(messages=[Message(role="user", content=text) for text in texts], model="simulated/echo")


@pytest.fixture
async def store(database: Database) -> PromptStore:
    store = PromptStore(database)
    await store.create("refund", name="Refund", draft=says('Say "sorry" 100%\nfirst'), folder="support/refunds")
    await store.create("greet", name="Grüße", description="Says hello", draft=says("你好 {{name}}"), folder="support")
    parts = Content(messages=[Message(role="user", parts=[Part(text="Look: C:\\temp")])])
    await store.create("loose", draft=parts, tags=["draft", "eu"])
    await store.create("supporters", draft=says("x\0y"), folder="supporters", tags=["eu"])
    return store


@pytest.fixture
def index(database: Database, store: PromptStore) -> PromptIndex:
    return PromptIndex(database)


async def keys(index: PromptIndex, **sought: Any) -> list[str]:
    entries, total = await index.search(SearchRequest(**sought))
    assert total == len(entries)
    return [entry.key for entry in entries]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("REFUND", ["refund"]),
        ("hello", ["greet"]),
        ("你好", ["greet"]),
        ('"sorry"', ["refund"]),
        ("100%", ["refund"]),
        ("c:\\temp", ["loose"]),
        ("support sorry", ["refund"]),
        ("eu", ["supporters", "loose"]),
        ("role", []),
        ("%", ["refund"]),
        ("nowhere", []),
        ("x\0y", ["supporters"]),
    ],
)
async def test_words_are_found_where_a_person_reads_them(index: PromptIndex, text: str, found: list[str]) -> None:
    assert await keys(index, text=text) == found


async def test_the_line_a_word_stands_in_is_shown(index: PromptIndex) -> None:
    [entry], _ = await index.search(SearchRequest(text="sorry"))
    assert (entry.found, entry.model) == ('Say "sorry" 100%', "simulated/echo")
    [entry], _ = await index.search(SearchRequest(text="refund"))
    assert entry.found is None


async def test_a_folder_holds_what_is_below_it_and_nothing_beside_it(index: PromptIndex) -> None:
    assert await keys(index, folder="support", order="key") == ["greet", "refund"]
    assert await keys(index, folder="support/refunds") == ["refund"]
    assert await keys(index, folder="") == ["loose"]


async def test_a_prompt_has_all_the_tags_that_are_sought(index: PromptIndex) -> None:
    assert await keys(index, tags=["eu"], order="name") == ["loose", "supporters"]
    assert await keys(index, tags=["eu", "draft"]) == ["loose"]
    assert await keys(index, tags=["e"]) == []


async def test_pages_come_in_the_order_asked_for(index: PromptIndex, store: PromptStore) -> None:
    await store.update("refund", name="Z")
    assert await keys(index) == ["refund", "supporters", "loose", "greet"]
    assert await keys(index, order="created") == ["supporters", "loose", "greet", "refund"]
    for text, total in (("", 4), ("support", 3)):
        entries, counted = await index.search(SearchRequest(text=text, order="key", offset=1, limit=1))
        assert (len(entries), counted) == (1, total)


async def test_a_kind_is_chosen_by(index: PromptIndex, store: PromptStore) -> None:
    await store.create("tone", draft=says("Be kind, support."), kind="snippet")
    assert await keys(index, kind="snippet") == ["tone"]
    assert await keys(index, kind="snippet", text="support") == ["tone"]
    assert "tone" not in await keys(index, kind="chat")
    [entry], _ = await index.search(SearchRequest(kind="snippet"))
    assert entry.kind == "snippet"
    _, _, kinds, *_ = await index.shelves()
    assert [(shelf.name, shelf.prompts) for shelf in kinds] == [("chat", 4), ("snippet", 1)]


async def test_what_is_in_the_trash_is_found_only_there(index: PromptIndex, store: PromptStore) -> None:
    await store.delete("greet", "ann")
    assert "greet" not in await keys(index)
    [entry], _ = await index.search(SearchRequest(trashed=True))
    assert (entry.key, entry.deleted_by) == ("greet", "ann")
    folders, _, _, total, trashed = await index.shelves()
    assert ([shelf.name for shelf in folders], total, trashed) == (["support/refunds", "supporters"], 3, 1)


async def test_shelves_are_counted(index: PromptIndex) -> None:
    folders, tags, kinds, total, trashed = await index.shelves()
    assert [(shelf.name, shelf.prompts) for shelf in folders] == [
        ("support", 1),
        ("support/refunds", 1),
        ("supporters", 1),
    ]
    assert [(shelf.name, shelf.prompts) for shelf in tags] == [("draft", 1), ("eu", 2)]
    assert [(shelf.name, shelf.prompts) for shelf in kinds] == [("chat", 4)]
    assert (total, trashed) == (4, 0)


async def test_many_are_put_in_order_at_once_or_none(index: PromptIndex) -> None:
    entries = await index.organise(["loose", "greet"], folder="new", add=["eu", "x"], drop=["draft"])
    assert [(entry.key, entry.folder, entry.tags) for entry in entries] == [
        ("loose", "new", ["eu", "x"]),
        ("greet", "new", ["eu", "x"]),
    ]
    with pytest.raises(Failure, match="'nope'"):
        await index.organise(["refund", "nope"], folder="new", add=[], drop=[])
    assert await keys(index, folder="new", order="key") == ["greet", "loose"]


async def test_only_a_new_text_is_a_new_revision(index: PromptIndex, store: PromptStore) -> None:
    entry = await index.change("loose", new_text=False, folder="a", tags=["t"])
    assert (entry.folder, entry.tags, (await store.prompt("loose")).about_revision) == ("a", ["t"], 1)
    assert (await index.change("loose", new_text=True, name="N")).name == "N"
    assert (await store.prompt("loose")).about_revision == 2
    assert (await index.change("loose", new_text=False)).name == "N"
    with pytest.raises(Failure, match="'nope'"):
        await index.change("nope", new_text=True, name="")
