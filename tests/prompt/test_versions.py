"""Versions are kept for good, on SQLite and on PostgreSQL; branches, labels and merges lose nothing anybody did."""

import asyncio
from typing import Any

import pytest
from msgspec import Raw

from people import by
from promptwire.api.message import Message
from promptwire.api.prompt import Content, Prompt, Variable
from promptwire.api.version import (
    BranchByName,
    BranchRequest,
    ByKey,
    CommitRequest,
    Decision,
    DiffRequest,
    DropLabelRequest,
    FetchRequest,
    ListVersionsRequest,
    MergeRequest,
    MoveLabelRequest,
    RevertRequest,
)
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.drafts import Edit
from promptwire.prompt.history import History
from promptwire.prompt.store import PromptStore
from promptwire.prompt.versions import VersionService


def says(text: str) -> Content:
    return Content(messages=[Message(role="user", content=text)])


@pytest.fixture
async def store(database: Database) -> PromptStore:
    store = PromptStore(database)
    await store.create("k", name="", description="", draft=says("draft"))
    return store


@pytest.fixture
def service(database: Database, store: PromptStore) -> VersionService:
    async def as_it_is(prompt: Prompt) -> Prompt:
        return prompt

    return VersionService(store, History(database), as_it_is)


async def commit(service: VersionService, text: str | None = None, **fields: str) -> str:
    content = None if text is None else says(text)
    return (await service.commit_version(CommitRequest(key="k", content=content, **fields))).version.version


async def text_of(service: VersionService, **fields: Any) -> str:
    return (await service.fetch(FetchRequest(key="k", **fields))).content.messages[0].content


async def label(
    service: VersionService, name: str, version: str, *, person: str = "", reason: str = "", was: str | None = None
) -> None:
    request = MoveLabelRequest(key="k", name=name, version=version, person=person, reason=reason, was=was)
    await service.move_label(request)


async def test_the_draft_is_committed_and_stays_as_it_was(service: VersionService, store: PromptStore) -> None:
    assert await commit(service, message="first", author="ann") == "1"
    await store.update("k", draft=Edit(says("later")))
    made = await service.fetch(FetchRequest(key="k", version="1"))
    assert made.content == says("draft")
    assert (made.version.message, made.version.author, made.version.parents) == ("first", "ann", [])


async def test_versions_are_numbered_or_named_and_listed_newest_first(service: VersionService) -> None:
    names = [await commit(service), await commit(service, version="1.0.0"), await commit(service)]
    assert names == ["1", "1.0.0", "3"]
    listed = (await service.list_versions(ListVersionsRequest(key="k"))).versions
    assert [version.version for version in listed] == ["3", "1.0.0", "1"]
    assert [version.parents for version in listed] == [["1.0.0"], ["1"], []]


@pytest.mark.parametrize("name", ["1", "1.0", "v1.0.0", "1.0.0\n", "01.0.0", "", "1.0.0-" + "x" * 21])
async def test_a_version_is_semantic(service: VersionService, name: str) -> None:
    with pytest.raises(Failure, match=r"1\.2\.0") as caught:
        await commit(service, version=name)
    assert caught.value.class_ == "invalid_request"


async def test_a_version_is_named_once(service: VersionService) -> None:
    await commit(service, "one", version="1.0.0")
    with pytest.raises(Failure, match=r"version 1\.0\.0 already") as caught:
        await commit(service, "two", version="1.0.0")
    assert caught.value.class_ == "conflict"
    assert await text_of(service, version="1.0.0") == "one"


async def test_a_branch_that_has_moved_on_is_a_conflict(service: VersionService) -> None:
    await commit(service, "one", base="")
    await commit(service, "two", base="1")
    with pytest.raises(Failure, match="main is at 2, not at 1") as caught:
        await commit(service, "mine", base="1")
    assert caught.value.class_ == "conflict"


