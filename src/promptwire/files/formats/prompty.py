"""The place for ``.prompty`` files: a model, inputs and a Jinja or Mustache template of ``role:`` sections.

Three generations are read: the first (``inputs`` by name, ``sample``, ``model.configuration``), the values that older
ones gave as inputs, and the second (lists of ``inputs``, ``model.id``, ``model.options``). The first is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from promptwire.api.files import Loss
from promptwire.api.prompt import Content, Engine
from promptwire.files.fault import FileError
from promptwire.files.formats import front, settings
from promptwire.files.formats.wording import to_jinja
from promptwire.files.found import Found, FoundVersion, Members, key_of
from promptwire.files.plain import is_list, is_mapping, plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".prompty"
REASONS: Final = {
    "engine": "a plain template is written as Jinja",
    "variables": "an input has a type of six, a description, a default and a sample",
    "messages": "a message is a line 'role:' and the text below it, without the space around",
    "messages.content": "the text is rewritten for Jinja, without the space around it",
    "messages.parts": "a message is one text with images in it",
}

_TYPES: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "object": "object",
    "strings": "array",
    "integers": "array",
    "numbers": "array",
    "booleans": "array",
    "objects": "array",
}
_OURS: Final = {
    **{name: name for name in ("string", "number", "integer", "boolean", "object")},
    "float": "number",
    "array": "strings",
    "list": "strings",
}
_VALUES: Final = {"default": "default", "example": "example", "sample": "example", "enumValues": "choices"}
_ROLE: Final = re.compile(
    r"^[ \t]*#?[ \t]*(?P<role>system|user|assistant|developer|tool|function)[ \t]*(?P<rest>\[.*\])?[ \t]*:[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"!\[(?P<name>[^\]]*)\]\((?P<url>[^)\s]+)\)")


def write(document: Document) -> str:
    """A prompt as a file of the first generation."""
    content = cast("dict[str, Any]", plain(document.content))
    said: dict[str, Any] = {"name": document.name} if document.name else {}
    said |= {"description": document.description} if document.description else {}
    said |= {"tags": document.tags} if document.tags else {}
    model: dict[str, Any] = {"api": "chat"}
    model |= {"configuration": {"type": "openai", "name": content["model"]}} if "model" in content else {}
    if flat := settings.written(content):
        model["parameters"] = flat
    said["model"] = model
    variables = [each for each in content.get("variables", []) if each.get("type", "string") in _TYPES]
    if variables:
        said["inputs"] = {each["name"]: _input(each) for each in variables}
    if samples := {each["name"]: each["example"] for each in variables if "example" in each}:
        said["sample"] = samples
    said["template"] = "mustache" if document.content.engine == "mustache" else "jinja2"
    texts = [_text(message, document.content.engine) for message in content.get("messages", [])]
    return front.write(said, "\n\n".join(text for text in texts if text) + "\n")


def read(text: str, name: str) -> list[Found]:
    """The prompt of a file. Raises FileError."""
    values, body = front.read(text)
    if not values:
        raise FileError("a .prompty file begins with names and values between ---", 1)
    losses: list[Loss] = []
    members = Members(values, "", losses)
    content: dict[str, Any] = {**_model(members), "engine": _engine(members), "variables": _variables(members)}
    if (tools := settings.tools(members)) and "tools" not in content:
        content["tools"] = tools
    content["messages"] = _messages(body, losses)
    called = members.take("displayName", str, "") or members.take("name", str, "")
    description = members.take("description", str, "")
    tags = [tag for tag in members.take("tags", cast("type[list[Any]]", list), []) if isinstance(tag, str)]
    members.left()
    version = FoundVersion(content=struct(content, Content, name))
    stem = name.rpartition("/")[2].removesuffix(SUFFIX)
    found = Found(key=key_of(stem), name=called, description=description, tags=tags, versions=[version], losses=losses)
    return [found]


def _input(variable: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"type": _TYPES[variable.get("type", "string")]}
    said |= {name: variable[name] for name in ("description", "default") if name in variable}
    return said | ({"is_required": False} if variable.get("needed") is False else {})


def _text(message: Mapping[str, Any], engine: Engine) -> str:
    if message["role"] == "placeholder":
        return ""
    pieces = [to_jinja(message["content"], engine)] if "content" in message else []
    for part in message.get("parts", []):
        if "text" in part:
            pieces.append(to_jinja(part["text"], engine))
        elif "image_url" in part:
            pieces.append(f"![image]({part['image_url']})")
    return f"{message['role']}:\n" + "\n\n".join(pieces)


def _model(members: Members) -> dict[str, Any]:
    if named := members.take("model", str, ""):
        return {"model": named}
    model = members.within("model")
    if (api := model.take("api", str, "") or model.take("apiType", str, "chat")) != "chat":
        model.lose("api", api, "every prompt is a chat")
    configuration = model.within("configuration")
    configuration.any("type")
    named = [configuration.take(name, str, "") for name in ("name", "model", "azure_deployment", "ai_model")]
    content: dict[str, Any] = {"model": model.take("id", str, "") or next((name for name in named if name), "")}
    configuration.left("where a model is and how it is called belongs to its provider, not to a prompt")
    flat = model.within("parameters")
    content |= settings.read(flat)
    flat.left()
    options = model.within("options")
    if taken := settings.parameters(options, {**settings.GOOGLE, **settings.OPENAI}):
        content["parameters"] = {**content.get("parameters", {}), **taken}
    options.left()
    model.left()
    return content


def _engine(members: Members) -> str:
    given = members.any("template")
    if is_mapping(given):
        template = Members(given, "template", members.losses)
        given = template.any("type") or template.any("format") or "jinja2"
        given = given.get("kind") if is_mapping(given) else given
        parser = template.any("parser")
        parser = parser.get("kind") if is_mapping(parser) else parser
        if parser not in (None, "prompty"):
            template.lose("parser", parser, "messages are read as prompty's own parser does")
        template.left()
    if given not in (None, "jinja2", "mustache"):
        members.lose("template", given, "read as jinja2")
    return "mustache" if given == "mustache" else "jinja2"


def _variables(members: Members) -> list[dict[str, Any]]:
    samples = members.within("sample")
    given = members.any("inputs")
    if is_list(given):
        each = enumerate(given)
        found = [_variable(Members(one, f"inputs[{number}]", members.losses), "") for number, one in each]
    else:
        inputs = given if is_mapping(given) else {}
        found = [
            _variable(Members(_described(one), f"inputs.{name}", members.losses), name) for name, one in inputs.items()
        ]
    known = {variable["name"]: variable for variable in found if variable["name"]}
    for name, sample in samples.every().items():
        known.setdefault(name, {"name": name, "type": "string" if isinstance(sample, str) else "object"})["example"] = (
            sample
        )
    return list(known.values())


def _described(given: Any) -> Any:
    """An input; older files give its value instead."""
    if is_mapping(given):
        return cast("Any", given)
    kinds: dict[type[Any], str] = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}
    return {"type": kinds.get(cast("type[Any]", type(given)), "object"), "default": given}


def _variable(members: Members, name: str) -> dict[str, Any]:
    variable: dict[str, Any] = {"name": name or members.take("name", str, "")}
    kind = members.take("type", str, "") or members.take("kind", str, "string")
    if kind not in _OURS:
        members.lose("type", kind, "read as string")
    variable["type"] = _OURS.get(kind, "string")
    variable["description"] = members.take("description", str, "")
    for theirs, ours in _VALUES.items():
        if (value := members.any(theirs)) is not None:
            variable[ours] = value
    variable["needed"] = members.take("is_required", bool, members.take("required", bool, True))
    members.left()
    return variable


def _messages(body: str, losses: list[Loss]) -> list[dict[str, Any]]:
    roles = list(_ROLE.finditer(body))
    messages: list[dict[str, Any]] = []
    if (before := body[: roles[0].start()] if roles else body).strip():
        messages.append(_message("system", before))
    ends = [role.start() for role in roles[1:]] + [len(body)]
    for role, end in zip(roles, ends, strict=False):
        messages.append(_message(role["role"].lower(), body[role.end() : end]))
        if role["rest"]:
            losses.append(
                Loss(path=f"messages[{len(messages) - 1}]", reason="attributes of a role", value=role["rest"])
            )
    return messages


def _message(role: str, text: str) -> dict[str, Any]:
    role = {"developer": "system", "function": "tool"}.get(role, role)
    text = text.strip()
    if not _IMAGE.search(text):
        return {"role": role, "content": text}
    parts: list[dict[str, Any]] = []
    at = 0
    for image in _IMAGE.finditer(text):
        if before := text[at : image.start()].strip():
            parts.append({"text": before})
        parts.append({"image_url": image["url"]})
        at = image.end()
    if after := text[at:].strip():
        parts.append({"text": after})
    return {"role": role, "parts": parts}
