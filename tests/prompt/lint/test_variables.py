"""Where the rules of `promptwire.prompt.lint.variables` begin and end."""

from __future__ import annotations

import pytest

from prompt_reading import draft as draft_of
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.prompt.lint.variables import RULES


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('Braces in JSON are no variables: {"a": {"b": 1}}', set[str]()),
        ("LaTeX is none either: \\frac{a}{b} and ${x}$", {"foreign-template"}),
        ("Text: <text>{{text}}</text>", set[str]()),
        ("{{user_id}} and {{user_ids}}", {"similar-variables"}),
        ("{{a}} and {{b}}", set[str]()),
    ],
)
def test_rules_find_no_more_and_no_less(text: str, rules: set[str]) -> None:
    draft = draft_of(Content(messages=[Message(role="user", content=text)]))
    assert {finding.rule for rule in RULES for finding in rule.findings(draft)} == rules
