"""The place for what a chat, a text and a snippet may hold: only a chat has roles."""

from __future__ import annotations

from promptwire.api.prompt import Content, PromptKind
from promptwire.errors import Failure


def check_kind(kind: PromptKind, content: Content) -> None:
    """Refuse what a prompt of this kind cannot hold. Raises Failure (invalid_request)."""
    if kind == "chat":
        return
    if len(content.messages) > 1:
        raise Failure("invalid_request", f"a {kind} is one template; this has {len(content.messages)} messages")
    for message in content.messages:
        if message.role != "user":
            raise Failure("invalid_request", f"a {kind} has no roles: its one message is 'user', not {message.role!r}")
        if message.parts and kind == "snippet":
            raise Failure("invalid_request", "a snippet is text alone; it has no parts")
