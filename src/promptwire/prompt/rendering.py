"""The place where a prompt's messages and a caller's values become the messages a model reads.

Pure: messages and values in, messages out. A string is put in as it is, any other JSON value as its JSON text; a
placeholder becomes the list of messages given under its name, which is not rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from promptwire.api.message import Message, Part
from promptwire.errors import Failure
from promptwire.prompt.template import Template, missing_variables, unique


def variables(messages: Sequence[Message]) -> tuple[str, ...]:
    """The names ``messages`` ask values for, placeholders included, in order of appearance."""
    return unique(name for message in messages for name in _names(message))


def render(messages: Sequence[Message], values: Mapping[str, msgspec.Raw]) -> list[Message]:
    """The messages with every variable and placeholder replaced. Raises Failure (invalid_request)."""
    given = {name: raw for name, raw in values.items() if bytes(raw).strip() != b"null"}
    if missing := [name for name in variables(messages) if name not in given]:
        raise missing_variables(missing)
    texts = {name: _text(name, given[name]) for message in messages for name in _names(message, placeholders=False)}
    rendered: list[Message] = []
    for message in messages:
        if message.role == "placeholder":
            rendered += _given_messages(message.content, given[message.content])
        else:
            rendered.append(_rendered(message, texts))
    return rendered


def _names(message: Message, *, placeholders: bool = True) -> Iterator[str]:
    if message.role == "placeholder":
        if placeholders:
            yield message.content
        return
    for text in _templates(message):
        yield from Template.parse(text).variables


def _templates(message: Message) -> Iterator[str]:
    yield message.content
    for part in message.parts or ():
        if part.text is not None:
            yield part.text


def _rendered(message: Message, texts: Mapping[str, str]) -> Message:
    parts = None if message.parts is None else [_rendered_part(part, texts) for part in message.parts]
    return msgspec.structs.replace(message, content=Template.parse(message.content).render(texts), parts=parts)


def _rendered_part(part: Part, texts: Mapping[str, str]) -> Part:
    if part.text is None:
        return part
    return msgspec.structs.replace(part, text=Template.parse(part.text).render(texts))


def _text(name: str, raw: msgspec.Raw) -> str:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Failure("invalid_request", f"the variable {name!r} is not JSON: {error}") from error
    return value if isinstance(value, str) else bytes(raw).decode().strip()


def _given_messages(name: str, raw: msgspec.Raw) -> list[Message]:
    try:
        messages = msgspec.json.decode(raw, type=list[Message])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Failure("invalid_request", f"the placeholder {name!r} takes a list of messages: {error}") from error
    if any(message.role == "placeholder" for message in messages):
        raise Failure("invalid_request", f"the messages given for {name!r} hold a placeholder themselves")
    return messages
