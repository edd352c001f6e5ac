"""The place for the plain template language: text in which ``{{name}}`` stands for a value.

Parsed once, rendered purely. Nothing else is special, so JSON, LaTeX and code pass through as they are; there is no
logic, no escape and no nesting. A value is put in as it is and never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from promptwire.template.engines.outline import Outline, TemplateError, Use, spoken

NAME: Final = r"[^\W\d][\w-]*"  # a letter of any script or _, then letters, digits, _ and -

_VARIABLE: Final = re.compile(r"\{\{[ \t]*(" + NAME + r")[ \t]*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: literal pieces and variables, in order."""

    parts: tuple[str | Use, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Any text is a template: what is not a variable is literal."""
        parts: list[str | Use] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            if found.start() > end:
                parts.append(text[end : found.start()])
            end = found.end()
            parts.append(Use(found[1], found.start(), end))
        if end < len(text):
            parts.append(text[end:])
        return cls(tuple(parts))

    @property
    def uses(self) -> tuple[Use, ...]:
        """Where variables stand, in order."""
        return tuple(part for part in self.parts if isinstance(part, Use))


def outline(text: str) -> Outline:
    """The variables a text uses; nothing can be wrong with it."""
    return Outline(Template.parse(text).uses, ())


def render(text: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The pieces of the rendered text. Raises TemplateError when a value is missing."""
    for part in Template.parse(text).parts:
        if isinstance(part, str):
            yield part
        elif part.name in values:
            yield spoken(values[part.name])
        else:
            raise TemplateError(f"{part.name!r} has no value", part.start, part.end)
