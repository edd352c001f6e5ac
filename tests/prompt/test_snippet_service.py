"""The snippet service, as a client sees it."""

from __future__ import annotations

import pytest

from prompt_kept import Kept
from promptwire.api.snippet import SNIPPET_SERVICE, ImpactRequest, ListSnippetsRequest
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.snippet_service import SnippetService
from promptwire.prompt.usage import Usage
from thriftwire import local


async def test_everything_is_reachable_through_the_contract(database: Database) -> None:
    kept = Kept(database)
    await kept.snippet("tone", "kind", "kinder", draft="kindest")
    await kept.label("tone", "production", "1")
    await kept.prompt("fresh", "new", "snippet")
    await kept.prompt("letter", "{{> tone}}")
    handler = SnippetService(kept.store, kept.history, Usage(database, kept.history))
    async with local.connect(SNIPPET_SERVICE, handler) as service:
        listed = (await service.list_snippets(ListSnippetsRequest())).snippets
        assert [(one.key, one.floats_at, one.text, one.versions) for one in listed] == [
            ("fresh", "draft", "new", []),
            ("tone", "1", "kind", ["2", "1"]),
        ]
        assert [use.key for use in (await service.impact(ImpactRequest(key="tone"))).uses] == ["letter"]


async def test_a_snippet_nobody_wrote_has_no_impact(database: Database) -> None:
    kept = Kept(database)
    with pytest.raises(Failure, match="no prompt"):
        await SnippetService(kept.store, kept.history, Usage(database, kept.history)).impact(ImpactRequest(key="x"))
