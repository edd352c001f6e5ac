"""What each kind of prompt may hold."""

from __future__ import annotations

import pytest

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content, PromptKind
from promptwire.errors import Failure
from promptwire.prompt.kinds import check_kind

USER = Message(role="user", content="x")
SYSTEM = Message(role="system", content="x")
PICTURE = Message(role="user", parts=[Part(image_url="https://example.org/a")])


@pytest.mark.parametrize(
    ("kind", "messages"),
    [
        ("chat", [SYSTEM, USER, PICTURE]),
        ("text", []),
        ("text", [USER]),
        ("text", [PICTURE]),
        ("snippet", [USER]),
    ],
)
def test_what_fits_is_let_through(kind: PromptKind, messages: list[Message]) -> None:
    check_kind(kind, Content(messages=messages))


@pytest.mark.parametrize(
    ("kind", "messages", "said"),
    [
        ("text", [USER, USER], "2 messages"),
        ("text", [SYSTEM], "not 'system'"),
        ("snippet", [SYSTEM], "not 'system'"),
        ("snippet", [PICTURE], "no parts"),
    ],
)
def test_what_does_not_is_refused_with_the_reason(kind: PromptKind, messages: list[Message], said: str) -> None:
    with pytest.raises(Failure, match=said) as caught:
        check_kind(kind, Content(messages=messages))
    assert caught.value.class_ == "invalid_request"
