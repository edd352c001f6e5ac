"""The plain template language: names become values, everything else stays, and values are never looked at again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.errors import Failure
from promptwire.prompt.template import MAX_RENDERED, Template, Variable


@pytest.mark.parametrize(
    ("text", "variables", "rendered"),
    [
        ("", (), ""),
        ("no variables", (), "no variables"),
        ("{{a}}", ("a",), "<a>"),
        ("{{ a }} and {{\ta\t}}", ("a",), "<a> and <a>"),
        ("{{b}}{{a}}{{b}}", ("b", "a"), "<b><a><b>"),
        ("{{名前}} {{_x1}} {{with-dash}}", ("名前", "_x1", "with-dash"), "<名前> <_x1> <with-dash>"),
        ("{{{a}}}", ("a",), "{<a>}"),
        ("{{{{a}}}}", ("a",), "{{<a>}}"),
    ],
)
def test_names_in_double_braces_become_values(text: str, variables: tuple[str, ...], rendered: str) -> None:
    template = Template.parse(text)
    assert template.variables == variables
    assert template.render({name: f"<{name}>" for name in variables}) == rendered


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
    assert Template.parse(text).render({}) == text


@given(st.text(), st.text())
def test_a_value_is_put_in_as_it_is(before: str, value: str) -> None:
    text = before.replace("{", "(") + "{{a}}"
    assert Template.parse(text).render({"a": value + "{{a}}{{b}}"}) == text.replace("{{a}}", value + "{{a}}{{b}}")


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "a", " ", "\\", "{{a}}", '"'])).map("".join))
def test_the_pieces_are_the_whole_text(text: str) -> None:
    parts = Template.parse(text).parts
    assert "".join(part if isinstance(part, str) else text[part.start : part.end] for part in parts) == text
    assert all(part.name == "a" for part in parts if isinstance(part, Variable))


def test_missing_variables_are_named_together() -> None:
    with pytest.raises(Failure, match="missing variables: a, c") as caught:
        Template.parse("{{a}} {{b}} {{c}}").render({"b": ""})
    assert caught.value.class_ == "invalid_request"


def test_a_text_that_would_grow_too_long_is_refused_before_it_is_made() -> None:
    megabyte = "x" * 1_000_000
    assert len(Template.parse("{{a}}" * 16).render({"a": megabyte})) == 16_000_000
    with pytest.raises(Failure, match=str(MAX_RENDERED)):
        Template.parse("{{a}}" * 100_000).render({"a": megabyte})
