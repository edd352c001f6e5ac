"""Prompts leave as files and come from them, with the versions, the labels and what is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptwire.api.files import ExportRequest, ImportFile, ImportRequest
from promptwire.api.message import Message
from promptwire.api.prompt import Content, CreatePromptRequest, GetPromptRequest, PromptService
from promptwire.api.version import ByKey, CommitRequest, FetchRequest, ListVersionsRequest, VersionService
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.exchange import MAX_FILES, FilesService
from promptwire.prompt.history import History
from promptwire.prompt.service import PromptService as Prompts
from promptwire.prompt.snippets import Snippets
from promptwire.prompt.store import PromptStore
from promptwire.prompt.versions import VersionService as Versions
from promptwire.template.languages import Languages


class Platform:
    """The services files are made of."""

    def __init__(self, prompts: PromptService, versions: VersionService, snippets: Snippets) -> None:
        self.prompts, self.versions = prompts, versions
        self.files = FilesService(prompts, versions, snippets)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    database = Database(f"sqlite:///{tmp_path}/promptwire.db")
    await database.migrate()
    store, history = PromptStore(database), History(database)
    prompts = Prompts(store, history, NoModels(), Languages())  # pyright: ignore[reportArgumentType]  # nothing runs
    yield Platform(prompts, Versions(store, history, prompts.described), Snippets(database))
    await database.close()


class NoModels:
    """Models nobody asks."""


def says(text: str) -> Content:
    return Content(messages=[Message(role="user", content=text)])


def langfuse(key: str, *versions: tuple[str, list[str]]) -> ImportFile:
    said = [
        {"name": key, "version": number, "type": "text", "prompt": text, "labels": labels}
        for number, (text, labels) in enumerate(versions, start=1)
    ]
    return ImportFile(name="export.json", text=json.dumps(said))


async def test_the_draft_a_version_and_a_label_leave_as_files(platform: Platform) -> None:
    await platform.prompts.create_prompt(CreatePromptRequest(key="a", name="A", draft=says("now"), tags=["t"]))
    await platform.versions.commit_version(CommitRequest(key="a", content=says("then")))
    draft = await platform.files.export(ExportRequest(key="a"))
    assert (draft.file, draft.losses) == ("a.prompt.md", [])
    assert "name: A\ntags:\n- t\n" in draft.text and draft.text.endswith("# user\n\nnow\n")
    version = await platform.files.export(ExportRequest(key="a", version="1", format="langfuse"))
    assert json.loads(version.text)["prompt"] == [{"role": "user", "content": "then"}]
    assert [loss.path for loss in version.losses] == ["name"]


async def test_snippets_stay_in_our_file_and_are_put_into_those_of_others(platform: Platform) -> None:
    await platform.prompts.create_prompt(CreatePromptRequest(key="tone", kind="snippet", draft=says("Be {{mood}}.")))
    await platform.prompts.create_prompt(CreatePromptRequest(key="a", draft=says("{{> tone}} Hello.")))
    ours = await platform.files.export(ExportRequest(key="a"))
    assert ours.text.endswith("{{> tone}} Hello.\n") and ours.losses == []
    theirs = await platform.files.export(ExportRequest(key="a", format="promptfoo"))
    assert "Be {{mood}}. Hello." in theirs.text and "tone" not in theirs.text
    assert [(each.path, each.value) for each in theirs.losses][:1] == [("messages", "{{> tone}}")]
    await platform.prompts.create_prompt(CreatePromptRequest(key="b", draft=says("{{> nobody}}")))
    with pytest.raises(Failure, match="nobody"):
        await platform.files.export(ExportRequest(key="b", format="promptfoo"))


async def test_versions_and_labels_come_along(platform: Platform) -> None:
    file = langfuse("shop/refund", ("one", []), ("two", ["production", "no label!"]))
    told = await platform.files.import_(ImportRequest(files=[file], keep=False))
    assert [(each.key, each.outcome, each.versions) for each in told.prompts] == [("refund", "created", ["1", "2"])]
    with pytest.raises(Failure, match="no prompt"):
        await platform.prompts.get_prompt(GetPromptRequest(key="refund"))
    (made,) = (await platform.files.import_(ImportRequest(files=[file]))).prompts
    assert (made.outcome, made.versions, made.labels) == ("created", ["1", "2"], ["production"])
    assert [(loss.path, loss.value) for loss in made.losses] == [("labels", "no label!")]
    prompt = await platform.prompts.get_prompt(GetPromptRequest(key="refund"))
    assert (prompt.folder, prompt.draft.messages[0].content) == ("shop", "two")
    labels = (await platform.versions.list_labels(ByKey(key="refund"))).labels
    assert [(label.name, label.version) for label in labels] == [("production", "2")]


async def test_a_key_that_is_taken_is_left_alone_or_gets_versions(platform: Platform) -> None:
    await platform.prompts.create_prompt(CreatePromptRequest(key="a", draft=says("mine")))
    file = langfuse("a", ("theirs", []))
    (skipped,) = (await platform.files.import_(ImportRequest(files=[file]))).prompts
    assert skipped.outcome == "skipped"
    assert (await platform.versions.list_versions(ListVersionsRequest(key="a"))).versions == []
    (added,) = (await platform.files.import_(ImportRequest(files=[file], existing="version"))).prompts
    assert (added.outcome, added.versions) == ("versions", ["1"])
    assert (await platform.versions.fetch(FetchRequest(key="a"))).content == says("theirs")
    assert (await platform.prompts.get_prompt(GetPromptRequest(key="a"))).draft == says("mine")


async def test_two_of_one_key_in_one_import_are_one_prompt(platform: Platform) -> None:
    files = [langfuse("a", ("one", [])), langfuse("a", ("two", []))]
    told = await platform.files.import_(ImportRequest(files=files, keep=False))
    assert [each.outcome for each in told.prompts] == ["created", "skipped"]


async def test_what_cannot_be_read_or_made_is_refused_and_the_rest_is_made(platform: Platform) -> None:
    bad_key = ImportFile(name="x.prompt.md", text="---\nkey: a b\n---\n")
    nothing = ImportFile(name="notes.txt", text="[]")
    reply = await platform.files.import_(ImportRequest(files=[bad_key, nothing, langfuse("a", ("one", []))]))
    assert [each.key for each in reply.prompts] == ["a"]
    assert [each.file for each in reply.refused] == ["x.prompt.md: a b", "notes.txt"]
    assert "a key is up to 100" in reply.refused[0].reason


async def test_so_many_files_are_too_many(platform: Platform) -> None:
    files = [ImportFile(name="a", text="")] * (MAX_FILES + 1)
    with pytest.raises(Failure, match="at most 200 files"):
        await platform.files.import_(ImportRequest(files=files))
