"""The place for reading what a request asks in OpenAI's JSON, for vendors that say it otherwise."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

import msgspec

from promptwire.api.llm import ChatRequest
from promptwire.api.message import File, Part, ToolCall
from promptwire.errors import Failure

NO_PARAMETERS: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}

_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w=-]+)*;base64,(.*)", re.DOTALL)


class ToolNamed(NamedTuple):
    """The model must call this tool."""

    name: str


Choice: TypeAlias = Literal["auto", "none", "required"] | ToolNamed


class JSONObject(NamedTuple):
    """The answer must be a JSON object, of any shape."""


class JSONSchema(NamedTuple):
    """The answer must be JSON of this schema."""

    schema: Any


class Inside(NamedTuple):
    """What a data URL holds; ``data`` is base64."""

    media_type: str
    data: str


class _Function(msgspec.Struct):
    name: str


class _Choice(msgspec.Struct):
    function: _Function


class _Schema(msgspec.Struct):
    schema: Any


class _Format(msgspec.Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _Schema | None = None


def tool_choice(request: ChatRequest) -> Choice | None:
    """Which tool may or must be called; None when the request does not say. Raises Failure (invalid_request)."""
    if request.tool_choice is None:
        return None
    try:
        chosen = msgspec.json.decode(request.tool_choice, type=Literal["auto", "none", "required"] | _Choice)
    except msgspec.DecodeError as exc:
        raise Failure("invalid_request", f"tool_choice is not understood: {exc}") from exc
    return ToolNamed(chosen.function.name) if isinstance(chosen, _Choice) else chosen


def response_format(request: ChatRequest) -> JSONObject | JSONSchema | None:
    """What shape the answer must have; None for plain text. Raises Failure (invalid_request)."""
    if request.response_format is None:
        return None
    try:
        wanted = msgspec.json.decode(request.response_format, type=_Format)
    except msgspec.DecodeError as exc:
        raise Failure("invalid_request", f"response_format is not understood: {exc}") from exc
    if wanted.type == "json_schema":
        if wanted.json_schema is None:
            raise Failure("invalid_request", "response_format is a json_schema without one")
        return JSONSchema(wanted.json_schema.schema)
    return JSONObject() if wanted.type == "json_object" else None


def arguments(call: ToolCall) -> dict[str, Any]:
    """A tool call's arguments as the object they must be for some vendors. Raises Failure (invalid_request)."""
    try:
        value: object = msgspec.json.decode(call.arguments or "{}")
    except msgspec.DecodeError:
        value = None
    if not isinstance(value, dict):
        raise Failure("invalid_request", f"the arguments of the call {call.id!r} of {call.name!r} are no JSON object")
    return cast("dict[str, Any]", value)


def image(part: Part) -> Inside | None:
    """The image inside a data URL; None for any other URL. Raises Failure (invalid_request)."""
    return _inside(part.image_url or "", "an image")


def document(file: File) -> Inside | None:
    """The file inside a data URL; None for any other URL. Raises Failure (invalid_request)."""
    return _inside(file.url, "a file")


def text_of(inside: Inside) -> str:
    """The text of a file. Raises Failure (invalid_request)."""
    try:
        return base64.b64decode(inside.data).decode()
    except UnicodeDecodeError as exc:
        raise Failure("invalid_request", f"a file of {inside.media_type} is not UTF-8") from exc


def _inside(url: str, what: str) -> Inside | None:
    if not url.startswith("data:"):
        return None
    try:
        if (match := _DATA_URL.fullmatch(url)) is not None:
            base64.b64decode(match[2], validate=True)
            return Inside(match[1], match[2])
    except binascii.Error:
        pass
    raise Failure("invalid_request", f"{what}'s data URL is not base64")
