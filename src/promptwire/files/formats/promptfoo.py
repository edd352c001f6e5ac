"""The place for promptfoo's YAML: ``prompts``, ``providers`` and the variables that ``defaultTest`` gives to all.

Its templates are Nunjucks, which reads what Jinja reads. Tests, assertions and scenarios say how a prompt is judged;
a prompt does not hold them, and each is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from promptwire.api.files import Loss
from promptwire.api.prompt import Content, Engine
from promptwire.files import yaml
from promptwire.files.fault import FileError
from promptwire.files.formats import chat, settings
from promptwire.files.formats.wording import to_jinja
from promptwire.files.found import Found, FoundVersion, Members, key_of
from promptwire.files.plain import is_list, is_mapping, plain, struct
from promptwire.files.prompt_file import Document

SUFFIX: Final = ".promptfoo.yaml"
REASONS: Final = {
    "engine": "promptfoo's templates are Nunjucks, which is read as Jinja",
    "variables": "promptfoo gives variables values and does not describe them",
    "messages": "promptfoo keeps messages in the shape of OpenAI's chat completions",
    "messages.content": "the text is rewritten for Nunjucks",
    "messages.parts": "a part is text, an image, or a file with its content",
}

JUDGED: Final = "how a prompt is judged is not part of it"

_TESTS: Final = ("tests", "scenarios", "evaluateOptions", "commandLineOptions", "outputPath", "targets")


def write(document: Document) -> str:
    """A prompt as a configuration with one prompt and one provider."""
    content = cast("dict[str, Any]", plain(document.content))
    messages = [chat.written(_worded(message, document.content.engine)) for message in content.get("messages", [])]
    raw = msgspec.json.format(msgspec.json.encode([message for message in messages if message is not None])).decode()
    said: dict[str, Any] = {"description": document.description} if document.description else {}
    said["prompts"] = [{"id": document.key, **({"label": document.name} if document.name else {}), "raw": raw}]
    provider: dict[str, Any] = {"id": content.get("model", "")}
    if config := settings.written(content):
        provider["config"] = config
    said["providers"] = [provider]
    if values := {each["name"]: each["default"] for each in content.get("variables", []) if "default" in each}:
        said["defaultTest"] = {"vars": values}
    return yaml.dump(said)


def read(text: str, name: str) -> list[Found]:
    """The prompts of a configuration, each with the first provider's model. Raises FileError."""
    value = yaml.load(text)
    if not is_mapping(value) or "prompts" not in value:
        raise FileError("a configuration of promptfoo has prompts")
    losses: list[Loss] = []
    members = Members(value, "", losses)
    description = members.take("description", str, "")
    shared = {**_provider(members), **_variables(members), "engine": "jinja2"}
    given = members.any("prompts")
    given = given if is_list(given) else [given]
    found: list[Found] = []
    for number, each in enumerate(given):
        inner = Members(each if is_mapping(each) else {"raw": each}, f"prompts[{number}]", losses)
        stem = name.partition(".")[0] + (f"-{number + 1}" if len(given) > 1 else "")
        if (prompt := _prompt(inner, shared, stem)) is not None:
            found.append(prompt)
    for kind in _TESTS:
        if (value := members.any(kind)) is not None:
            members.lose(kind, value, JUDGED)
    members.left()
    if not found:
        raise FileError("none of its prompts stands in the file itself: import the files it names")
    for prompt in found:
        prompt.description, prompt.losses = description, losses
    return found


def _prompt(members: Members, shared: Mapping[str, Any], stem: str) -> Found | None:
    raw = members.take("raw", str, "")
    key, label = members.take("id", str, ""), members.take("label", str, "")
    if not raw or raw.startswith("file://"):
        members.lose("raw", raw or key or label, "the file it names is another: import that")
        return None
    members.left()
    content = struct({**shared, "messages": _messages(raw, members)}, Content, members.path)
    return Found(key=key_of(key or label or stem), name=label, versions=[FoundVersion(content=content)])


def _messages(raw: str, members: Members) -> list[dict[str, Any]]:
    """What is a list of messages when it is read as JSON is one; anything else is what the user says."""
    try:
        value = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        value = None
    if is_list(value) and all(is_mapping(each) and "role" in each for each in value):
        each = enumerate(value)
        return [chat.read(Members(one, members.where(f"raw[{number}]"), members.losses)) for number, one in each]
    return [{"role": "user", "content": raw}]


def _provider(members: Members) -> dict[str, Any]:
    given = members.any("providers")
    given = given if is_list(given) else [] if given is None else [given]
    for number, other in enumerate(given[1:], start=1):
        members.lose(f"providers[{number}]", other, "a prompt has one model")
    if not given:
        return {}
    first = Members(given[0] if is_mapping(given[0]) else {"id": given[0]}, "providers[0]", members.losses)
    config = first.within("config")
    content = {**settings.read(config), "model": first.take("id", str, "")}
    config.left()
    first.left()
    return content


def _variables(members: Members) -> dict[str, Any]:
    tests = members.within("defaultTest")
    values = tests.within("vars")
    variables = [{"name": name, "type": _type(value), "default": value} for name, value in values.every().items()]
    tests.left(JUDGED)
    return {"variables": variables}


def _type(value: Any) -> str:
    """The type of a variable by its value."""
    kinds: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "string")


def _worded(message: dict[str, Any], engine: Engine) -> dict[str, Any]:
    """A message with its texts said in Nunjucks."""
    if message["role"] != "placeholder" and "content" in message:
        message["content"] = to_jinja(message["content"], engine)
    for part in message.get("parts", []):
        if "text" in part:
            part["text"] = to_jinja(part["text"], engine)
    return message
