"""The place for what the SDK asks: its arguments become the bodies of the contract, and a fallback a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import asdict

from promptwire.api.llm import Parameters
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.api.version import Commit, Version
from promptwire.client.errors import InvalidRequest
from promptwire.client.server import path

Fallback: TypeAlias = Content | str | Sequence[Message | Mapping[str, Any]]
Messages: TypeAlias = str | Iterable[Message | Mapping[str, Any]]

FALLBACK: Final = "fallback"  # the version of a prompt that is not the server's
TIMEOUT: Final = "x-promptwire-timeout-s"


class Question(NamedTuple):
    """A run to start: where, with what, and what the request says beside."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


def run(key: str, *, resumable_s: float, timeout_s: float | None, **given: Any) -> Question:
    """A run of a prompt. What is None is left out."""
    return _question(path("prompts", key, "run"), resumable_s, timeout_s, given)


def chat(messages: Messages, *, resumable_s: float, timeout_s: float | None, **given: Any) -> Question:
    """A run of a model."""
    return _question(path("chat"), resumable_s, timeout_s, {"messages": said(messages), **given})


def said(messages: Messages) -> list[Any]:
    """Messages; a text alone is what the user says."""
    return [Message(role="user", content=messages)] if isinstance(messages, str) else list(messages)


def raws(values: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    """Values as the JSON they are sent as. Raises InvalidRequest."""
    try:
        return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in values.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest("invalid_request", f"a variable's value is no JSON: {error}") from error


def rendered(
    content: Content,
    messages: Messages,
    *,
    model: str | None = None,
    parameters: Parameters | Mapping[str, Any] | None = None,
    resumable_s: float,
) -> Question:
    """A run of a content that was rendered here, with ``model`` and ``parameters`` in the place of its own."""
    given = {name: getattr(content, name) for name in ("tools", "tool_choice", "response_format")}
    merged = {**_set(content.parameters), **_set(parameters)}
    return chat(
        messages,
        model=model or content.model,
        parameters=merged or None,
        resumable_s=resumable_s,
        timeout_s=None,
        **given,
    )


def stand_in(key: str, fallback: Fallback | None) -> Commit | None:
    """A version made of what a program has ready."""
    if fallback is None:
        return None
    if not isinstance(fallback, Content):
        try:
            fallback = Content(messages=msgspec.convert(said(fallback), list[Message], from_attributes=True))
        except msgspec.ValidationError as error:
            raise InvalidRequest("invalid_request", f"the fallback is no list of messages: {error}") from error
    version = Version(version=FALLBACK, branch="", message="", author="", parents=[], created_at="")
    return Commit(key=key, version=version, content=fallback)


def _set(parameters: Parameters | Mapping[str, Any] | None) -> dict[str, Any]:
    """Those that say something."""
    given = asdict(parameters) if isinstance(parameters, Parameters) else dict(parameters or {})
    return {name: value for name, value in given.items() if value is not None}


def _question(where: str, resumable_s: float, timeout_s: float | None, given: Mapping[str, Any]) -> Question:
    body = {name: value for name, value in given.items() if value is not None}
    if resumable_s:
        body["resumable_s"] = resumable_s
    return Question(where, body, {} if timeout_s is None else {TIMEOUT: f"{timeout_s:g}"})
