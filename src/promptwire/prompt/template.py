"""The place for the plain template language: text in which ``{{name}}`` stands for a value.

Parsed once, rendered purely. Nothing else is special, so JSON, LaTeX and code pass through as they are; there is no
logic, no escape and no nesting. A value is put in as it is and never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from promptwire.errors import Failure

NAME: Final = r"[^\W\d][\w-]*"  # a letter of any script or _, then letters, digits, _ and -
MAX_RENDERED: Final = 16 * 1024 * 1024  # characters; a message of the wire holds no more

_VARIABLE: Final = re.compile(r"\{\{[ \t]*(" + NAME + r")[ \t]*\}\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A place where a value goes: its name and where it stands in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: literal pieces and variables, in order."""

    parts: tuple[str | Variable, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Any text is a template: what is not a variable is literal."""
        parts: list[str | Variable] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            if found.start() > end:
                parts.append(text[end : found.start()])
            end = found.end()
            parts.append(Variable(found[1], found.start(), end))
        if end < len(text):
            parts.append(text[end:])
        return cls(tuple(parts))

    @property
    def variables(self) -> tuple[str, ...]:
        """The names used, each once, in order of appearance."""
        return unique(part.name for part in self.parts if isinstance(part, Variable))

    def render(self, values: Mapping[str, str]) -> str:
        """The text with every variable replaced. Raises Failure: a value is missing, or the text grows too long."""
        if missing := [name for name in self.variables if name not in values]:
            raise missing_variables(missing)
        pieces = [part if isinstance(part, str) else values[part.name] for part in self.parts]
        if (length := sum(map(len, pieces))) > MAX_RENDERED:
            raise Failure("invalid_request", f"the rendered text is {length} characters long; at most {MAX_RENDERED}")
        return "".join(pieces)


def missing_variables(names: Iterable[str]) -> Failure:
    """The failure of a call that leaves variables without a value."""
    return Failure("invalid_request", f"missing variables: {', '.join(names)}")


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, where it first appears."""
    return tuple(dict.fromkeys(names))
