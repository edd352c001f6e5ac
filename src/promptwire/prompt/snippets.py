"""The place where the snippets that a prompt includes are found: which version each include stands for today."""

from __future__ import annotations

from typing import Final

from promptwire.api.prompt import Content
from promptwire.errors import Failure
from promptwire.prompt.history import History
from promptwire.prompt.store import PromptStore
from promptwire.template.snippets import (
    MAX_SNIPPETS,
    Expanded,
    Library,
    Reference,
    Snippet,
    expanded,
    included,
    includes,
    refuse_faults,
)

DRAFT: Final = "draft"  # the version of what has none yet


class Snippets:
    """The snippets among the prompts of ``store``, at the versions in ``history``."""

    def __init__(self, store: PromptStore, history: History) -> None:
        self._store, self._history = store, history

    async def put_in(self, content: Content, key: str | None = None) -> Content:
        """``content``, kept under ``key``, with its snippets in place. Raises Failure (invalid_request)."""
        made = await self.look_at(content, key)
        refuse_faults(made)
        return made.content

    async def look_at(self, content: Content, key: str | None = None) -> Expanded:
        """The same, with what is wrong said and left out."""
        return expanded(content, await self._library(content), key)

    async def standing(self, content: Content, key: str) -> dict[str, str]:
        """The version that each floating include of ``content``, at any depth, stands for. Raises Failure."""
        library = await self._library(content)
        refuse_faults(expanded(content, library, key))
        return {
            reference.key: found.version
            for reference, found in library.items()
            if reference.version is None and isinstance(found, Snippet)
        }

    async def _library(self, content: Content) -> Library:
        library: dict[Reference, Snippet | str] = {}
        wanted = [include.reference for include in included(content)]
        while wanted and len(library) < MAX_SNIPPETS:
            reference = wanted.pop(0)
            if reference not in library:
                found = library[reference] = await self._found(reference)
                if isinstance(found, Snippet):
                    wanted += [include.reference for include in includes(found.text)]
        return library

    async def _found(self, reference: Reference) -> Snippet | str:
        """What an include stands for: its version; else the one labelled production, the newest, or the draft."""
        try:
            prompt = await self._store.prompt(reference.key)
            if prompt.kind != "snippet":
                return f"{reference.key!r} is a {prompt.kind} prompt, not a snippet"
            if reference.version is None:
                commit = await self._history.floating(reference.key)
            else:
                commit = await self._history.fetch(reference.key, reference.version)
        except Failure as failure:
            if failure.class_ != "not_found":
                raise
            named = f"{reference.key!r}" if reference.version is None else f"{reference.key!r} at {reference.version}"
            return f"there is no snippet {named}"
        content = prompt.draft if commit is None else commit.content
        return Snippet(
            key=reference.key,
            version=DRAFT if commit is None else commit.version.version,
            text=snippet_text(content),
            engine=content.engine,
            variables=tuple(content.variables),
        )


def snippet_text(content: Content) -> str:
    """What a snippet says."""
    return content.messages[0].content if content.messages else ""
