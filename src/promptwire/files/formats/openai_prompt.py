"""The place for OpenAI's prompt objects, off since 2026-11-30: JSON as their API and dashboard give it.

``instructions`` and ``input`` (or ``messages``) in the shape of the Responses API, ``variables`` with values, and what
is set of the model beside them. A mere reference, ``{"id": "pmpt_…", "version": …}``, holds nothing to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from promptwire.api.files import Loss
from promptwire.api.prompt import Content
from promptwire.files.fault import FileError
from promptwire.files.formats import chat, settings
from promptwire.files.found import Found, FoundVersion, Members, key_of
from promptwire.files.plain import is_list, is_mapping, plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".openai.json"
REASONS: Final = {
    "engine": "a prompt object knows {{name}} and no other template language",
    "variables": "a variable of a prompt object has a name and an example",
    "messages": "a message of a prompt object is a role and parts that are text, images or files",
    "parameters": "the Responses API has no such setting",
}

_WORDS: Final = {"temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens"}
_TEXTS: Final = ("instructions", "input", "messages")
_BOOKKEEPING: Final = ("object", "created_at", "updated_at", "is_default", "status", "version")


def write(document: Document) -> str:
    """A prompt as an object."""
    content = cast("dict[str, Any]", plain(document.content))
    said: dict[str, Any] = {"object": "prompt", "name": document.key}
    said |= {"description": document.description} if document.description else {}
    said |= {"model": content["model"]} if "model" in content else {}
    said["input"] = [item for message in content.get("messages", []) if (item := _item(message)) is not None]
    said["variables"] = {each["name"]: each.get("example", "") for each in content.get("variables", [])}
    said |= settings.said(content.get("parameters", {}), _WORDS)
    if effort := content.get("parameters", {}).get("reasoning_effort"):
        said["reasoning"] = {"effort": effort}
    if "tools" in content:
        said["tools"] = [{"type": "function", **tool["function"]} for tool in settings.functions(content["tools"])]
    if "tool_choice" in content:
        said["tool_choice"] = content["tool_choice"]
    if (text := _text_format(content.get("response_format"))) is not None:
        said["text"] = {"format": text}
    return msgspec.json.format(msgspec.json.encode(said)).decode() + "\n"


def read(text: str, name: str) -> list[Found]:
    """The prompts of a file: one object, a list of them, or a list in ``data``. Raises FileError."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise FileError(f"this is not JSON: {error}") from error
    if is_mapping(value) and "data" in value and not any(each in value for each in _TEXTS):
        value = value["data"]
    objects = cast("list[Any]", value if is_list(value) else [value])
    stem = name.rpartition("/")[2].partition(".")[0]
    return [
        _prompt(each, "" if len(objects) == 1 else f"[{number}]", stem if len(objects) == 1 else f"{stem}-{number + 1}")
        for number, each in enumerate(objects)
    ]


def _prompt(given: Any, path: str, stem: str) -> Found:
    losses: list[Loss] = []
    members = Members(given, path, losses)
    if not any(each in members for each in _TEXTS):
        raise FileError(
            f"{path or 'the file'} names a prompt and does not hold it: copy its messages from the dashboard, as "
            "instructions or input"
        )
    for each in _BOOKKEEPING:
        members.any(each)
    identity = members.take("id", str, "")
    content: dict[str, Any] = {"model": members.take("model", str, ""), "messages": _messages(members)}
    parameters = settings.parameters(members, _WORDS)
    reasoning = members.within("reasoning")
    parameters |= settings.parameters(reasoning, {"effort": "reasoning_effort"})
    reasoning.left()
    content["parameters"] = parameters or None
    content |= {"tools": settings.tools(members)} if "tools" in members else {}
    if (choice := members.any("tool_choice")) is not None:
        content["tool_choice"] = choice
    answer = members.within("text")
    if is_mapping(shape := answer.any("format")):
        content["response_format"] = _response_format(shape)
    answer.left()
    content["variables"] = [_variable(name, value, members) for name, value in _named(members).items()]
    called, description = members.take("name", str, ""), members.take("description", str, "")
    members.left()
    key = key_of(called or identity or stem)
    version = FoundVersion(content=struct(content, Content, path or "the file"))
    return Found(
        key=key, name="" if called == key else called, description=description, versions=[version], losses=losses
    )


def _named(members: Members) -> dict[str, Any]:
    if "prompt" in members:  # of a response: the reference it was made with, and the values
        prompt = members.within("prompt")
        prompt.any("id")
        prompt.any("version")
        return prompt.within("variables").every()
    given = members.any("variables")
    if is_list(given):
        each = (one if is_mapping(one) else {"name": one} for one in given)
        return {str(one.get("name")): one.get("example", one.get("default", "")) for one in cast("Any", each)}
    return given if is_mapping(given) else {}


def _variable(name: str, value: Any, members: Members) -> dict[str, Any]:
    if not isinstance(value, str):
        given = value if is_list(value) else [value]
        return {"name": name, "type": "parts", "example": chat.parts(members, given)}
    return {"name": name, **({"example": value} if value else {})}


def _messages(members: Members) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    for place in _TEXTS:
        given = members.any(place)
        if isinstance(given, str):
            messages.append({"role": "system" if place == "instructions" else "user", "content": given})
        for number, each in enumerate(given if is_list(given) else []):
            item = Members(each, members.where(f"{place}[{number}]"), members.losses)
            if (kind := item.take("type", str, "message")) != "message":
                members.lose(f"{place}[{number}]", kind, "only messages are carried")
                continue
            item.any("id")
            item.any("status")
            messages.append(_folded(chat.read(item)))
    return messages


def _folded(message: dict[str, Any]) -> dict[str, Any]:
    match message:
        case {"parts": [{"text": text}]}:
            del message["parts"]
            return {**message, "content": text}
        case _:
            return message


def _item(message: Mapping[str, Any]) -> dict[str, Any] | None:
    said = chat.written(message)
    if said is None:
        return None
    parts = said["content"] if is_list(said["content"]) else [{"type": "text", "text": said["content"]}]
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    made = [_part(part, kind) for part in cast("list[dict[str, Any]]", parts)]
    return {"type": "message", "role": message["role"], "content": made}


def _part(part: dict[str, Any], text: str) -> dict[str, Any]:
    match part:
        case {"type": "image_url", "image_url": {"url": url}}:
            return {"type": "input_image", "image_url": url}
        case {"type": "file", "file": file}:
            return {"type": "input_file", **file}
        case _:
            return {**part, "type": text}


def _text_format(answer: Any) -> Any:
    """Our response format, which is that of chat completions, as the Responses API says it."""
    match answer:
        case {"type": "json_schema", "json_schema": schema} if is_mapping(schema):
            return {"type": "json_schema", **schema}
        case _:
            return answer


def _response_format(given: dict[str, Any]) -> Any:
    if given.get("type") != "json_schema":
        return given
    return {"type": "json_schema", "json_schema": {name: value for name, value in given.items() if name != "type"}}
