"""The library keeps its own rules; what it finds is in test_index.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prompt.test_service import ScriptedLLM
from promptwire.api.library import (
    DescribeRequest,
    DuplicateRequest,
    OrganiseRequest,
    RestoreRequest,
    SearchRequest,
    ShelvesRequest,
)
from promptwire.api.message import Message
from promptwire.api.prompt import Content, CreatePromptRequest, DeletePromptRequest, GetPromptRequest
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.history import History
from promptwire.prompt.index import PromptIndex
from promptwire.prompt.library import MOST_KEYS, LibraryService
from promptwire.prompt.service import PromptService
from promptwire.prompt.store import PromptStore
from promptwire.template.languages import Languages

DRAFT = Content(messages=[Message(role="user", content="{{v}}")], model="m")


@pytest.fixture
def service(database: Database) -> Iterator[PromptService]:
    languages = Languages()
    yield PromptService(PromptStore(database), History(database), ScriptedLLM(), languages)
    languages.close()


@pytest.fixture
def library(database: Database, service: PromptService) -> LibraryService:
    return LibraryService(PromptIndex(database), PromptStore(database), service)


async def test_a_copy_has_everything_but_the_key(library: LibraryService, service: PromptService) -> None:
    made = CreatePromptRequest(key="a", name="A", description="D", draft=DRAFT, tags=["t"], folder="f/g")
    one = await service.create_prompt(made)
    copy = await library.duplicate(DuplicateRequest(key="a"))
    assert (copy.key, copy.revision, copy.variables) == ("a-copy", 1, ["v"])
    for field in ("name", "description", "draft", "tags", "folder"):
        assert getattr(copy, field) == getattr(one, field)
    again = await library.duplicate(DuplicateRequest(key="a", name="B"))
    assert (again.key, again.name) == ("a-copy-2", "B")
    with pytest.raises(Failure) as caught:
        await library.duplicate(DuplicateRequest(key="a", new_key="a-copy"))
    assert caught.value.class_ == "conflict"


async def test_the_copy_of_a_long_key_still_is_a_key(library: LibraryService, service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="k" * 100))
    assert (await library.duplicate(DuplicateRequest(key="k" * 100))).key == "k" * 95 + "-copy"


async def test_a_deleted_prompt_comes_back_as_it_was(library: LibraryService, service: PromptService) -> None:
    one = await service.create_prompt(CreatePromptRequest(key="a", draft=DRAFT))
    await service.delete_prompt(DeletePromptRequest(key="a"))
    with pytest.raises(Failure, match="no prompt with the key 'a'"):
        await service.get_prompt(GetPromptRequest(key="a"))
    with pytest.raises(Failure, match="is in the trash"):
        await service.create_prompt(CreatePromptRequest(key="a"))
    assert await library.restore(RestoreRequest(key="a")) == one
    with pytest.raises(Failure, match="is in the trash") as caught:
        await library.restore(RestoreRequest(key="a"))
    assert caught.value.class_ == "not_found"


async def test_what_is_described_is_filed_in_one_way(library: LibraryService, service: PromptService) -> None:
    await service.create_prompt(CreatePromptRequest(key="a"))
    entry = await library.describe(DescribeRequest(key="a", name="N", folder=" x / y ", tags=["t", "t"]))
    assert (entry.name, entry.folder, entry.tags) == ("N", "x/y", ["t"])
    reply = await library.organise(OrganiseRequest(keys=["a"], folder="", add_tags=[" u "], drop_tags=["t"]))
    assert [(one.folder, one.tags) for one in reply.entries] == [("", ["u"])]
    reply = await library.search(SearchRequest(folder="/"))
    assert [one.key for one in reply.entries] == ["a"]
    assert (await library.shelves(ShelvesRequest())).total == 1


@pytest.mark.parametrize("sought", [SearchRequest(limit=201), SearchRequest(limit=-1), SearchRequest(offset=-1)])
async def test_a_page_has_an_end(library: LibraryService, sought: SearchRequest) -> None:
    with pytest.raises(Failure, match="a page has"):
        await library.search(sought)


async def test_no_more_are_moved_at_once_than_can_be(library: LibraryService) -> None:
    with pytest.raises(Failure, match="up to 2000 prompts at once"):
        await library.organise(OrganiseRequest(keys=["a"] * (MOST_KEYS + 1)))
