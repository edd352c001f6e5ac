"""The place for the messages of a prompt as sections of Markdown, whatever their text is.

    # system

    You are …

    # user {"name": "ann"}

    ## text

    What is this?

    ## part {"image_url": "https://…"}

A section begins with a line of its own: a role, or within a message a part, and what else there is to say as JSON. An
empty line follows, then the text as it is. A line of a text that looks like such a beginning has a backslash before
it. Text that an editor or git would not leave alone (carriage returns and other control characters) stands in the
JSON instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, cast, get_args

import msgspec

from promptwire.api.message import Message, Part, Role
from promptwire.files.fault import FileError
from promptwire.files.plain import plain, struct

_ROLES: Final = "|".join(get_args(Role))
_BEGINNING: Final = re.compile(
    rf"(?P<shy>\\*)(?:# (?P<role>{_ROLES})|## (?P<part>text|part))(?: (?P<rest>\{{.*\}}))?[ \t]*"
)
_DELICATE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class _Section(NamedTuple):
    line: int
    role: str | None  # None: a part
    part: str | None
    rest: dict[str, Any]
    text: str


def write(messages: Iterable[Message]) -> str:
    """The sections of messages; nothing when there are none."""
    blocks = [block for message in messages for block in _message(message)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def read(text: str, line: int = 1) -> list[Message]:
    """The messages that sections say; ``line`` is the number of the first. Raises FileError."""
    messages: list[dict[str, Any]] = []
    for section in _sections(text, line):
        said = f"line {section.line}"
        if section.role is not None:
            _check_once(section, "role", "content")
            messages.append({"role": section.role, "content": section.text, **section.rest})
        elif not messages:
            raise FileError("a part stands in a message: '# user' comes first", section.line)
        else:
            part = _part_of(section)
            struct(part, Part, said)
            messages[-1].setdefault("parts", []).append(part)
    return [struct(message, Message, f"message {number}") for number, message in enumerate(messages, start=1)]


def _message(message: Message) -> Iterator[str]:
    rest = cast("dict[str, Any]", plain(message))
    del rest["role"]
    rest.pop("content", None)
    if rest.pop("parts", None) == []:
        rest["parts"] = []
    yield _block(f"# {message.role}", rest, "content", message.content)
    for part in message.parts or ():
        said = cast("dict[str, Any]", plain(part))
        text = said.pop("text", None)
        yield _block("## part", said, "text", "") if text is None else _block("## text", said, "text", text)


def _block(beginning: str, rest: dict[str, Any], name: str, text: str) -> str:
    if _DELICATE.search(text):
        rest, text = {**rest, name: text}, ""
    if rest:
        beginning += f" {_json(rest)}"
    return f"{beginning}\n\n{_shy(text)}" if text else beginning


def _json(value: Any) -> str:
    """JSON on one line, with everything delicate escaped."""
    written = msgspec.json.encode(value).decode()
    return _DELICATE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _shy(text: str) -> str:
    return "\n".join(f"\\{line}" if _BEGINNING.fullmatch(line) else line for line in text.split("\n"))


def _sections(text: str, line: int) -> Iterator[_Section]:
    lines = text.split("\n")
    found = [(number, begun) for number, each in enumerate(lines) if (begun := _begun(each)) is not None]
    first = found[0][0] if found else len(lines)
    for number, stray in enumerate(lines[:first]):
        if stray.strip():
            raise FileError(
                f"text before the first section, which is one of # {_ROLES.replace('|', ', # ')}", line + number
            )
    ends = [number for number, _ in found[1:]] + [len(lines)] * bool(found)
    for (number, begun), end in zip(found, ends, strict=True):
        text = _text("\n".join(lines[number + 1 : end]))
        yield _Section(line + number, begun["role"], begun["part"], _rest(begun, line + number), text)


def _begun(line: str) -> re.Match[str] | None:
    found = _BEGINNING.fullmatch(line)
    return found if found is not None and not found["shy"] else None


def _text(body: str) -> str:
    """What stands below a beginning, without the empty lines around it that `write` puts there."""
    lines = body.removeprefix("\n").removesuffix("\n").split("\n")
    return "\n".join(line[1:] if line.startswith("\\") and _BEGINNING.fullmatch(line) else line for line in lines)


def _rest(begun: re.Match[str], line: int) -> dict[str, Any]:
    try:
        return msgspec.json.decode(begun["rest"] or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise FileError(f"what follows {begun[0].split(' {')[0]!r} is not a JSON object: {error}", line) from error


def _part_of(section: _Section) -> dict[str, Any]:
    if section.part == "text":
        _check_once(section, "text", "text")
        return {"text": section.text, **section.rest}
    if section.text.strip():
        raise FileError("'## part' has no text below it; '## text' has", section.line)
    return section.rest


def _check_once(section: _Section, name: str, text: str) -> None:
    if section.text and text in section.rest:
        raise FileError(f"{text!r} stands in the JSON, and a text below it", section.line)
    if name != text and name in section.rest:
        raise FileError(f"{name!r} stands before the JSON, not in it", section.line)
