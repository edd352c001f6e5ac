"""The place for what a checkout asks its server: prompts, their versions, merges and commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from promptwire.api.prompt import Content, ListPromptsReply, Prompt
from promptwire.api.version import Commit, MergeReply
from promptwire.client.errors import NotFound
from promptwire.client.http import Link
from promptwire.client.server import path
from promptwire.files.plain import fingerprint, plain
from promptwire.files.prompt_file import ABOUT, Document


class There(NamedTuple):
    """A prompt as the server has it. ``version`` empty: it has none, and this is its draft."""

    document: Document
    version: str

    @property
    def hash(self) -> str:
        """Of its content."""
        return fingerprint(self.document.content)

    @property
    def about(self) -> dict[str, Any]:
        """What is said of it beside its content."""
        return about(self.document)


class Remote:
    """A server. Methods raise PromptwireError."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.url = link.server.url

    def prompts(self) -> list[Prompt]:
        """Every prompt, with its draft."""
        return self._link.ask("GET", path("prompts"), kind=ListPromptsReply).prompts

    def there(self, prompt: Prompt, *, version: str | None = None, label: str | None = None) -> There | None:
        """A version of a prompt; the draft when it has none at all, and None has the version or label asked for."""
        try:
            where = path("prompts", prompt.key, "fetch", version=version, label=label)
            commit = self._link.ask("GET", where, kind=Commit)
        except NotFound:
            return None if version or label else There(_document(prompt, prompt.draft), "")
        return There(_document(prompt, commit.content), commit.version.version)

    def content(self, key: str, version: str) -> Content:
        """What a version says."""
        return self._link.ask("GET", path("prompts", key, "fetch", version=version), kind=Commit).content

    def merge(self, key: str, base: Content, ours: Content, theirs: Content) -> MergeReply:
        """Two edits of one base as one."""
        body = {"base_content": base, "our_content": ours, "their_content": theirs}
        return self._link.ask("POST", path("prompts", key, "merge"), body, kind=MergeReply)

    def create(self, document: Document) -> Prompt:
        """A new prompt."""
        body = {**about(document), "key": document.key, "draft": document.content}
        return self._link.ask("POST", path("prompts"), body, kind=Prompt)

    def commit(self, key: str, content: Content, message: str, base: str) -> str:
        """A new version of the main branch; a conflict when the branch is not at ``base``."""
        body = {"content": content, "message": message, "base": base}
        return self._link.ask("POST", path("prompts", key, "versions"), body, kind=Commit).version.version

    def save(self, prompt: Prompt, content: Content, base: str) -> None:
        """One's own draft, made from ``base``; a conflict when it has moved since it was read."""
        body = {"draft": content, "revision": prompt.revision, **({"base": base} if base else {})}
        self._link.ask("PUT", path("prompts", prompt.key, "draft"), body, kind=Prompt)

    def describe(self, prompt: Prompt, about: Mapping[str, Any]) -> None:
        """What is said of a prompt beside its content; a conflict when it has changed since it was read."""
        body = {"about_revision": prompt.about_revision, **about}
        self._link.ask("PUT", path("prompts", prompt.key, "draft"), body, kind=Prompt)


def about(document: Document) -> dict[str, Any]:
    """What a document says of its prompt beside the content, without what says nothing."""
    said: dict[str, Any] = plain(msgspec.structs.replace(document, content=Content()))
    return {name: said[name] for name in ABOUT if name in said and name != "key"}


def _document(prompt: Prompt, content: Content) -> Document:
    return Document(**{name: getattr(prompt, name) for name in ABOUT}, content=content)
