"""Rules that cannot work are refused by name."""

from __future__ import annotations

import itertools

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


def test_of_a_words_rules_the_strictest_decides_and_of_equals_the_first() -> None:
    rules = [
        Rule(id="mask", kind="words", action="mask", patterns=["Word"]),
        Rule(id="replace", kind="words", action="replace", patterns=["word"]),
        Rule(id="stop", kind="words", action="stop", patterns=["WORD"]),
        Rule(id="stop too", kind="words", action="stop", patterns=["word"]),
    ]
    for some in (order for count in (2, 3, 4) for order in itertools.permutations(rules, count)):
        compiled = compile_inline(some, "output")
        assert compiled is not None and compiled.words is not None
        state = 0
        for character in "word":
            state = compiled.words.step(state, character)
        deciding = next((rule for rule in some if rule.action == "stop"), some[0])
        assert [compiled.word_rules[index].id for _, index in compiled.words.found(state)] == [deciding.id]
