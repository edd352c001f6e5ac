"""What the rules about snippets and templates say, and where."""

from __future__ import annotations

import pytest

from prompt_reading import findings, library
from promptwire.api.message import Message
from promptwire.api.prompt import Content, Engine, Variable
from promptwire.template.snippets import Library


def found(text: str, known: Library | None = None, *, own: str | None = None, engine: Engine = "plain") -> list[str]:
    """Each finding of a template's own rules as ``rule: message [what is marked]``."""
    content = Content(messages=[Message(role="user", content=text)], engine=engine, variables=[Variable(name="known")])
    return [
        f"{finding.rule}: {finding.message} [{text[finding.span.start : finding.span.end]}]"
        for finding in findings(content, known, own)
        if finding.span is not None
    ]


def test_a_circle_is_told_with_the_whole_way_round() -> None:
    known = library(a="{{> b}}", b="{{> c}}", c="{{> a}}")
    assert found("Say {{> a}} now", known) == [
        "snippet-circle: snippets include each other in a circle: a → b → c → a (a → b → c → a) [{{> a}}]"
    ]


def test_a_snippet_that_includes_itself_is_a_circle() -> None:
    (one,) = found("{{> me}}", library(me="{{> me}}"), own="me")
    assert one.startswith("snippet-circle") and "me → me" in one


@pytest.mark.parametrize(
    ("text", "engine", "said"),
    [
        ("{{> a b}}", "plain", "malformed-include: '{{> a b}}' includes nothing"),
        ("{{> open", "plain", "malformed-include: '{{> open' includes nothing"),
        ("so {{#a}}", "mustache", "unreadable-template: the section 'a' is never closed [{{#a}}]"),
        ("so {% if %}", "jinja2", "unreadable-template: Expected an expression"),
    ],
)
def test_what_cannot_be_read_is_marked(text: str, engine: Engine, said: str) -> None:
    assert any(one.startswith(said) for one in found(text, engine=engine))


def test_a_mistake_inside_a_snippet_is_marked_at_its_include() -> None:
    known = library(broken="{{#a}}")
    assert "unreadable-template: in the snippet 'broken': the section 'a' is never closed [{{> broken}}]" in found(
        "x {{> broken}}", known, engine="mustache"
    )


def test_a_snippets_undeclared_variable_is_told_at_its_include() -> None:
    assert found("{{> tone}}", library(tone="{{mood}}")) == [
        "undefined-variable: 'mood', which the snippet 'tone' uses, is not declared [{{> tone}}]"
    ]