async def test_many_who_commit_at_once_each_get_a_version(service: VersionService) -> None:
    names = await asyncio.gather(*(commit(service, f"text {number}") for number in range(8)))
    assert sorted(names) == [str(number) for number in range(1, 9)]
    listed = (await service.list_versions(ListVersionsRequest(key="k"))).versions
    assert [version.parents for version in listed] == [[str(number)] for number in range(7, 0, -1)] + [[]]


async def test_a_version_wins_over_a_label_and_a_label_over_the_newest(service: VersionService) -> None:
    for text in ("one", "two", "three"):
        await commit(service, text)
    await label(service, "production", "2")
    assert await text_of(service) == "three"
    assert await text_of(service, label="production") == "two"
    assert await text_of(service, label="production", version="1") == "one"


async def test_what_is_not_there_is_named(service: VersionService) -> None:
    with pytest.raises(Failure, match="no version yet"):
        await text_of(service)
    await commit(service)
    for fields, said in (({"version": "9"}, "no version '9'"), ({"label": "production"}, "no label 'production'")):
        with pytest.raises(Failure, match=said) as caught:
            await text_of(service, **fields)
        assert caught.value.class_ == "not_found"
    with pytest.raises(Failure, match="no prompt with the key 'nope'"):
        await service.list_versions(ListVersionsRequest(key="nope"))
    with pytest.raises(Failure, match="no branch 'dev'"):
        await commit(service, branch="dev")


async def test_a_label_remembers_who_moved_it_when_and_why(service: VersionService) -> None:
    await commit(service, "one")
    await commit(service, "two")
    await label(service, "production", "1", person="ann", reason="first release")
    await label(service, "production", "2", person="bob", reason="faster", was="1")
    await service.drop_label(DropLabelRequest(key="k", name="production", person="ann"))
    assert (await service.list_labels(ByKey(key="k"))).labels == []
    moves = (await service.label_history(ByKey(key="k"))).moves
    assert [(move.before, move.after, move.person, move.reason) for move in moves] == [
        ("2", None, "ann", ""),
        ("1", "2", "bob", "faster"),
        (None, "1", "ann", "first release"),
    ]
    assert moves[0].at >= moves[1].at >= moves[2].at


async def test_a_label_that_was_moved_meanwhile_is_a_conflict(service: VersionService) -> None:
    await commit(service)
    await commit(service)
    await label(service, "production", "2", was="")
    with pytest.raises(Failure, match="'production' is at 2, not at 1") as caught:
        await label(service, "production", "1", was="1")
    assert caught.value.class_ == "conflict"


async def test_only_its_keepers_move_a_protected_label(service: VersionService) -> None:
    await commit(service)
    await commit(service)
    protected = MoveLabelRequest(key="k", name="production", version="1", person="ann", keepers=["ann"])
    await service.move_label(protected)
    attempts = [
        service.move_label(MoveLabelRequest(key="k", name="production", version="2", person="bob")),
        service.move_label(MoveLabelRequest(key="k", name="production", version="1", person="bob", keepers=[])),
        service.drop_label(DropLabelRequest(key="k", name="production", person="bob")),
    ]
    for attempt in attempts:
        with pytest.raises(Failure, match="only ann may move") as caught:
            await attempt
        assert caught.value.class_ == "permission_denied"
    await label(service, "production", "2", person="ann")
    [kept] = (await service.list_labels(ByKey(key="k"))).labels
    assert (kept.version, kept.keepers) == ("2", ["ann"])


@pytest.mark.parametrize("name", ["1", "draft", "latest", "history", "a b", "a" * 51, ""])
async def test_a_label_or_branch_is_no_version_and_no_word_of_ours(service: VersionService, name: str) -> None:
    await commit(service)
    with pytest.raises(Failure, match="a label is"):
        await label(service, name, "1")
    with pytest.raises(Failure, match="a branch is"):
        await service.create_branch(BranchRequest(key="k", name=name, version="1"))


