"""The plain template language: names become values, everything else stays, and values are never looked at again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.template.engines.outline import TemplateError, Use
from promptwire.template.engines.plain import Template, outline, render


def rendered(text: str, **values: object) -> str:
    return "".join(render(text, values))


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("", [], ""),
        ("no variables", [], "no variables"),
        ("{{a}}", ["a"], "<a>"),
        ("{{ a }} and {{\ta\t}}", ["a", "a"], "<a> and <a>"),
        ("{{b}}{{a}}{{b}}", ["b", "a", "b"], "<b><a><b>"),
        ("{{名前}} {{_x1}} {{with-dash}}", ["名前", "_x1", "with-dash"], "<名前> <_x1> <with-dash>"),
        ("{{{a}}}", ["a"], "{<a>}"),
        ("{{{{a}}}}", ["a"], "{{<a>}}"),
    ],
)
def test_names_in_double_braces_become_values(text: str, names: list[str], expected: str) -> None:
    assert [use.name for use in outline(text).uses] == names
    assert rendered(text, **{name: f"<{name}>" for name in names}) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": {"c": 1}}}',
        '{"a":{"b":{}}}',
        "{{}}",
        "{{ }}",
        "{{a b}}",
        "{{1a}}",
        "{{a.b}}",
        "{{a|upper}}",
        "{{ 7*7 }}",
        "{{'a'}}",
        "{{a",
        "a}}",
        "{{\na\n}}",
        "{ {a} }",
        "{% for x in y %}{% endfor %}",
        "{# comment #}",
        r"\frac{{1}}{{2}} \textbf{{{}}}",
        "${{ github.ref }}",
        "f'{{x!r}}'",
        "{{constructor.constructor('return process')()}}",
        "{{''.__class__.__mro__[1].__subclasses__()}}",
        "<%= 7*7 %> #{7*7} ${7*7}",
    ],
)
def test_everything_else_is_literal(text: str) -> None:
    assert rendered(text) == text
    assert outline(text) == ((), ())


def test_a_variable_says_where_it_stands() -> None:
    assert outline("é {{ a }}!").uses == (Use("a", 2, 9),)


def test_a_value_that_is_no_text_is_its_json() -> None:
    assert rendered("{{a}}|{{b}}|{{c}}", a={"k": [1, 2.0, True, None]}, b=None, c=False) == (
        '{"k":[1,2.0,true,null]}||false'
    )


@given(st.text(), st.text())
def test_a_value_is_put_in_as_it_is(before: str, value: str) -> None:
    text = before.replace("{", "(") + "{{a}}"
    assert rendered(text, a=value + "{{a}}{{b}}") == text.replace("{{a}}", value + "{{a}}{{b}}")


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "a", " ", "\\", "{{a}}", '"'])).map("".join))
def test_the_pieces_are_the_whole_text(text: str) -> None:
    parts = Template.parse(text).parts
    assert "".join(part if isinstance(part, str) else text[part.start : part.end] for part in parts) == text
    assert all(set(part.name) == {"a"} for part in parts if isinstance(part, Use))


def test_a_missing_value_is_named_with_its_place() -> None:
    with pytest.raises(TemplateError, match="'b' has no value") as caught:
        rendered("{{a}} {{b}}", a="x")
    assert (caught.value.start, caught.value.end) == (6, 11)
