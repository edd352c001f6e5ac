"""The place where a prompt becomes a file that people edit, and the file a prompt: YAML above, Markdown below.

    ---
    key: refund
    model: simulated/echo
    variables:
    - name: question
    ---

    # system

    You answer questions about refunds.

Nothing is lost, and a prompt has one file: reading and writing again changes no byte. A person may write it looser
than `write` does; fields at their defaults may stand there, lines may end as Windows ends them.
"""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec

from promptwire.api.prompt import Content, PromptKind
from promptwire.files import sections, yaml
from promptwire.files.fault import FileError
from promptwire.files.plain import is_mapping, plain, struct

SUFFIX: Final = ".prompt.md"
FENCE: Final = "---"
ABOUT: Final = ("key", "name", "description", "tags", "folder", "kind")
"""What is said of a prompt beside what it says: the same in all of its versions."""


class Document(msgspec.Struct, kw_only=True):
    """A prompt as files know it: what it is called, and what it says."""

    key: str
    name: str = ""
    description: str = ""
    tags: list[str] = []
    folder: str = ""
    kind: PromptKind = "chat"
    content: Content = msgspec.field(default_factory=Content)


def write(document: Document) -> str:
    """The file of a prompt."""
    said = cast("dict[str, Any]", plain(document))
    content = said.pop("content", {})
    content.pop("messages", None)
    messages = sections.write(document.content.messages)
    return f"{FENCE}\n{yaml.dump({**said, **content})}{FENCE}\n" + (f"\n{messages}" if messages else "")


def read(text: str) -> Document:
    """The prompt of a file. Raises FileError."""
    front, body, line = _halves(text)
    values = yaml.load(front)
    if not is_mapping(values):
        raise FileError("between the --- are names and values, like 'key: refund'", 1)
    content = values
    said = {field: content.pop(field) for field in ABOUT if field in content}
    if "key" not in said:
        raise FileError("a prompt has a key: write 'key: …' between the ---")
    if "messages" in content:
        raise FileError("messages are sections below the second ---, not a field between them")
    document = struct(said, Document, "the file")
    document.content = struct(content, Content, "the file")
    document.content.messages = sections.read(body, line)
    return document


def _halves(text: str) -> tuple[str, str, int]:
    """The front matter, the rest, and the line at which the rest begins."""
    text = text.removeprefix("\ufeff")
    if text.partition("\n")[0].endswith("\r"):
        text = text.replace("\r\n", "\n")
    opening, _, rest = text.partition("\n")
    if opening.rstrip() != FENCE:
        raise FileError("a prompt's file begins with ---", 1)
    lines = rest.split("\n")
    for number, each in enumerate(lines):
        if each.rstrip() == FENCE:
            return "\n".join([*lines[:number], ""]), "\n".join(lines[number + 1 :]), number + 3
    raise FileError("the front matter has no second ---")