async def test_versions_are_listed_with_their_labels_and_by_branch(service: VersionService) -> None:
    await commit(service)
    await service.create_branch(BranchRequest(key="k", name="dev", version="1"))
    await commit(service, "on dev", branch="dev")
    await label(service, "beta", "2")
    await label(service, "alpha", "2")
    [on_dev] = (await service.list_versions(ListVersionsRequest(key="k", branch="dev"))).versions
    assert (on_dev.version, on_dev.parents, on_dev.labels) == ("2", ["1"], ["alpha", "beta"])
    assert [(b.name, b.head) for b in (await service.list_branches(ByKey(key="k"))).branches] == [
        ("dev", "2"),
        ("main", "1"),
    ]


async def test_a_dropped_branch_leaves_its_versions(service: VersionService) -> None:
    await commit(service)
    await service.create_branch(BranchRequest(key="k", name="dev", version="1"))
    await commit(service, "on dev", branch="dev")
    await service.drop_branch(BranchByName(key="k", name="dev"))
    assert await text_of(service, version="2") == "on dev"
    for name in ("dev", "main"):
        with pytest.raises(Failure):
            await service.drop_branch(BranchByName(key="k", name=name))
    with pytest.raises(Failure, match="has a branch"):
        for _ in range(2):
            await service.create_branch(BranchRequest(key="k", name="again", version="1"))


async def test_two_branches_become_one_version(service: VersionService) -> None:
    await commit(service, "a\nb\nc")
    await service.create_branch(BranchRequest(key="k", name="dev", version="1"))
    await commit(service, "a\nb\nC", branch="dev")
    await commit(service, "A\nb\nc")
    merged = await service.merge(MergeRequest(key="k", ours="main", theirs="dev"))
    assert (merged.base, merged.conflicts) == ("1", [])
    assert merged.content == says("A\nb\nC")
    request = CommitRequest(key="k", content=merged.content, base="3", merged="2")
    assert (await service.commit_version(request)).version.parents == ["3", "2"]
    again = await service.merge(MergeRequest(key="k", ours="main", theirs="dev"))
    assert (again.base, again.content) == ("2", says("A\nb\nC"))


async def test_two_edits_of_a_draft_are_merged_over_what_both_saw(service: VersionService) -> None:
    request = MergeRequest(
        key="k", base_content=says("a\nb\nc"), our_content=says("A\nb\nc"), their_content=says("a\nb\nX")
    )
    assert (await service.merge(request)).content == says("A\nb\nX")
    request.their_content = says("Z\nb\nc")
    [conflict] = (await service.merge(request)).conflicts
    assert conflict.path == "messages[0].content"
    assert conflict.base == Raw(b'"a\\nb\\nc"')
    assert (conflict.ours, conflict.theirs) == (Raw(b'"A\\nb\\nc"'), Raw(b'"Z\\nb\\nc"'))
    with pytest.raises(Failure, match="base_content"):
        await service.merge(MergeRequest(key="k", our_content=says("x"), their_content=says("y")))


async def test_versions_labels_branches_and_the_draft_are_compared(service: VersionService) -> None:
    await commit(service, "one")
    await label(service, "production", "1")
    for before, after in (("1", "draft"), ("production", "draft"), ("main", "draft")):
        [change] = (await service.diff(DiffRequest(key="k", before=before, after=after))).changes
        assert (change.path, change.before, change.after) == ("messages[0].content", Raw(b'"one"'), Raw(b'"draft"'))
    with pytest.raises(Failure, match="no version 'nope'"):
        await service.diff(DiffRequest(key="k", before="nope", after="draft"))


async def test_a_version_becomes_the_draft_again(service: VersionService, store: PromptStore) -> None:
    await commit(service, "one")
    with pytest.raises(Failure) as caught:
        await service.revert(RevertRequest(key="k", version="1", revision=7))
    assert caught.value.class_ == "conflict"
    reverted = await service.revert(RevertRequest(key="k", version="1", revision=1))
    assert (reverted.draft, reverted.revision) == (says("one"), 2)
    assert (await store.prompt("k")).draft == says("one")


