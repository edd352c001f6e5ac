"""Who includes a snippet: the list is whole, exact about versions, and keeps a snippet from being deleted."""

from __future__ import annotations

import pytest

from prompt_kept import Kept
from promptwire.api.snippet import SnippetUse
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.usage import Usage, refuse_in_use


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)


@pytest.fixture
def usage(database: Database, kept: Kept) -> Usage:
    return Usage(database, kept.history)


def brief(uses: list[SnippetUse]) -> set[tuple[str, str, tuple[str, ...], str]]:
    return {(use.key, use.version or "draft", tuple(use.through), use.pinned or "floats") for use in uses}


async def test_drafts_and_versions_that_name_it_are_found(kept: Kept, usage: Usage) -> None:
    await kept.snippet("tone", "kind")
    await kept.prompt("letter", "{{> tone}} {{> tone@1}}")
    await kept.commit("letter", "{{> tone@1}}")
    await kept.commit("letter", "nothing")
    await kept.label("letter", "production", "1")
    await kept.prompt("toned", "{{> toned}} {{ tone }}")
    uses = await usage.uses("tone")
    assert brief(uses) == {("letter", "draft", (), "floats"), ("letter", "1", (), "1")}
    assert [(use.name, use.kind, use.labels) for use in uses if use.version] == [("Letter", "chat", ["production"])]


async def test_those_it_reaches_through_others_are_found_with_the_way(kept: Kept, usage: Usage) -> None:
    await kept.snippet("tone", "kind")
    await kept.snippet("voice", "{{> tone@1}}")
    await kept.snippet("style", "{{> voice}}")
    await kept.prompt("letter", "{{> style}}")
    assert {one for one in brief(await usage.uses("tone")) if one[0] == "letter"} == {
        ("letter", "draft", ("style", "voice"), "1")
    }


async def test_a_version_nobody_is_at_reaches_nobody(kept: Kept, usage: Usage) -> None:
    await kept.snippet("tone", "kind")
    await kept.snippet("voice", "{{> tone}}", "silent")
    await kept.prompt("floating", "{{> voice}}")
    await kept.prompt("pinned", "{{> voice@1}}")
    assert brief(await usage.uses("tone")) == {
        ("voice", "1", (), "floats"),
        ("pinned", "draft", ("voice",), "floats"),
    }
    await kept.label("voice", "production", "1")
    assert ("floating", "draft", ("voice",), "floats") in brief(await usage.uses("tone"))


async def test_what_is_in_use_is_not_deleted(kept: Kept, usage: Usage) -> None:
    await kept.snippet("tone", "kind {{> tone}}")
    await kept.prompt("letter", "{{> tone}}")
    with pytest.raises(Failure, match=r"'tone' is in use: it is included by letter \(draft\)") as caught:
        await kept.store.delete("tone", "", refuse_in_use)
    assert caught.value.class_ == "conflict"
    await kept.store.delete("letter", "", refuse_in_use)
    await kept.store.delete("tone", "", refuse_in_use)
    for key in ("tone", "letter"):
        with pytest.raises(Failure, match="no prompt"):
            await kept.store.prompt(key)


async def test_only_a_few_users_are_named_when_a_deletion_is_refused(kept: Kept, usage: Usage) -> None:
    await kept.snippet("tone", "kind")
    for number in range(7):
        await kept.prompt(f"p{number}", "{{> tone}}")
    with pytest.raises(Failure, match="and 2 more"):
        await kept.store.delete("tone", "", refuse_in_use)
