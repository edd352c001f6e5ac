"""The place where a draft is read before anybody judges it: its variables, its snippets, and where each stands.

Read with the draft's own template language and with its snippets in place; a place inside a snippet is told as the
place of its include.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from promptwire.api.authoring import Included, Slot, Span
from promptwire.api.prompt import Content
from promptwire.template.engines.outline import Outline
from promptwire.template.languages import Languages
from promptwire.template.rendering import Place, outlines
from promptwire.template.snippets import Expanded, Fault, Include, Snippet


class Use(NamedTuple):
    """A variable stands at a place of the draft as it was written. ``include``: it is a snippet that uses it."""

    name: str
    kind: Literal["string", "messages", "parts"]
    place: Place
    start: int
    end: int
    certain: bool = True
    include: Include | None = None

    @property
    def span(self) -> Span:
        """The place, as the contract says it."""
        return span(self.place, self.start, self.end)


class Mistake(NamedTuple):
    """A text is not a template of its language."""

    message: str
    span: Span


@dataclass(frozen=True)
class Reading:
    """One draft, read."""

    content: Content
    expanded: Expanded
    outlines: Mapping[Place, Outline]

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Where variables stand, in order."""
        return tuple(self._uses())

    @cached_property
    def slots(self) -> list[Slot]:
        """The variables a run takes values for, in order of appearance."""
        declared = {variable.name: variable for variable in self.expanded.content.variables}
        slots: dict[str, Slot] = {}
        for use in self.uses:
            slot = slots.get(use.name)
            if slot is None:
                snippet = use.include.reference.key if use.include is not None else None
                slot = Slot(name=use.name, type=use.kind, spans=[], certain=False, snippet=snippet)
                slot.settings = declared.get(use.name)
                slots[use.name] = slot
            slot.spans.append(use.span)
            slot.certain = slot.certain or use.certain
        return list(slots.values())

    @property
    def unused(self) -> list[str]:
        """The variables that the draft itself declares and nothing uses."""
        used = {use.name for use in self.uses}
        return [variable.name for variable in self.content.variables if variable.name not in used]

    @property
    def included(self) -> Iterator[tuple[Place, Include, Snippet | None]]:
        """The includes the draft itself writes, and what each stands for."""
        for place, text in self.expanded.texts.items():
            for include in text.included:
                found = self.expanded.library.get(include.reference)
                yield place, include, found if isinstance(found, Snippet) else None

    @property
    def snippets(self) -> list[Included]:
        """The same, as the contract says it."""
        return [
            Included(
                key=include.reference.key,
                version=include.reference.version,
                span=span(place, include.start, include.end),
                stands_for=None if found is None else found.version,
            )
            for place, include, found in self.included
        ]

    @property
    def faults(self) -> Iterator[tuple[Span, Fault]]:
        """The snippets that could not be put in."""
        for place, fault in self.expanded.faults:
            yield span(place, fault.include.start, fault.include.end), fault

    @property
    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong with the texts as templates."""
        for place, outline in self.outlines.items():
            for fault in outline.faults:
                origin = self.expanded.texts[place].origin(fault.start, fault.end)
                said = f"in the snippet {str(origin.include.reference)!r}: " if origin.include is not None else ""
                yield Mistake(f"{said}{fault.message}", span(place, origin.start, origin.end))

    def _uses(self) -> Iterator[Use]:
        for index, message in enumerate(self.content.messages):
            if message.role == "placeholder":
                if message.content:
                    yield Use(message.content, "messages", Place(index, None), 0, len(message.content))
                continue
            yield from self._in_text(Place(index, None))
            for number, part in enumerate(message.parts or ()):
                if part.variable is not None:
                    yield Use(part.variable, "parts", Place(index, number), 0, 0)
                elif part.text is not None:
                    yield from self._in_text(Place(index, number))

    def _in_text(self, place: Place) -> Iterator[Use]:
        for use in self.outlines[place].uses:
            start, end, include = self.expanded.texts[place].origin(use.start, use.end)
            yield Use(use.name, "string", place, start, end, use.certain, include)


def read(content: Content, expanded: Expanded, languages: Languages) -> Reading:
    """``content`` read with its snippets in place. Blocks on a template's worker."""
    return Reading(content, expanded, outlines(expanded.content, languages))


def span(place: Place, start: int, end: int) -> Span:
    """Characters ``start`` to ``end`` of the text at a place."""
    return Span(message=place.message, part=place.part, start=start, end=end)
