"""The place where a prompt leaves for another tool's file, or comes from one, with a report of what is lost.

What an export loses is not guessed: the file is read again, and whatever differs from the prompt is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec

from promptwire.api.files import FileFormat, Loss
from promptwire.files import prompt_file
from promptwire.files.differences import differences
from promptwire.files.fault import FileError
from promptwire.files.formats import dotprompt, langfuse, openai_prompt, promptfoo, prompty
from promptwire.files.found import NO_PLACE, Found, FoundVersion, loss
from promptwire.files.plain import is_list, is_mapping, plain
from promptwire.files.prompt_file import Document

MAX_FILE: Final = 4 * 1024 * 1024  # characters


class Format(NamedTuple):
    """How a format is written and read; ``reasons`` say why it does not hold what it does not hold, by path."""

    suffix: str
    write: Callable[[Document], str]
    read: Callable[[str, str], list[Found]]
    reasons: Mapping[str, str]


class Exported(NamedTuple):
    """A file, and what of the prompt it does not hold."""

    file: str
    text: str
    losses: list[Loss]


def _ours(text: str, name: str) -> list[Found]:
    del name
    document = prompt_file.read(text)
    about = {name: getattr(document, name) for name in prompt_file.ABOUT}
    return [Found(**about, versions=[FoundVersion(content=document.content)])]


FORMATS: Final[Mapping[FileFormat, Format]] = {
    "promptwire": Format(prompt_file.SUFFIX, prompt_file.write, _ours, {}),
    "prompty": Format(prompty.SUFFIX, prompty.write, prompty.read, prompty.REASONS),
    "dotprompt": Format(dotprompt.SUFFIX, dotprompt.write, dotprompt.read, dotprompt.REASONS),
    "langfuse": Format(langfuse.SUFFIX, langfuse.write, langfuse.read, langfuse.REASONS),
    "promptfoo": Format(promptfoo.SUFFIX, promptfoo.write, promptfoo.read, promptfoo.REASONS),
    "openai": Format(openai_prompt.SUFFIX, openai_prompt.write, openai_prompt.read, openai_prompt.REASONS),
}


def exported(document: Document, into: FileFormat) -> Exported:
    """A prompt as a file of a format. Raises FileError."""
    format_ = FORMATS[into]
    file = f"{document.key}{format_.suffix}"
    text = format_.write(document)
    back = format_.read(text, file)[0]
    losses = [
        loss(each.path, each.after if each.before is None else each.before, _reason(each.path, format_.reasons))
        for each in differences(_said(document), _said(back))
    ]
    return Exported(file, text, losses)


def imported(name: str, text: str, as_: FileFormat | None = None) -> tuple[FileFormat, list[Found]]:
    """The prompts of a file, and the format it was read as. Raises FileError."""
    if len(text) > MAX_FILE:
        raise FileError(f"a file is at most {MAX_FILE} characters")
    format_ = as_ or recognised(name, text)
    found = FORMATS[format_].read(text, name.rpartition("/")[2])
    if not found:
        raise FileError("it holds no prompt")
    return format_, found


def recognised(name: str, text: str) -> FileFormat:
    """The format of a file by its name, or by what it says. Raises FileError."""
    for format_, row in FORMATS.items():
        if name.endswith(row.suffix):
            return format_
    if name.endswith((".json", ".txt")) or text.lstrip()[:1] in ("{", "["):
        return _json(text)
    if re.search(r"^prompts:", text, re.MULTILINE):
        return "promptfoo"
    if re.match(r"\ufeff?---\r?\n(?:.*\n)*?key:", text):
        return "promptwire"
    raise FileError(
        "this is none of the formats: " + ", ".join(f"{each} ({row.suffix})" for each, row in FORMATS.items())
    )


def _json(text: str) -> FileFormat:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise FileError(f"this is not JSON: {error}") from error
    if is_mapping(value) and isinstance(value.get("data"), list):
        value = value["data"]
    first = cast("Any", value[0] if is_list(value) and value else value)
    if is_mapping(first) and "prompt" in first and "name" in first:
        return "langfuse"
    return "openai"


def _reason(path: str, reasons: Mapping[str, str]) -> str:
    """The reason given for the nearest place above a path."""
    place = re.sub(r"\[[^\]]*\]", "", path)
    while place:
        if place in reasons:
            return reasons[place]
        place = place.rpartition(".")[0]
    return NO_PLACE.replace("a prompt", "the format")


def _said(prompt: Document | Found) -> dict[str, Any]:
    about = {name: getattr(prompt, name) for name in prompt_file.ABOUT if name != "key"}
    return {**about, **plain(prompt.content)}
