"""A draft as rules look at it: its texts with their places, sentences and variables, found once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from promptwire.api.authoring import Edit, Finding, Severity, Span
from promptwire.api.message import Role
from promptwire.api.prompt import Content
from promptwire.prompt.reading import Reading
from promptwire.template.rendering import texts
from promptwire.template.snippets import Include

LOOKED_AT: Final = 50_000  # characters of each text; of a longer one the rest is not looked at
LOOKED_AT_IN_ALL: Final = 200_000  # characters of all texts

VARIABLE: Final = re.compile(r"\{\{-?\s*([^\W\d][\w-]*)\s*-?\}\}")
_VALUE: Final = re.compile(r"\{(\w+)\}")
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
    reading: Reading

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Every text, in order; placeholders have none."""
        return tuple(self._texts())

    def _texts(self) -> Iterator[Text]:
        left = LOOKED_AT_IN_ALL
        for place, text in texts(self.content.messages).items():
            looked_at = text[: min(LOOKED_AT, left)]
            left -= len(looked_at)
            yield Text(self.content.messages[place.message].role, looked_at, place.message, place.part)

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
        """The variables the texts themselves use, by name, with their first place."""
        return {name: place for name, (place, include) in self._first.items() if include is None}

    @cached_property
    def borrowed(self) -> dict[str, tuple[Text, Match, str]]:
        """The variables that only snippets use, by name, with the place and the key of the first such include."""
        return {
            name: (*place, include.reference.key)
            for name, (place, include) in self._first.items()
            if include is not None
        }

    @cached_property
    def _first(self) -> dict[str, tuple[tuple[Text, Match], Include | None]]:
        texts = {(text.message, text.part): text for text in self.texts}
        found: dict[str, tuple[tuple[Text, Match], Include | None]] = {}
        own = sorted(self.reading.uses, key=lambda use: use.include is not None)
        for use in own:
            if use.kind == "string" and use.name not in found:
                text = texts[use.place]
                said = text.text[use.start : use.end]
                found[use.name] = ((text, Match(said, use.start, use.end)), use.include)
        return found

    @cached_property
    def declared(self) -> set[str]:
        """The variables the draft or its snippets say something about."""
        return {variable.name for variable in self.reading.expanded.content.variables}


class Found(NamedTuple):
    """What a rule's check gives: a sentence, and where and how to mend it when that is known.

    In ``wording`` and ``fix`` ``{name}`` stands for one of ``values``, so that they can be said in other languages too.
    """

    wording: str
    span: Span | None = None
    fix: str | None = None
    edits: tuple[Edit, ...] = ()
    values: Mapping[str, str | int] = MappingProxyType({})


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
            values = {name: str(value) for name, value in found.values.items()}
            yield Finding(
                rule=self.id,
                severity=self.severity,
                message=filled(found.wording, values),
                why=self.why,
                span=found.span,
                fix=None if found.fix is None else filled(found.fix, values),
                edits=list(found.edits),
                wording=found.wording,
                fix_wording=found.fix,
                values=values,
            )


def filled(wording: str, values: Mapping[str, str]) -> str:
    """``wording`` with its values in their places."""
    return _VALUE.sub(lambda found: values.get(found[1], found[0]), wording)


def renamed(text: Text, match: Match, name: str) -> tuple[Edit, ...]:
    """The edit that makes the variable at ``match`` be ``name``, in whatever marks it stands."""
    return replace(text, match, "{{" + name + "}}" if VARIABLE.fullmatch(match.text) else name)


def replace(text: Text, match: Match, by: str) -> tuple[Edit, ...]:
    """The edit that puts ``by`` in place of ``match``."""
    return (Edit(span=text.span(match.start, match.end), text=by),)
