"""Rules that cannot work are refused by name."""

from __future__ import annotations

import pytest

from promptwire.api.governance import Rule
from promptwire.llm.moderation.rules import RuleError, compile_inline


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(id="r1", kind="regex", patterns=["("]), "no regular expression"),
        (Rule(id="r1", kind="regex", patterns=["a*"]), "match everywhere"),
        (Rule(id="r1", kind="pii", patterns=["shoe_size"]), "no personal data is called 'shoe_size'"),
        (Rule(id="r1", kind="words", patterns=["\u200b"]), "visible character"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(rule: Rule, said: str) -> None:
    with pytest.raises(RuleError, match=r"rule 'r1'") as refused:
        compile_inline([rule], "output")
    assert said in str(refused.value)


def test_a_rule_holds_only_in_its_stage() -> None:
    rule = Rule(id="r", kind="words", patterns=["x"], stages=["input"])
    assert compile_inline([rule], "output") is None
    assert compile_inline([rule], "input") is not None
