"""Mustache as its manual describes it, without escaping for HTML and within bounds."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.template.engines.mustache import MAX_DEPTH, outline, render
from promptwire.template.engines.outline import TemplateError


def rendered(text: str, **values: Any) -> str:
    return "".join(render(text, values))


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{{a}} {{{a}}} {{&a}} {{ a }}", {"a": '<"&>'}, '<"&> <"&> <"&> <"&>'),
        ("{{a.b.c}}|{{a.x.c}}", {"a": {"b": {"c": 1}}}, "1|"),
        ("{{a}}", {"a": {"k": [1, None]}}, '{"k":[1,null]}'),
        ("{{a}}{{b}}{{c}}", {"a": None, "b": True, "c": 2.5}, "true2.5"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": True}, "yes"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": []}, "no"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {}, "no"),
        ("{{#a}}{{.}},{{/a}}", {"a": ["x", 1, True]}, "x,1,true,"),
        ("{{#a}}{{b}}{{c}};{{/a}}", {"a": [{"b": 1}, {"b": 2, "c": 3}], "c": "o"}, "1o;23;"),
        ("{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", {"a": {"b": {"c": "deep"}}}, "deep"),
        ("{{#a}}{{a}}{{/a}}", {"a": 0}, "0"),
        ("a{{! a comment }}b", {}, "ab"),
        ("{{=<% %>=}}<% a %>{{a}}<%={{ }}=%>{{a}}", {"a": 1}, "1{{a}}1"),
        ("one\n{{#a}}\ntwo\n{{/a}}\nthree", {"a": True}, "one\ntwo\nthree"),
        ("  {{#a}}  \r\nx\r\n  {{/a}}", {"a": True}, "x\r\n"),
        ("| {{#a}} |", {"a": True}, "| {{#a}} |"),
        ('{"k":{"j":{{a}}}}', {"a": 1}, '{"k":{"j":1}}'),
    ],
)
def test_it_renders_as_the_manual_says(text: str, values: dict[str, Any], expected: str) -> None:
    if expected == text:
        with pytest.raises(TemplateError, match="never closed"):
            rendered(text, **values)
    else:
        assert rendered(text, **values) == expected


def test_values_are_never_looked_at_again() -> None:
    assert rendered("{{a}}{{#l}}{{.}}{{/l}}", a="{{b}}{{#l}}", l=["{{a}}"], b="no") == "{{b}}{{#l}}{{a}}"


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("x {{#a}} y", "'a' is never closed", (2, 8)),
        ("x {{/a}}", "'a' is closed but was not opened", (2, 8)),
        ("{{#a}}{{#b}}{{/a}}", "'a' is closed where 'b' is open", (12, 18)),
        ("x {{a", "never closed", (2, 4)),
        ("{{a b}}", "'a b' is not a name", (0, 7)),
        ("{{}}", "'' is not a name", (0, 4)),
        ('{{"a":1}}', "is not a name", (0, 9)),
        ("{{=x=}}", "delimiters", (0, 7)),
        ("{{#a}}" * (MAX_DEPTH + 1), "deep", (MAX_DEPTH * 6, MAX_DEPTH * 6 + 6)),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, said: str, place: tuple[int, int]) -> None:
    [fault] = outline(text).faults
    assert said in fault.message
    assert (fault.start, fault.end) == place
    with pytest.raises(TemplateError):
        rendered(text)


def test_only_values_outside_sections_are_certain() -> None:
    uses = outline("{{a}}{{#b}}{{c}}{{.}}{{/b}}{{^d}}{{e}}{{/d}}{{f.g}}").uses
    assert [(use.name, use.certain) for use in uses] == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("d", False),
        ("e", False),
        ("f", True),
    ]


def test_a_bomb_of_sections_ends() -> None:
    began = time.monotonic()
    with pytest.raises(TemplateError, match="steps"):
        rendered("{{#a}}" * 12 + "x" + "{{/a}}" * 12, a=[1] * 10)
    assert time.monotonic() - began < 10  # a bound, not a measurement


@given(
    st.lists(st.sampled_from(["{{", "}}", "{{#a}}", "{{/a}}", "{{^a}}", "{{a}}", "{{!", "{{=| |=}}", "|a|", "\n", "x"]))
)
def test_any_text_renders_or_says_why_not(pieces: list[str]) -> None:
    text = "".join(pieces)
    faults = outline(text).faults
    try:
        rendered(text, a=["1", "2"])
        assert faults == ()
    except TemplateError:
        assert len(faults) == 1
