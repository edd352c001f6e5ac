"""A prompt is shown as it would be sent, also while values are missing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content, Engine, Variable
from promptwire.errors import Failure
from promptwire.prompt.preview import preview
from promptwire.template.languages import Languages


@pytest.fixture(scope="module")
def languages() -> Iterator[Languages]:
    languages = Languages()
    yield languages
    languages.close()


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def user(text: str, engine: Engine = "plain", *variables: Variable) -> Content:
    return Content(messages=[Message(role="user", content=text)], engine=engine, variables=[*variables])


@pytest.mark.parametrize("engine", ["plain", "mustache", "jinja2"])
def test_what_is_missing_stands_as_it_is_written_and_values_are_never_rendered(
    engine: Engine, languages: Languages
) -> None:
    shown = preview(user("{{a}} and {{b}}", engine), {"a": raw("{{b}} {% x %}")}, languages)
    assert (shown.messages[0].content, shown.missing) == ("{{b}} {% x %} and {{b}}", ["b"])


def test_a_default_stands_in_and_a_type_that_is_not_met_yet_is_no_error(languages: Languages) -> None:
    declared = [
        Variable(name="n", type="integer"),
        Variable(name="d", default_=raw("given")),
        Variable(name="o", needed=False),
        Variable(name="unused"),
    ]
    shown = preview(user("{{n}}|{{d}}|{{o}}", "plain", *declared), {}, languages)
    assert (shown.messages[0].content, shown.missing) == ("{{n}}|given|", ["n"])


def test_lists_that_are_missing_are_empty(languages: Languages) -> None:
    content = Content(
        messages=[
            Message(role="placeholder", content="history"),
            Message(role="user", content="hi", parts=[Part(variable="pictures"), Part(text="{{x}}")]),
        ],
        variables=[Variable(name="history", type="messages")],
    )
    shown = preview(content, {"x": raw("y")}, languages)
    assert shown.messages == [Message(role="user", content="hi", parts=[Part(text="y")])]
    assert shown.missing == ["history", "pictures"]


def test_what_a_section_may_do_without_is_not_missing(languages: Languages) -> None:
    shown = preview(user("a{{#s}}{{x}}{{/s}}", "mustache"), {}, languages)
    assert (shown.messages[0].content, shown.missing) == ("a", [])


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (user("{{n}}", "plain", Variable(name="n", type="integer")), {"n": raw("x")}),
        (user("{{#open}}", "mustache"), {}),
    ],
)
def test_a_value_or_a_template_that_is_wrong_is_said(
    content: Content, values: dict[str, msgspec.Raw], languages: Languages
) -> None:
    with pytest.raises(Failure) as caught:
        preview(content, values, languages)
    assert caught.value.class_ == "invalid_request"
