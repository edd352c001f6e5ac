"""The place where the snippets that a prompt includes are found: which version each include stands for today."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.person import person
from promptwire.prompt import drafts
from promptwire.prompt.history import fetch, floating
from promptwire.prompt.store import row_of
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
    """The snippets among the prompts of ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_in(self, content: Content, key: str | None = None) -> Content:
        """``content``, kept under ``key``, with its snippets in place. Raises Failure (invalid_request)."""
        if next(included(content), None) is None:
            return content
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
        wanted = [include.reference for include in included(content)]
        return await self._database.read(_library, wanted, person()) if wanted else {}


def _library(connection: Connection, wanted: list[Reference], person: str) -> Library:
    library: dict[Reference, Snippet | str] = {}
    while wanted and len(library) < MAX_SNIPPETS:
        reference = wanted.pop(0)
        if reference not in library:
            found = library[reference] = _found(connection, reference, person)
            if isinstance(found, Snippet):
                wanted += [include.reference for include in includes(found.text)]
    return library


def _found(connection: Connection, reference: Reference, person: str) -> Snippet | str:
    """What an include stands for: its version; else the one labelled production, the newest, or the draft."""
    key, version = reference
    try:
        kind = row_of(connection, key).kind
        if kind != "snippet":
            return f"{key!r} is a {kind} prompt, not a snippet"
        commit = floating(connection, key) if version is None else fetch(connection, key, version)
    except Failure as failure:
        if failure.class_ != "not_found":
            raise
        return f"there is no snippet {key!r}" + ("" if version is None else f" at {version}")
    content = drafts.current(connection, key, person).content if commit is None else commit.content
    return Snippet(
        key=key,
        version=DRAFT if commit is None else commit.version.version,
        text=snippet_text(content),
        engine=content.engine,
        variables=tuple(content.variables),
    )


def snippet_text(content: Content) -> str:
    """What a snippet says."""
    return content.messages[0].content if content.messages else ""
