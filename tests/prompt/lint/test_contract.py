"""Where the rules of `promptwire.prompt.lint.contract` begin and end."""

from __future__ import annotations

import msgspec
import pytest

from prompt_reading import draft as draft_of
from promptwire.api.message import Message, Tool
from promptwire.api.prompt import Content
from promptwire.prompt.lint.contract import RULES, _examples


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


@pytest.mark.parametrize("schema", [b"true", b"[]", b'{"properties": [1]}', b'{"properties": {"a": true}}'])
def test_the_parameters_of_a_tool_may_be_any_json(schema: bytes) -> None:
    tools = [Tool(name="f", description="d", parameters=msgspec.Raw(schema))]
    draft = draft_of(Content(messages=[Message(role="user", content="Go.")], tools=tools))
    assert not [finding for rule in RULES for finding in rule.findings(draft) if rule.id == "undescribed-tool"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Input: a\nb\nOutput: c\nd\n\nrest", [("a\nb", "c\nd")]),
        ("q:\na\na: b\nq: c\nanswer: d", [("a", "b"), ("c", "d")]),
        ("输入：一\n输出：二", [("一", "二")]),  # noqa: RUF001
        ("Output: a\nInput: b", []),
        ("Input: a\nOutput:\n\n", []),
    ],
)
def test_examples_stand_behind_their_labels(text: str, pairs: list[tuple[str, str]]) -> None:
    assert _examples(draft_of(Content(messages=[Message(role="user", content=text)]))) == pairs
