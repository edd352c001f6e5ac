"""Drafts read and judged with the snippets a test hands in, without a database."""

from __future__ import annotations

from promptwire.api.authoring import Finding
from promptwire.api.prompt import Content
from promptwire.prompt.lint.draft import Draft
from promptwire.prompt.lint.linter import lint
from promptwire.prompt.reading import Reading, read
from promptwire.template.languages import Languages
from promptwire.template.snippets import Library, Reference, Snippet, expanded


def library(**texts: str) -> Library:
    """Snippets at version 1, by key; both ``{{> key}}`` and ``{{> key@1}}`` are known."""
    snippets = {key: Snippet(key=key, version="1", text=text) for key, text in texts.items()}
    floating = {Reference(key): snippet for key, snippet in snippets.items()}
    return floating | {Reference(key, "1"): snippet for key, snippet in snippets.items()}


def reading(content: Content, known: Library | None = None, own: str | None = None) -> Reading:
    """``content``, read."""
    languages = Languages()
    try:
        return read(content, expanded(content, known or {}, own), languages)
    finally:
        languages.close()


def draft(content: Content, known: Library | None = None) -> Draft:
    """``content`` as rules see it."""
    return Draft(content, reading(content, known))


def findings(content: Content, known: Library | None = None, own: str | None = None) -> list[Finding]:
    """What the rules find in ``content``."""
    return lint(content, reading(content, known, own))
