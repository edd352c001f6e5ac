from __future__ import annotations

import pytest

from thriftwire.commands.expression import ExpressionError, evaluate

NAMES = {
    "messages": [{"start": {"model": "m"}}, {"delta": {"text": "he"}}, {"delta": {"text": "llo"}}],
    "count": 3,
    "gaps": [0.1, 0.2],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('messages[0].start.model == "m"', True),
        ("messages[-1].delta.text", "llo"),
        ("messages[0].nothing.at.all is null", True),
        ('messages[0]["start"]["model"]', "m"),
        ('join(messages, "delta.text") == "hello" and count >= 3', True),
        ('pluck(messages, "delta.text")', ["he", "llo"]),
        ("all(gap < 0.5 for gap in gaps)", True),
        ("any(gap > 0.15 for gap in gaps if gap < 0.15)", False),
        ("[message.delta.text for message in messages if message.delta]", ["he", "llo"]),
        ("max(gaps) * 2 - 1 / 10 + 3 % 2", 1.3),
        ("0 < count <= 3 and not count == 2", True),
        ('"he" in join(messages, "delta.text") or false', True),
        ('matches(messages[1].delta.text, "^h.$")', True),
        ("len(messages) == count", True),
        ("-count < 0", True),
        ("count not in [1, 2]", True),
    ],
)
def test_an_expression_has_its_value(text: str, value: object) -> None:
    assert evaluate(text, NAMES) == pytest.approx(value) if isinstance(value, float) else evaluate(text, NAMES) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "count.__class__.__mro__[0]()",
        "(lambda: 1)()",
        "open('x')",
        "messages.append(1)",
        "f'{count}'",
        "count := 4",
        "9 ** 9",
        "unknown",
        "messages[9]",
        "1 / 0",
        "1 +",
        "~count",
        "[a + b for a in gaps for b in gaps]",
        "x" * 3_000,
    ],
)
def test_what_acts_or_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, NAMES)
