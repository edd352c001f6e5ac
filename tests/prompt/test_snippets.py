"""Which version an include stands for, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from prompt_kept import Kept, says
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.snippets import Snippets, snippet_text


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)


@pytest.fixture
def snippets(database: Database) -> Snippets:
    return Snippets(database)


async def put_in(snippets: Snippets, text: str, key: str | None = None) -> str:
    return snippet_text(await snippets.put_in(says(text), key))


async def test_an_include_floats_to_production_else_the_newest_else_the_draft(kept: Kept, snippets: Snippets) -> None:
    await kept.prompt("a", "draft", "snippet")
    assert await put_in(snippets, "{{> a}}") == "draft"
    await kept.commit("a", "one")
    await kept.commit("a", "two")
    assert await put_in(snippets, "{{> a}}") == "two"
    await kept.label("a", "production", "1")
    assert await put_in(snippets, "{{> a}} {{> a@2}}") == "one two"


async def test_snippets_of_snippets_are_found(kept: Kept, snippets: Snippets) -> None:
    await kept.snippet("inner", "in", draft="not this")
    await kept.snippet("outer", "({{> inner}}{{> inner@1}})")
    content = says("{{> outer}}!")
    assert snippet_text(await snippets.put_in(content)) == "(inin)!"
    assert await snippets.standing(content, "p") == {"outer": "1", "inner": "1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{> nobody}}", "there is no snippet 'nobody'"),
        ("{{> a@9}}", "there is no snippet 'a' at 9"),
        ("{{> chat}}", "'chat' is a chat prompt, not a snippet"),
        ("{{> b}}", "circle: b → b"),
    ],
)
async def test_what_cannot_be_put_in_is_said(kept: Kept, snippets: Snippets, text: str, said: str) -> None:
    await kept.snippet("a", "one")
    await kept.prompt("chat", "x")
    await kept.prompt("b", "{{> b}}", "snippet")
    for work in (snippets.put_in(says(text)), snippets.standing(says(text), "p")):
        with pytest.raises(Failure, match=said) as caught:
            await work
        assert caught.value.class_ == "invalid_request"
    assert snippet_text((await snippets.look_at(says(text))).content) == ""


async def test_a_text_without_includes_asks_the_database_nothing(database: Database, snippets: Snippets) -> None:
    await database.close()
    assert await put_in(snippets, "{{a}} {> a}}") == "{{a}} {> a}}"
