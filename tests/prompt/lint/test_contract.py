"""Where the rules of `promptwire.prompt.lint.contract` begin and end."""

from __future__ import annotations

import pytest

from prompt_reading import draft as draft_of
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.prompt.lint.contract import RULES


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('Answer in JSON like {"a": 1}', set[str]()),
        ("Input: a\nOutput: b\n\nInput: c\nOutput: d\n", set[str]()),
        ("Write to help@example.com", set[str]()),
        ("Use the `look` tool.", {"unknown-tool"}),
    ],
)
def test_rules_find_no_more_and_no_less(text: str, rules: set[str]) -> None:
    draft = draft_of(Content(messages=[Message(role="user", content=text)]))
    assert {finding.rule for rule in RULES for finding in rule.findings(draft)} == rules
