"""Prompts, snippets and versions kept in a test's own database."""

from __future__ import annotations

from promptwire.api.message import Message
from promptwire.api.prompt import Content, PromptKind
from promptwire.api.version import Label, Version
from promptwire.database import Database
from promptwire.moment import timestamp
from promptwire.prompt.history import History
from promptwire.prompt.store import PromptStore


def says(text: str, model: str = "m") -> Content:
    """A prompt of one user message."""
    return Content(messages=[Message(role="user", content=text)], model=model)


class Kept:
    """What a test keeps, by few words."""

    def __init__(self, database: Database) -> None:
        self.store, self.history = PromptStore(database), History(database)

    async def prompt(self, key: str, text: str, kind: PromptKind = "chat") -> None:
        """A prompt with a draft."""
        await self.store.create(key, name=key.title(), description="", draft=says(text), kind=kind)

    async def snippet(self, key: str, *versions: str, draft: str | None = None) -> None:
        """A snippet with versions 1, 2, … and a draft: the last of them unless another is given."""
        await self.prompt(key, versions[-1] if draft is None else draft, "snippet")
        for text in versions:
            await self.commit(key, text)

    async def commit(self, key: str, text: str) -> None:
        """A version."""
        version = Version(version="", branch="main", message="", author="", parents=[], created_at=timestamp())
        await self.history.commit(key, says(text), version, base=None)

    async def label(self, key: str, name: str, version: str) -> None:
        """A label at a version."""
        label = Label(name=name, version=version, moved_at=timestamp(), moved_by="")
        await self.history.move_label(key, label, reason="", was=None, keep=True)
