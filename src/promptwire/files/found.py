"""The place for what is found in another tool's file: prompts with their versions, and what is left behind."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar, cast

import msgspec

from promptwire.api.files import Loss
from promptwire.api.prompt import Content, PromptKind
from promptwire.files.plain import is_mapping

T = TypeVar("T")

NO_PLACE: Final = "a prompt has no place for it"
SHOWN: Final = 200  # characters of what is lost

_STRANGE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class FoundVersion(msgspec.Struct, kw_only=True):
    """What a prompt said at some time. ``version`` is what the other tool called it, if anything."""

    content: Content
    version: str | None = None
    message: str = ""
    labels: list[str] = []


class Found(msgspec.Struct, kw_only=True):
    """A prompt of a file; the newest version comes last."""

    key: str
    name: str = ""
    description: str = ""
    tags: list[str] = []
    folder: str = ""
    kind: PromptKind = "chat"
    versions: list[FoundVersion]
    losses: list[Loss] = []

    @property
    def content(self) -> Content:
        """What it says now."""
        return self.versions[-1].content


class Members:
    """The members of a mapping of a file: what is taken is carried, and `left` writes down the rest as lost."""

    def __init__(self, value: Any, path: str, losses: list[Loss]) -> None:
        self.path, self.losses = path, losses
        self._members = dict(value) if is_mapping(value) else {}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def take(self, name: str, kind: type[T], default: T) -> T:
        """A member, when it is of this kind; of another kind it stays and is lost. Null is none."""
        value = self._members.get(name)
        if value is None:
            self._members.pop(name, None)
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool and kind is not object):
            return default
        del self._members[name]
        return value

    def any(self, name: str) -> Any:
        """A member whatever it is; None when there is none."""
        return self._members.pop(name, None)

    def every(self) -> dict[str, Any]:
        """All that is left, taken."""
        taken, self._members = self._members, {}
        return taken

    def within(self, name: str) -> Members:
        """The members of a member; empty when it is no mapping."""
        inner = self.take(name, cast("type[Any]", dict), cast("Any", {}))
        return Members(inner, self.where(name), self.losses)

    def where(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def lose(self, name: str, value: Any, reason: str) -> None:
        """Write down that a member is lost."""
        self.losses.append(loss(self.where(name), value, reason))

    def left(self, reason: str = NO_PLACE) -> None:
        """Write down everything that was not taken."""
        for name, value in self._members.items():
            if value is not None:
                self.lose(name, value, reason)
        self._members.clear()


def loss(path: str, value: Any, reason: str) -> Loss:
    """A loss, with what was lost cut short."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return Loss(path=path, reason=reason, value=text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…")


def key_of(name: str) -> str:
    """A key like a name: what a key cannot hold becomes hyphens."""
    return _STRANGE.sub("-", name).strip("-._")[:100].rstrip("-._") or "prompt"
