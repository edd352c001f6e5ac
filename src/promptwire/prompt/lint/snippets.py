"""Rules about what a draft includes, and about texts its template language cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from promptwire.prompt.lint.draft import Check, Draft, Found, Rule
from promptwire.prompt.reading import span
from promptwire.prompt.snippets import DRAFT
from promptwire.template.snippets import INCLUDE, Trouble

SHOWN: Final = 20  # findings of one rule

_MEANT: Final = re.compile(r"\{\{>[^}\n]*\}{0,2}")


def _trouble(trouble: Trouble) -> Check:
    def check(draft: Draft) -> Iterator[Found]:
        found = (
            Found("{said}", place, values={"said": fault.message, "snippet": str(fault.include.reference)})
            for place, fault in draft.reading.faults
            if fault.trouble == trouble
        )
        return islice(found, SHOWN)

    return check


def malformed(draft: Draft) -> Iterator[Found]:
    """Braces that were meant to include something."""
    for text in draft.texts:
        for found in _MEANT.finditer(text.text):
            if not INCLUDE.fullmatch(found.group()):
                yield Found(
                    "'{text}' includes nothing; a snippet is included by {{> key}}",
                    text.span(found.start(), found.end()),
                    values={"text": found.group().strip()},
                )


def foreign_snippet(draft: Draft) -> Iterator[Found]:
    """A snippet that was written in another language than the text it goes into."""
    engine = draft.content.engine
    for place, include, found in draft.reading.included:
        if found is not None and found.engine != engine:
            yield Found(
                "the snippet '{snippet}' is written in {its}, this in {ours}",
                span(place, include.start, include.end),
                values={"snippet": found.key, "its": found.engine, "ours": engine},
            )


def unreleased(draft: Draft) -> Iterator[Found]:
    """A floating include of what has no version yet."""
    for snippet in draft.reading.snippets:
        if snippet.version is None and snippet.stands_for == DRAFT:
            yield Found(
                "the snippet '{snippet}' has no version yet: its draft is put in",
                snippet.span,
                values={"snippet": snippet.key},
            )


def unreadable(draft: Draft) -> Iterator[Found]:
    """A text that is no template of its language."""
    for mistake in draft.reading.mistakes:
        yield Found("{said}", mistake.span, values={"said": mistake.message})


RULES: Final = (
    Rule("unknown-snippet", "error", "A run fails, for there is nothing to put in.", _trouble("unknown")),
    Rule("snippet-circle", "error", "A run fails, for the text would never end.", _trouble("cycle")),
    Rule("snippets-too-deep", "error", "A run fails, and nobody can follow it.", _trouble("depth")),
    Rule("snippets-too-long", "error", "A run fails, for a text has a limit.", _trouble("length")),
    Rule("malformed-include", "error", "The model reads the braces in place of the snippet.", malformed),
    Rule("foreign-snippet", "warning", "It is read in the language of the text it goes into.", foreign_snippet),
    Rule("unreleased-snippet", "info", "Whoever edits it changes this prompt at once.", unreleased),
    Rule("unreadable-template", "error", "A run fails, for the text cannot be rendered.", unreadable),
)
