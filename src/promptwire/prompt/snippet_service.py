"""`promptwire.api.snippet.SnippetService`: the snippets there are, and who includes them."""

from __future__ import annotations

from promptwire.api.snippet import (
    ImpactReply,
    ImpactRequest,
    ListSnippetsReply,
    ListSnippetsRequest,
    Snippet,
)
from promptwire.prompt.history import History
from promptwire.prompt.snippets import DRAFT, snippet_text
from promptwire.prompt.store import PromptStore
from promptwire.prompt.usage import Usage


class SnippetService:
    """The snippets among the prompts of ``store``. Methods raise Failure."""

    def __init__(self, store: PromptStore, history: History, usage: Usage) -> None:
        self._store, self._history, self._usage = store, history, usage

    async def list_snippets(self, request: ListSnippetsRequest) -> ListSnippetsReply:
        """Every snippet, by key."""
        found: list[Snippet] = []
        for prompt in await self._store.every():
            if prompt.kind == "snippet":
                commit = await self._history.floating(prompt.key)
                snippet = Snippet(
                    key=prompt.key,
                    name=prompt.name,
                    description=prompt.description,
                    floats_at=DRAFT if commit is None else commit.version.version,
                    text=snippet_text(prompt.draft if commit is None else commit.content),
                    versions=[version.version for version in await self._history.versions(prompt.key)],
                )
                found.append(snippet)
        return ListSnippetsReply(snippets=sorted(found, key=lambda snippet: snippet.key))

    async def impact(self, request: ImpactRequest) -> ImpactReply:
        """Who includes a snippet, directly and through others."""
        await self._store.prompt(request.key)
        return ImpactReply(uses=await self._usage.uses(request.key))
