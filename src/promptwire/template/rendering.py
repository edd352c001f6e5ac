"""The place where a prompt's content and a caller's values become the messages a model reads.

Pure but for the worker of Jinja templates: content and values in, messages out. A placeholder becomes the messages
given under its name and a part that names a variable the parts given under its name; neither is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content
from promptwire.errors import Failure
from promptwire.template.engines.outline import Outline, TemplateError
from promptwire.template.languages import Languages
from promptwire.template.values import Values, bind, missing_variables


class Place(NamedTuple):
    """A text of a prompt: the message it is in, and the part of it; None for the message's own content."""

    message: int
    part: int | None

    def __str__(self) -> str:
        return f"messages[{self.message}]" + ("" if self.part is None else f".parts[{self.part}]")


class Asked(NamedTuple):
    """A name a prompt asks a value for. Not ``certain``: its template may do without."""

    name: str
    certain: bool


def texts(messages: Sequence[Message]) -> dict[Place, str]:
    """Every text of a prompt that is a template, in order."""
    return {place: text for index, message in enumerate(messages) for place, text in _texts(index, message)}


def asked(messages: Sequence[Message], outlines: Mapping[Place, Outline]) -> list[Asked]:
    """The names ``messages`` ask values for, placeholders and parts included, in order of appearance."""
    names: dict[str, bool] = {}
    for index, message in enumerate(messages):
        for name, certain in _names(index, message, outlines):
            names[name] = names.get(name, False) or certain
    return [Asked(name, certain) for name, certain in names.items()]


def poured(messages: Sequence[Message]) -> set[str]:
    """The names that stand for lists: placeholders, and parts that are variables."""
    parts = (part.variable for message in messages for part in message.parts or ())
    return {message.content for message in messages if message.role == "placeholder"} | {one for one in parts if one}


def variables(content: Content, languages: Languages) -> list[str]:
    """The names a prompt asks values for, in order of appearance; none of a text that is no template."""
    return [name for name, _ in asked(content.messages, outlines(content, languages))]


def outlines(content: Content, languages: Languages) -> dict[Place, Outline]:
    """What each text of a prompt says of itself."""
    found = texts(content.messages)
    try:
        return dict(zip(found, languages.outlines(content.engine, list(found.values())), strict=True))
    except TemplateError:
        return {place: Outline((), ()) for place in found}  # rendering says what it is


def render(content: Content, values: Values, languages: Languages) -> list[Message]:
    """The messages with everything in its place. Raises Failure (invalid_request)."""
    found = texts(content.messages)
    bound = bind(content.variables, values)
    try:
        seen = dict(zip(found, languages.outlines(content.engine, list(found.values())), strict=True))
        for place, outline in seen.items():
            for fault in outline.faults:
                raise Failure("invalid_request", f"{place}: {fault.message}")
        wanted = asked(content.messages, seen)
        if missing := [name for name, certain in wanted if certain and name not in bound]:
            raise missing_variables(missing)
        plain_values = msgspec.to_builtins(bound)
        rendered = dict(zip(found, languages.render(content.engine, list(found.values()), plain_values), strict=True))
    except TemplateError as error:
        raise Failure("invalid_request", f"{list(found)[error.at]}: {error.message}") from error
    return [
        made for index, message in enumerate(content.messages) for made in _rendered(index, message, rendered, bound)
    ]


def _texts(index: int, message: Message) -> Iterator[tuple[Place, str]]:
    if message.role == "placeholder":
        return
    yield Place(index, None), message.content
    for number, part in enumerate(message.parts or ()):
        if part.text is not None:
            yield Place(index, number), part.text


def _names(index: int, message: Message, outlines: Mapping[Place, Outline]) -> Iterator[tuple[str, bool]]:
    if message.role == "placeholder":
        yield message.content, True
        return
    for use in outlines[Place(index, None)].uses:
        yield use.name, use.certain
    for number, part in enumerate(message.parts or ()):
        if part.variable is not None:
            yield part.variable, True
        elif part.text is not None:
            for use in outlines[Place(index, number)].uses:
                yield use.name, use.certain


def _rendered(index: int, message: Message, texts: Mapping[Place, str], values: Mapping[str, Any]) -> Iterator[Message]:
    if message.role == "placeholder":
        yield from _messages(message.content, values[message.content])
        return
    parts = None
    if message.parts is not None:
        numbered = enumerate(message.parts)
        parts = [made for number, part in numbered for made in _parts(Place(index, number), part, texts, values)]
    yield msgspec.structs.replace(message, content=texts[Place(index, None)], parts=parts)


def _parts(place: Place, part: Part, texts: Mapping[Place, str], values: Mapping[str, Any]) -> Iterator[Part]:
    if part.variable is not None:
        yield from _as("parts", part.variable, values[part.variable], list[Part])
    elif part.text is not None:
        yield msgspec.structs.replace(part, text=texts[place])
    else:
        yield part


def _messages(name: str, value: Any) -> list[Message]:
    messages = _as("messages", name, value, list[Message])
    if any(message.role == "placeholder" for message in messages):
        raise Failure("invalid_request", f"the messages given for {name!r} hold a placeholder themselves")
    return messages


def _as(what: str, name: str, value: Any, kind: Any) -> Any:
    """``value`` as a list of messages or parts; what is absent and not needed is none of them."""
    try:
        return msgspec.convert([] if value is None else msgspec.to_builtins(value), kind)
    except msgspec.ValidationError as error:
        raise Failure("invalid_request", f"the variable {name!r} takes a list of {what}: {error}") from error
