"""A mock replies the same, by rule, or as it was recorded, and says when it has nothing to say."""

from __future__ import annotations

import msgspec
import pytest

from promptwire.api.tool import Condition, Mock, MockRule, Recording, ToolReply
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.mocks import mocked


def when(path: str, test: str, value: object = None) -> Condition:
    return msgspec.json.decode(msgspec.json.encode({"path": path, "test": test, "value": value}), type=Condition)


def by_rule(*conditions: Condition, otherwise: str | None = None) -> Mock:
    return Mock(kind="rule", rules=[MockRule(conditions=list(conditions), reply="held")], reply=otherwise)


def test_a_fixed_reply_is_given_whatever_is_asked() -> None:
    assert mocked(Mock(reply="sun"), "{oops") == ToolReply(content="sun", source="mock")
    assert mocked(Mock(), "{}") is None


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (when("$.city", "equals", "Oslo"), True),
        (when("$.city", "equals", "oslo"), False),
        (when("$.days", "equals", 3), True),
        (when("$.days", "equals", "3"), False),
        (when("$.days", "equals", True), False),
        (when("$.city", "matches", "^O.*o$"), True),
        (when("$.days", "matches", "^[1-3]$"), True),
        (when("$.city", "matches", "^x"), False),
        (when("$.city", "contains", "sl"), True),
        (when("$.tags", "contains", "b"), True),
        (when("$.tags", "contains", "c"), False),
        (when("$", "contains", "city"), True),
        (when("$.tags[1]", "exists"), True),
        (when("$.none", "exists"), False),
        (when("$.none", "equals"), False),
    ],
)
def test_a_condition_holds_or_does_not(condition: Condition, holds: bool) -> None:
    reply = mocked(by_rule(condition), '{"city": "Oslo", "days": 3.0, "tags": ["a", "b"]}')
    assert (reply is not None) is holds


def test_the_first_rule_that_holds_replies_and_otherwise_the_default() -> None:
    oslo, nordic = when("$.city", "equals", "Oslo"), when("$.nordic", "equals", True)
    rules = [
        MockRule(conditions=[oslo, nordic], reply="both", is_error=True),
        MockRule(conditions=[oslo], reply="one"),
    ]
    mock = Mock(kind="rule", rules=rules, reply="other")
    said = [mocked(mock, text) for text in ('{"city":"Oslo","nordic":true}', '{"city":"Oslo"}', "{}")]
    assert [(reply.content, reply.is_error) for reply in said if reply] == [
        ("both", True),
        ("one", False),
        ("other", False),
    ]


def test_a_recording_is_found_by_its_arguments() -> None:
    mock = Mock(kind="recorded", recordings=[Recording(arguments='{"a": 1, "b": 2}', reply="kept")])
    assert mocked(mock, '{"b":2.0,"a":1}') == ToolReply(content="kept", source="mock")
    assert mocked(mock, '{"a":1}') is None


@pytest.mark.parametrize("pattern", ["(", "(a|aa)+$"])
def test_a_pattern_that_is_wrong_or_runs_away_is_said(pattern: str) -> None:
    with pytest.raises(ToolFault, match="pattern"):
        mocked(by_rule(when("$.x", "matches", pattern)), msgspec.json.encode({"x": "a" * 60 + "b"}).decode())


def test_arguments_that_are_no_object_are_said() -> None:
    with pytest.raises(ToolFault, match="JSON"):
        mocked(by_rule(), "[]")
