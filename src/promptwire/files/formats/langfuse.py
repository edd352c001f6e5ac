"""The place for prompts as Langfuse exports them: JSON, one object for each version of a prompt.

``{name, type: text | chat, prompt, config, labels, tags, version, commitMessage}``, alone, in a list, or in ``data``.
Its templates know ``{{name}}`` and nothing else, as our plain ones do; what is set of a model lies in ``config``.
"""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec

from promptwire.api.files import Loss
from promptwire.api.prompt import Content
from promptwire.files.fault import FileError
from promptwire.files.formats import chat, settings
from promptwire.files.found import Found, FoundVersion, Members, key_of
from promptwire.files.plain import plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".langfuse.json"
REASONS: Final = {
    "engine": "Langfuse knows {{name}} and no other template language",
    "variables": "Langfuse does not describe variables",
    "messages.parts": "a message of Langfuse is text",
    "messages": "a message of Langfuse is a role and a text, or a placeholder",
    "name": "a prompt of Langfuse has one name: its key",
}

_BOOKKEEPING: Final = ("id", "projectId", "isActive", "resolutionGraph", "type")


def write(document: Document) -> str:
    """A prompt as one object, as its API takes it."""
    content = cast("dict[str, Any]", plain(document.content))
    config = ({"model": content["model"]} if "model" in content else {}) | settings.written(content)
    said = {
        "name": document.key,
        "type": "chat",
        "prompt": [_message(message) for message in content.get("messages", [])],
        "config": config,
        "labels": [],
        "tags": [],
        "commitMessage": document.description,
    }
    return msgspec.json.format(msgspec.json.encode(said)).decode() + "\n"


def read(text: str, name: str) -> list[Found]:
    """The prompts of an export, each with its versions in order. Raises FileError."""
    del name
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise FileError(f"this is not JSON: {error}") from error
    if isinstance(value, dict) and "prompt" not in value:
        value = cast("dict[str, Any]", value).get("data")
    objects = cast("list[Any]", value if isinstance(value, list) else [value])
    found: dict[str, Found] = {}
    numbers: dict[str, list[tuple[float, FoundVersion]]] = {}
    for number, each in enumerate(objects):
        losses: list[Loss] = []
        members = Members(each, "" if len(objects) == 1 else f"[{number}]", losses)
        called, position, version = _version(members)
        prompt = found.setdefault(
            called, Found(key=key_of(called.rpartition("/")[2]), name=called, versions=[], losses=[])
        )
        prompt.name = "" if prompt.key == called else called
        prompt.losses += losses
        numbers.setdefault(called, []).append((position, version))
    for called, prompt in found.items():
        prompt.versions = [version for _, version in sorted(numbers[called], key=lambda pair: pair[0])]
        prompt.description = prompt.versions[-1].message if len(prompt.versions) == 1 else ""
    return list(found.values())


def _named(called: str) -> Found:
    key = key_of(called.rpartition("/")[2])
    return Found(key=key, name="" if key == called else called, versions=[], losses=[])


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "placeholder":
        return {"type": "placeholder", "name": message.get("content", "")}
    texts = [message.get("content", ""), *(part["text"] for part in message.get("parts", []) if "text" in part)]
    return {"role": message["role"], "content": "\n\n".join(text for text in texts if text)}


def _version(members: Members) -> tuple[str, float, FoundVersion]:
    called = members.take("name", str, "")
    prompt = members.any("prompt")
    if not called or not isinstance(prompt, str | list):
        raise FileError(
            f"{members.path or 'the file'}: an exported prompt has a name and a prompt; a list of names has not"
        )
    for name in _BOOKKEEPING:
        members.any(name)
    config = members.within("config")
    values: dict[str, Any] = settings.read(config)
    values["model"] = config.take("model", str, "")
    config.left("only what is set of a model is carried from config")
    if isinstance(prompt, str):
        values["messages"] = [{"role": "user", "content": prompt}]
    else:
        each = enumerate(cast("list[Any]", prompt))
        values["messages"] = [_read(Members(one, members.where(f"prompt[{n}]"), members.losses)) for n, one in each]
    number = members.take("version", int, 0)
    labels = members.take("labels", cast("type[list[Any]]", list), [])
    made = FoundVersion(
        content=struct(values, Content, called),
        version=str(number) if number else None,
        message=members.take("commitMessage", str, ""),
        labels=[label for label in labels if isinstance(label, str) and label != "latest"],
    )
    if not members.take("tags", cast("type[list[Any]]", list), []):
        members.any("tags")
    members.left()
    return called, number, made


def _read(members: Members) -> dict[str, Any]:
    if members.take("type", str, "") == "placeholder":
        message = {"role": "placeholder", "content": members.take("name", str, "")}
        members.left()
        return message
    return chat.read(members)