async def test_whoever_calls_is_the_author_and_the_mover_unless_another_is_named(service: VersionService) -> None:
    with by("王小明"):
        made = await service.commit_version(CommitRequest(key="k"))
        named = await service.commit_version(CommitRequest(key="k", author="ann"))
        await label(service, "production", "1")
    assert (made.version.author, named.version.author) == ("王小明", "ann")
    assert (await service.label_history(ByKey(key="k"))).moves[0].person == "王小明"


async def test_a_version_is_fetched_with_its_snippets_in_place(service: VersionService, store: PromptStore) -> None:
    tone = Content(messages=says("Be {{mood}}.").messages, variables=[Variable(name="mood")])
    await store.create("tone", name="", description="", draft=tone, kind="snippet")
    await commit(service, "{{> tone}} Go.")
    assert await text_of(service, version="1") == "{{> tone}} Go."
    fetched = await service.fetch(FetchRequest(key="k", version="1", expand=True))
    assert (fetched.content.messages[0].content, fetched.content.variables) == ("Be {{mood}}. Go.", tone.variables)
    assert fetched.snippets == {"tone": "draft"}


async def test_what_floats_goes_on_floating_and_the_commit_says_where_it_was(
    service: VersionService, store: PromptStore
) -> None:
    await store.create("tone", name="", description="", draft=says("one"), kind="snippet")
    await service.commit_version(CommitRequest(key="tone"))
    await commit(service, "{{> tone}}")
    await service.commit_version(CommitRequest(key="tone", content=says("two")))
    fetched = await service.fetch(FetchRequest(key="k", version="1", expand=True))
    assert (fetched.content.messages[0].content, fetched.snippets) == ("two", {"tone": "1"})


@pytest.mark.parametrize(("text", "said"), [("{{> nobody}}", "no snippet 'nobody'"), ("{{> s}}", "s → s")])
async def test_what_could_not_run_is_not_committed(
    service: VersionService, store: PromptStore, text: str, said: str
) -> None:
    await store.create("s", name="", description="", draft=says(text), kind="snippet")
    for request in (CommitRequest(key="s"), CommitRequest(key="s", content=says(text))):
        with pytest.raises(Failure, match=said):
            await service.commit_version(request)
    assert (await service.list_versions(ListVersionsRequest(key="s"))).versions == []


async def test_a_snippet_is_committed_as_one_text(service: VersionService, store: PromptStore) -> None:
    await store.create("s", name="", description="", draft=says("a"), kind="snippet")
    two = Content(messages=[*says("a").messages, *says("b").messages])
    with pytest.raises(Failure, match="one template"):
        await service.commit_version(CommitRequest(key="s", content=two))


async def test_a_draft_is_of_the_version_that_says_the_same(service: VersionService, store: PromptStore) -> None:
    assert (await store.prompt("k")).modified
    await commit(service)
    kept = await store.prompt("k")
    assert (kept.base, kept.modified, kept.revision) == ("1", False, 1)
    await commit(service, "something else")
    assert (await store.prompt("k")).base == "1"
    assert (await store.update("k", draft=Edit(says("typed")))).modified
    assert not (await store.update("k", draft=Edit(says("draft")))).modified


async def test_who_has_no_draft_begins_with_the_newest_main_version(
    service: VersionService, store: PromptStore
) -> None:
    await commit(service, "first")
    await commit(service, "newest")
    with by("ann"):
        seen = await store.prompt("k")
        assert (seen.draft, seen.base, seen.revision, seen.modified) == (says("newest"), "2", 0, False)
        assert [prompt.draft for prompt in await store.every()] == [says("newest")]
        await commit(service, "moved on")
        kept = await store.update("k", draft=Edit(says("mine"), revision=0, base="2", moved=True))
        assert (kept.base, kept.modified, kept.revision) == ("2", True, 1)
        with pytest.raises(Failure, match="no version '9'"):
            await store.update("k", draft=Edit(says("mine"), base="9", moved=True))


