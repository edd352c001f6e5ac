"""How responses appear: JSON for people or programs, their bytes, or their text as it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import msgspec

from thriftwire.errors import ApplicationError, BizStatusError, Cancelled, DeadlineExceeded, RPCError
from thriftwire.thrift.jsonvalues import to_json, to_value
from thriftwire.thrift.types import DeclaredException

OUTPUTS: Final = ("pretty", "jsonl", "typewriter", "raw", "hex")
_TEXT_FIELDS: Final = ("text", "content", "delta", "message")


class Reply(NamedTuple):
    """A response as it came and what it means."""

    data: bytes
    value: Any


class Printer:
    """Writes responses to standard output, each at once."""

    def __init__(self, output: str, text_path: str = "") -> None:
        self._text_path = text_path
        self._typed = ""
        self._show: Callable[[Reply], None] = {
            "pretty": self._pretty,
            "jsonl": self._jsonl,
            "typewriter": self._typewriter,
            "raw": self._raw,
            "hex": self._hex,
        }[output]

    def show(self, reply: Reply) -> None:
        """Write one response."""
        self._show(reply)
        sys.stdout.flush()

    def end(self) -> None:
        """The last response was written: end the line that was typed."""
        if self._typed and not self._typed.endswith("\n"):
            print(flush=True)

    def _pretty(self, reply: Reply) -> None:
        print(msgspec.json.format(to_json(reply.value), indent=2).decode())

    def _jsonl(self, reply: Reply) -> None:
        print(to_json(reply.value).decode())

    def _raw(self, reply: Reply) -> None:
        sys.stdout.buffer.write(reply.data)

    def _hex(self, reply: Reply) -> None:
        print(reply.data.hex())

    def _typewriter(self, reply: Reply) -> None:
        text = text_of(to_value(reply.value), self._text_path)
        self._typed = text or self._typed
        sys.stdout.write(text)


def text_of(value: Any, path: str = "") -> str:
    """The text of a response: what stands at ``path`` (``delta.text``), or under a name that means text."""
    if path:
        for name in path.split("."):
            value = _members(value).get(name)
        return value if isinstance(value, str) else ""
    if isinstance(value, str):
        return value
    members = _members(value)
    for name in _TEXT_FIELDS:
        if isinstance(found := members.get(name), str):
            return found
    inner = (text_of(item) for item in members.values() if isinstance(item, dict))
    return next((text for text in inner if text), "")


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def describe_error(error: BaseException) -> str:
    """What a call ended with, in a line."""
    match error:
        case BizStatusError():
            extra = f" {msgspec.json.encode(error.extra).decode()}" if error.extra else ""
            return f"business status {error.code}: {error.message}{extra}"
        case DeclaredException():
            return f"threw {type(error).__name__} {to_json(error).decode()}"
        case ApplicationError():
            return f"exception {error.type}: {error.message}"
        case Cancelled() if error.path:
            return f"cancelled ({error.code}) by way of {' -> '.join(error.path)}: {error.message}"
        case DeadlineExceeded():
            return f"timed out ({error.code}): {error.message}"
        case RPCError():
            return f"{type(error).__name__} ({error.code}): {error.message}"
        case _:
            return f"{type(error).__name__}: {error}"


def show_entries(title: str, entries: Mapping[str, str]) -> None:
    """Headers or metadata on standard error; nothing when there are none."""
    if entries:
        print(f"[{title}]: {msgspec.json.encode(dict(sorted(entries.items()))).decode()}", file=sys.stderr)
