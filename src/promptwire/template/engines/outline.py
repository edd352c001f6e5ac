"""The place for what every template language says of a text: the variables it uses, and what is wrong with it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Use(NamedTuple):
    """A variable stands at ``start``..``end`` (characters). Not ``certain``: rendering may do without a value."""

    name: str
    start: int
    end: int
    certain: bool = True


class Fault(NamedTuple):
    """The text is not a template of its language, because of what stands at ``start``..``end``."""

    message: str
    start: int
    end: int


class Outline(NamedTuple):
    """What a text says of itself before it is rendered."""

    uses: tuple[Use, ...]
    faults: tuple[Fault, ...]


class TemplateError(Exception):
    """A text is not a template of its language, or does not render.

    ``start`` and ``end`` are the place in it; ``at`` says which of several texts it is.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, *, at: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.at = message, start, end, at


def spoken(value: Any) -> str:
    """A value as it stands in a text: a string as it is, null as nothing, everything else as its JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
