"""A draft as rules look at it: its texts with their places, sentences and variables, found once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from promptwire.api.authoring import Edit, Finding, Severity, Span
from promptwire.api.message import Role
from promptwire.api.prompt import Content

LOOKED_AT: Final = 50_000  # characters of each text; of a longer one the rest is not looked at

VARIABLE: Final = re.compile(r"\{\{-?\s*([^\W\d][\w-]*)\s*-?\}\}")
_SENTENCE: Final = re.compile(r"[^.!?\n。！？]+(?:[.!?。！？]+|\n|$)")  # noqa: RUF001  # Chinese ends sentences so
_FENCE: Final = re.compile(r"```.*?(?:```|\Z)|<example.*?(?:</example[^>]*>|\Z)", re.DOTALL | re.IGNORECASE)


class Match(NamedTuple):
    """A piece of a text: what it says, and where it stands in the whole text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a draft and its place."""

    role: Role
    text: str
    message: int
    part: int | None = None

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Characters ``start`` to ``end`` of this text."""
        return Span(message=self.message, part=self.part, start=start, end=len(self.text) if end is None else end)

    def sentences(self) -> Iterator[Match]:
        """The sentences and lines, examples and code left out."""
        prose = _FENCE.sub(lambda found: " " * len(found.group()), self.text)
        for found in _SENTENCE.finditer(prose):
            said = found.group()
            if said.strip():
                start = found.start() + len(said) - len(said.lstrip())
                yield Match(said.strip(), start, start + len(said.strip()))

    def find(self, pattern: re.Pattern[str]) -> Iterator[Match]:
        """Where ``pattern`` matches in prose."""
        prose = _FENCE.sub(lambda found: " " * len(found.group()), self.text)
        for found in pattern.finditer(prose):
            yield Match(found.group(), found.start(), found.end())


@dataclass(frozen=True)
class Draft:
    """A draft's content and what rules ask of it."""

    content: Content

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Every text, in order; placeholders have none."""
        return tuple(self._texts())

    def _texts(self) -> Iterator[Text]:
        for index, message in enumerate(self.content.messages):
            if message.role == "placeholder":
                continue
            yield Text(message.role, message.content[:LOOKED_AT], index)
            for number, part in enumerate(message.parts or ()):
                if part.text is not None:
                    yield Text(message.role, part.text[:LOOKED_AT], index, number)

    @cached_property
    def instructions(self) -> tuple[Text, ...]:
        """The texts that tell the model what to do."""
        return tuple(text for text in self.texts if text.role in ("system", "user") and text.text.strip())

    @cached_property
    def whole(self) -> str:
        """All instructions as one text, for questions without a place."""
        return "\n".join(text.text for text in self.instructions)

    @cached_property
    def used(self) -> dict[str, tuple[Text, Match]]:
        """The variables used, by name, with their first place."""
        found: dict[str, tuple[Text, Match]] = {}
        for text in self.texts:
            for match in VARIABLE.finditer(text.text):
                found.setdefault(match[1], (text, Match(match[1], match.start(), match.end())))
        return found

    @cached_property
    def declared(self) -> set[str]:
        """The variables the draft says something about."""
        return {variable.name for variable in self.content.variables}

    @cached_property
    def placeholders(self) -> set[str]:
        """The names of placeholder messages."""
        return {message.content for message in self.content.messages if message.role == "placeholder"}


class Found(NamedTuple):
    """What a rule's check gives: a sentence, and where and how to mend it when that is known."""

    message: str
    span: Span | None = None
    fix: str | None = None
    edits: tuple[Edit, ...] = ()


Check: TypeAlias = Callable[[Draft], Iterable[Found]]


class Rule(NamedTuple):
    """One rule: what it is called, how bad it is, why it matters, and how it looks."""

    id: str
    severity: Severity
    why: str
    check: Check

    def findings(self, draft: Draft) -> Iterator[Finding]:
        """What the rule finds."""
        for found in self.check(draft):
            yield Finding(
                rule=self.id,
                severity=self.severity,
                message=found.message,
                why=self.why,
                span=found.span,
                fix=found.fix,
                edits=list(found.edits),
            )


def replace(text: Text, match: Match, by: str) -> tuple[Edit, ...]:
    """The edit that puts ``by`` in place of ``match``."""
    return (Edit(span=text.span(match.start, match.end), text=by),)
