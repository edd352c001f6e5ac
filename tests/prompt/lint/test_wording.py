"""Where the rules of `promptwire.prompt.lint.wording` begin and end."""

from __future__ import annotations

import pytest

from prompt_reading import draft as draft_of
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.prompt.lint.wording import RULES


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("请简洁，并给出详细说明", {"contradiction"}),  # noqa: RUF001
        ("Never guess. Say that you do not know instead.", set[str]()),
        ("Always cite. Never cite.", {"contradiction", "only-negative"}),
        ("至少 200 字，不超过 100 字", {"impossible-length"}),  # noqa: RUF001
        ("This is a list of cities.", set[str]()),
    ],
)
def test_rules_find_no_more_and_no_less(text: str, rules: set[str]) -> None:
    draft = draft_of(Content(messages=[Message(role="user", content=text)]))
    assert {finding.rule for rule in RULES for finding in rule.findings(draft)} == rules
