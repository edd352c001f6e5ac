"""The place for messages in the shape of OpenAI's chat completions, which other tools keep prompts in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from promptwire.files.found import Members
from promptwire.files.plain import is_list

ROLES: Final = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def written(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """A message of ours (plain values) in their shape; None of a placeholder, which they do not have."""
    if message["role"] == "placeholder":
        return None
    said: dict[str, Any] = {"role": message["role"], "content": _content(message)}
    said |= {name: message[name] for name in ("name", "tool_call_id") if name in message}
    if "tool_calls" in message:
        said["tool_calls"] = [
            {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
            for call in message["tool_calls"]
        ]
    return said


def read(members: Members) -> dict[str, Any]:
    """A message of theirs as plain values of ours."""
    message: dict[str, Any] = {"role": role(members)}
    content = members.any("content")
    if isinstance(content, str):
        message["content"] = content
    elif is_list(content):
        message["parts"] = parts(members, content)
    elif content is not None:
        members.lose("content", content, "a content is text or a list of parts")
    for name in ("name", "tool_call_id"):
        if (value := members.take(name, str, "")) or name in members:
            message[name] = value
    if "tool_calls" in members:
        message["tool_calls"] = _calls(members)
    members.left()
    return message


def role(members: Members) -> str:
    """The role of a message; one we do not have is read as the nearest."""
    given = members.take("role", str, "user")
    if given not in ROLES or given != ROLES[given]:
        members.lose("role", given, f"read as {ROLES.get(given, 'user')}")
    return ROLES.get(given, "user")


def _content(message: Mapping[str, Any]) -> Any:
    if "parts" not in message:
        return message.get("content", "")
    rest = [_part(part) for part in message["parts"]]
    first = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    return first + [part for part in rest if part is not None]


def _part(part: Mapping[str, Any]) -> dict[str, Any] | None:
    match part:
        case {"text": text}:
            return {"type": "text", "text": text}
        case {"image_url": url}:
            return {"type": "image_url", "image_url": {"url": url}}
        case {"file": {"url": str(url), **rest}} if url.startswith("data:"):
            return {
                "type": "file",
                "file": {"file_data": url, **({"filename": rest["name"]} if "name" in rest else {})},
            }
        case _:
            return None


def parts(members: Members, given: list[Any]) -> list[dict[str, Any]]:
    """Parts of theirs as plain values of ours."""
    made: list[dict[str, Any]] = []
    for number, each in enumerate(given):
        match each:
            case {"type": "text" | "input_text" | "output_text", "text": str(text)}:
                made.append({"text": text})
            case {"type": "image_url", "image_url": {"url": str(url)} | str(url)}:
                made.append({"image_url": url})
            case {"type": "input_image", "image_url": str(url)}:
                made.append({"image_url": url})
            case {"type": "file", "file": {"file_data": str(url), **rest}}:
                made.append(_file(url, rest))
            case {"type": "input_file", "file_data": str(url), **rest} | {
                "type": "input_file",
                "file_url": str(url),
                **rest,
            }:
                made.append(_file(url, rest))
            case _:
                members.lose(f"content[{number}]", each, "a part is text, an image or a file")
    return made


def _file(url: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    name = rest.get("filename")
    return {"file": {"url": url, **({"name": name} if isinstance(name, str) else {})}}


def _calls(members: Members) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    for number, each in enumerate(members.take("tool_calls", cast("type[list[Any]]", list), [])):
        match each:
            case {"id": str(name), "function": {"name": str(called), "arguments": str(arguments)}}:
                calls.append({"id": name, "name": called, "arguments": arguments})
            case _:
                members.lose(f"tool_calls[{number}]", each, "a call of a tool has an id, a name and arguments")
    return calls
