"""A draft as it is read: each variable with its kind, its places and who brought it."""

from __future__ import annotations

import pytest

from prompt_reading import library, reading
from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content, Engine, Variable


def user(text: str, engine: Engine = "plain") -> Content:
    return Content(messages=[Message(role="user", content=text)], engine=engine)


@pytest.mark.parametrize(
    ("engine", "text", "found"),
    [
        ("plain", "{{b}} {{a}} {{b}}", [("b", ["{{b}}", "{{b}}"], True), ("a", ["{{a}}"], True)]),
        ("mustache", "{{a.b}}{{#c}}{{d}}", []),
        ("mustache", "{{a.b}}{{#c}}{{/c}}", [("a", ["{{a.b}}"], True), ("c", ["{{#c}}"], False)]),
        ("jinja2", "{% for x in xs %}{{ x|default(n) }}{% endfor %}", [("xs", ["xs"], False), ("n", ["n"], False)]),
    ],
)
def test_variables_are_found_in_every_language(
    engine: Engine, text: str, found: list[tuple[str, list[str], bool]]
) -> None:
    slots = reading(user(text, engine)).slots
    assert [(slot.name, [text[one.start : one.end] for one in slot.spans], slot.certain) for slot in slots] == found


def test_placeholders_and_parts_take_lists() -> None:
    content = Content(
        messages=[
            Message(role="placeholder", content="history"),
            Message(role="user", content="{{q}}", parts=[Part(variable="pictures"), Part(text="{{q}} {{r}}")]),
        ],
        variables=[Variable(name="q", description="asked"), Variable(name="left", description="over")],
    )
    read = reading(content)
    assert [(slot.name, slot.type) for slot in read.slots] == [
        ("history", "messages"),
        ("q", "string"),
        ("pictures", "parts"),
        ("r", "string"),
    ]
    assert [(one.message, one.part) for one in read.slots[1].spans] == [(1, None), (1, 1)]
    assert read.slots[1].settings == content.variables[0]
    assert read.unused == ["left"]


def test_what_a_snippet_uses_stands_at_its_include() -> None:
    text = "\U0001f600 {{a}} {{> tone}} {{nobody}} {{> gone@3}}"
    read = reading(user(text), library(tone="{{mood}} {{a}}"))
    assert [(slot.name, slot.snippet) for slot in read.slots] == [("a", None), ("mood", "tone"), ("nobody", None)]
    assert [text[one.start : one.end] for one in read.slots[0].spans] == ["{{a}}", "{{> tone}}"]
    assert [(one.key, one.version, one.stands_for) for one in read.snippets] == [
        ("tone", None, "1"),
        ("gone", "3", None),
    ]
    assert [text[one.start : one.end] for one, _ in read.faults] == ["{{> gone@3}}"]


def test_a_template_that_cannot_be_read_says_where() -> None:
    (mistake,) = reading(user("one\n{% if %}", "jinja2")).mistakes
    assert (mistake.span.start, mistake.span.end) == (4, 12)