async def test_two_people_who_began_before_there_was_a_version_lose_nothing(
    service: VersionService, store: PromptStore
) -> None:
    await store.update("k", draft=Edit(says("a\nb\nc")))
    with by("ann"):
        began = (await store.prompt("k")).draft
        await store.update("k", draft=Edit(says("A\nb\nc"), revision=0, origin=began))
    with by("bob"):
        await store.update("k", draft=Edit(says("a\nb\nC"), revision=0, origin=began))
        await commit(service)
    with by("ann"):
        with pytest.raises(Failure, match="main is at 1"):
            await commit(service, base="")
        merged = await service.merge(MergeRequest(key="k", ours="draft", theirs="main"))
        assert (merged.conflicts, merged.content, merged.base) == ([], says("A\nb\nC"), None)
        assert (await service.merge(MergeRequest(key="k", ours="draft", theirs="draft:bob"))).content == says("A\nb\nC")


async def test_a_draft_is_merged_over_the_version_it_was_made_from(service: VersionService, store: PromptStore) -> None:
    await commit(service, "a\nb\nc")
    with by("ann"):
        await store.update("k", draft=Edit(says("A\nb\nc"), revision=0))
    await commit(service, "a\nb\nC")
    with by("ann"):
        merged = await service.merge(MergeRequest(key="k", ours="draft", theirs="main"))
        assert (merged.base, merged.conflicts, merged.content) == ("1", [], says("A\nb\nC"))
        made = await service.commit_version(CommitRequest(key="k", content=merged.content, base="2", merged="1"))
        assert made.version.parents == ["2", "1"]


async def test_what_somebody_else_has_written_can_be_gone_on_with(service: VersionService, store: PromptStore) -> None:
    await commit(service, "first")
    with by("ann"):
        await store.update("k", draft=Edit(says("Ann's"), revision=0))
    with by("bob"):
        taken = await service.revert(RevertRequest(key="k", version="draft:ann", revision=0))
        assert (taken.draft, taken.base, taken.modified, taken.person) == (says("Ann's"), "1", True, "bob")
        paths = (await service.diff(DiffRequest(key="k", before="main", after="draft:ann"))).changes
        assert [change.path for change in paths] == ["messages[0].content"]
        label_at = await service.move_label(MoveLabelRequest(key="k", name="production", version="1"))
        back = await service.revert(RevertRequest(key="k", version=label_at.name, revision=1))
        assert (back.draft, back.base, back.modified) == (says("first"), "1", False)
    with pytest.raises(Failure, match="nobody has no draft of 'j'"):
        await store.create("i", name="", description="", draft=says(""))
        with by("ann"):
            await store.create("j", name="", description="", draft=says(""))
        await service.diff(DiffRequest(key="j", before="draft:", after="draft"))


async def test_conflicts_are_decided_and_what_makes_no_prompt_is_refused(
    service: VersionService, store: PromptStore
) -> None:
    await commit(service, "a")
    await store.update("k", draft=Edit(says("mine"), base="1", moved=True))
    await commit(service, "yours")
    merged = await service.merge(MergeRequest(key="k", ours="draft", theirs="main"))
    assert [conflict.path for conflict in merged.conflicts] == ["messages[0].content"]

    async def decided(value: bytes) -> Content:
        decision = Decision(path="messages[0].content", value=Raw(value))
        asked = MergeRequest(key="k", ours="draft", theirs="main", decisions=[decision])
        return (await service.merge(asked)).content

    assert await decided(b'"both"') == says("both")
    with pytest.raises(Failure, match="makes no prompt"):
        await decided(b"5")
