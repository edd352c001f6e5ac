"""The place for prompts as Langfuse exports them: JSON, one object for each version of a prompt.

``{name, type: text | chat, prompt, config, labels, tags, version, commitMessage}``, alone, in a list, or in ``data``.
Its templates know ``{{name}}`` and nothing else, as our plain ones do; what is set of a model lies in ``config``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

import msgspec

from promptwire.api.files import Loss
from promptwire.api.prompt import Content
from promptwire.files.fault import FileError
from promptwire.files.formats import chat, settings
from promptwire.files.found import Found, FoundVersion, Members, key_of
from promptwire.files.plain import is_list, is_mapping, plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".langfuse.json"
REASONS: Final = {
    "engine": "Langfuse knows {{name}} and no other template language",
    "variables": "Langfuse does not describe variables",
    "messages.parts": "a message of Langfuse is text",
    "messages": "a message of Langfuse is a role and a text, or a placeholder",
    "name": "a prompt of Langfuse has one name: its key",
    "description": "Langfuse describes versions, not prompts",
}

_BOOKKEEPING: Final = ("id", "projectId", "isActive", "resolutionGraph", "type")


class _Said(NamedTuple):
    name: str
    number: int
    version: FoundVersion
    tags: list[str]
    text: bool


def write(document: Document) -> str:
    """A prompt as one object, as its API takes it."""
    content = cast("dict[str, Any]", plain(document.content))
    config = ({"model": content["model"]} if "model" in content else {}) | settings.written(content)
    said = {
        "name": f"{document.folder}/{document.key}" if document.folder else document.key,
        **_prompt(document, content.get("messages", [])),
        "config": config,
        "labels": [],
        "tags": document.tags,
    }
    return msgspec.json.format(msgspec.json.encode(said)).decode() + "\n"


def read(text: str, name: str) -> list[Found]:
    """The prompts of an export, each with its versions in order. Raises FileError."""
    del name
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise FileError(f"this is not JSON: {error}") from error
    if is_mapping(value) and "prompt" not in value:
        value = value.get("data")
    objects = cast("list[Any]", value if is_list(value) else [value])
    found: dict[str, Found] = {}
    said: dict[str, list[_Said]] = {}
    for number, each in enumerate(objects):
        losses: list[Loss] = []
        one = _version(Members(each, "" if len(objects) == 1 else f"[{number}]", losses))
        prompt = found.setdefault(one.name, _named(one.name))
        prompt.losses += losses
        said.setdefault(one.name, []).append(one)
    for called, prompt in found.items():
        inorder = sorted(said[called], key=lambda one: one.number)
        prompt.kind = "text" if all(one.text for one in inorder) else "chat"
        prompt.versions, prompt.tags = [one.version for one in inorder], inorder[-1].tags
    return list(found.values())


def _prompt(document: Document, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """A text of ours is one of theirs; everything else is a chat."""
    if document.kind == "text" and [message["role"] for message in messages] == ["user"]:
        return {"type": "text", "prompt": _message(messages[0])["content"]}
    return {"type": "chat", "prompt": [_message(message) for message in messages]}


def _named(called: str) -> Found:
    folder, _, last = called.rpartition("/")
    key = key_of(last)
    return Found(key=key, name="" if key == last else last, folder=folder, versions=[], losses=[])


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "placeholder":
        return {"type": "placeholder", "name": message.get("content", "")}
    texts = [message.get("content", ""), *(part["text"] for part in message.get("parts", []) if "text" in part)]
    return {"role": message["role"], "content": "\n\n".join(text for text in texts if text)}


def _version(members: Members) -> _Said:
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
    tags = [tag for tag in members.take("tags", cast("type[list[Any]]", list), []) if isinstance(tag, str)]
    members.left()
    return _Said(called, number, made, tags, isinstance(prompt, str))


def _read(members: Members) -> dict[str, Any]:
    if members.take("type", str, "") == "placeholder":
        message = {"role": "placeholder", "content": members.take("name", str, "")}
        members.left()
        return message
    return chat.read(members)
