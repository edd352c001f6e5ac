"""The place for dotprompt's ``.prompt`` files: YAML above, and a Handlebars template whose helpers divide it.

``{{role "system"}}`` begins a message, ``{{history}}`` is where a conversation goes, ``{{media url=…}}`` an image. Of
the logic, ``#if``, ``#unless`` and ``#each`` are read as Mustache's sections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from promptwire.api.files import Loss
from promptwire.api.prompt import Content, Engine
from promptwire.files.formats import front, picoschema, settings
from promptwire.files.formats.wording import from_handlebars, to_handlebars
from promptwire.files.found import Found, FoundVersion, Members, key_of, loss
from promptwire.files.plain import is_mapping, plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".prompt"
HELPER: Final = "a helper of Handlebars that Mustache has not"
HISTORY: Final = "history"
REASONS: Final = {
    "engine": "dotprompt's templates are Handlebars, which is read as plain, or as Mustache when it has sections",
    "variables": "an input has a type, a description, choices and a default",
    "messages": "a message is a role and the text that follows, without the space around it",
    "messages.parts": "a message is one text with images in it",
    "tools": "dotprompt names tools and does not describe them",
    "tool_choice": "dotprompt has no word for it",
    "response_format": "dotprompt says that the answer is JSON, and its schema",
    "parameters": "dotprompt leaves settings to the model; this one has no usual name",
}

_ROLES: Final = {"model": "assistant", "assistant": "assistant", "system": "system", "user": "user", "tool": "tool"}
_MARK: Final = re.compile(
    r"(?<!\\)\{\{\s*(?:role\s+[\"'](?P<role>\w+)[\"']|(?P<history>history)|media\s+url=[\"'](?P<url>[^\"']*)[\"'][^}]*)\s*\}\}"
)


def write(document: Document) -> str:
    """A prompt as a file."""
    content = cast("dict[str, Any]", plain(document.content))
    said: dict[str, Any] = {"model": content["model"]} if "model" in content else {}
    if document.name:
        said["name"] = document.name
    if document.description:
        said["description"] = document.description
    if config := settings.said(content.get("parameters", {}), settings.GOOGLE):
        said["config"] = config
    if tools := [tool["name"] for tool in content.get("tools", [])]:
        said["tools"] = tools
    variables = content.get("variables", [])
    inputs: dict[str, Any] = {"schema": schema} if (schema := picoschema.write(variables)) else {}
    if defaults := {each["name"]: each["default"] for each in variables if "default" in each}:
        inputs["default"] = defaults
    said |= {"input": inputs} if inputs else {}
    said |= _output(content.get("response_format"))
    body = "".join(_text(message, document.content.engine) for message in content.get("messages", []))
    return front.write(said, body)


def read(text: str, name: str) -> list[Found]:
    """The prompt of a file. Raises FileError."""
    values, body = front.read(text)
    losses: list[Loss] = []
    members = Members(values, "", losses)
    config = members.within("config")
    content: dict[str, Any] = {"model": members.take("model", str, "")}
    if parameters := settings.parameters(config, settings.GOOGLE):
        content["parameters"] = parameters
    config.left()
    content["variables"] = _variables(members)
    if (answer := _format(members)) is not None:
        content["response_format"] = answer
    if tools := members.take("tools", cast("type[list[Any]]", list), []):
        members.lose("tools", tools, "they are named, not described: add them to the prompt")
    called, description = members.take("name", str, ""), members.take("description", str, "")
    members.left()
    content["messages"], content["engine"] = _messages(body, losses)
    version = FoundVersion(content=struct(content, Content, name))
    stem = name.rpartition("/")[2].removesuffix(SUFFIX)
    return [Found(key=key_of(stem), name=called, description=description, versions=[version], losses=losses)]


def _text(message: Mapping[str, Any], engine: Engine) -> str:
    if message["role"] == "placeholder":
        return "{{history}}\n"
    role = "model" if message["role"] == "assistant" else message["role"]
    pieces = [to_handlebars(message["content"], engine)] if "content" in message else []
    for part in message.get("parts", []):
        if "text" in part:
            pieces.append(to_handlebars(part["text"], engine))
        elif "image_url" in part:
            pieces.append(f'{{{{media url="{part["image_url"]}"}}}}')
    return f'{{{{role "{role}"}}}}\n' + "\n".join(pieces) + "\n"


def _output(answer: Any) -> dict[str, Any]:
    match answer:
        case {"type": "json_schema", "json_schema": {"schema": schema}} if is_mapping(schema):
            return {"output": {"format": "json", "schema": schema}}
        case {"type": "json_object"}:
            return {"output": {"format": "json"}}
        case _:
            return {}


def _format(members: Members) -> dict[str, Any] | None:
    output = members.within("output")
    answer: dict[str, Any] | None = None
    if (kind := output.take("format", str, "text")) not in ("json", "text"):
        output.lose("format", kind, "an answer is text or JSON")
    if "schema" in output:
        schema = output.any("schema")
        if is_mapping(schema) and ("type" in schema or "properties" in schema):
            answer = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        else:
            output.lose("schema", schema, "only a JSON Schema is carried of an answer")
    if answer is None and kind == "json":
        answer = {"type": "json_object"}
    output.left()
    return answer


def _variables(members: Members) -> list[dict[str, Any]]:
    given = members.within("input")
    known = {each["name"]: each for each in picoschema.read(given.within("schema"))}
    for name, value in given.within("default").every().items():
        known.setdefault(name, {"name": name})["default"] = value
    given.left()
    return list(known.values())


def _messages(body: str, losses: list[Loss]) -> tuple[list[dict[str, Any]], Engine]:
    messages: list[dict[str, Any]] = []
    engine: Engine = "plain"
    role, at = "user", 0
    for mark in [*_MARK.finditer(body), None]:
        text, language, lost = from_handlebars(body[at : len(body) if mark is None else mark.start()].strip())
        engine = language if language != "plain" else engine
        where = f"messages[{max(len(messages) - 1, 0)}]"
        losses += [loss(where, tag, HELPER) for tag in lost]
        _add(messages, role, {"text": text} if text else None)
        if mark is None:
            break
        at = mark.end()
        if mark["history"]:
            messages.append({"role": "placeholder", "content": HISTORY})
            role = "user"
        elif mark["url"] is not None:
            _add(messages, role, {"image_url": mark["url"]})
        else:
            role = _ROLES.get(mark["role"], "user")
            messages.append({"role": role, "parts": []})
    return [_folded(message) for message in messages], engine


def _add(messages: list[dict[str, Any]], role: str, part: dict[str, Any] | None) -> None:
    if part is None:
        return
    if not messages or "parts" not in messages[-1]:
        messages.append({"role": role, "parts": []})
    messages[-1]["parts"].append(part)


def _folded(message: dict[str, Any]) -> dict[str, Any]:
    """A message of text alone has no parts."""
    match message:
        case {"parts": []}:
            return {"role": message["role"]}
        case {"parts": [{"text": text}]}:
            return {"role": message["role"], "content": text}
        case _:
            return message
