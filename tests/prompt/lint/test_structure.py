"""Where the rules of `promptwire.prompt.lint.structure` begin and end."""

from __future__ import annotations

import pytest

from prompt_reading import draft as draft_of
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.prompt.lint.structure import RULES


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("1. a\n2. b\n\n1. c\n2. d", set[str]()),
        ("<a>\nx\n</a>\n<b>y</b>", set[str]()),
        ("if x < y and y > z", set[str]()),
        ("<a>x<a>y</a>", {"unclosed-mark"}),
        ("```\ncode\n```", set[str]()),
    ],
)
def test_rules_find_no_more_and_no_less(text: str, rules: set[str]) -> None:
    draft = draft_of(Content(messages=[Message(role="user", content=text)]))
    assert {finding.rule for rule in RULES for finding in rule.findings(draft)} == rules
