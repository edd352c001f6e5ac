"""A prompt's content and a caller's values become the messages a model reads."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from promptwire.api.message import File, Message, Part, ToolCall
from promptwire.api.prompt import Content, Engine, Variable
from promptwire.errors import Failure
from promptwire.template import rendering
from promptwire.template.languages import MAX_RENDERED, Languages

ENGINES: list[Engine] = ["plain", "mustache", "jinja2"]


@pytest.fixture(scope="module")
def languages() -> Iterator[Languages]:
    languages = Languages()
    yield languages
    languages.close()


def raw(**values: Any) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in values.items()}


def user(text: str, **fields: Any) -> Content:
    return Content(messages=[Message(role="user", content=text)], **fields)


def test_variables_are_found_in_order_of_appearance_in_every_kind_of_content(languages: Languages) -> None:
    messages = [
        Message(role="system", content="{{b}} {{a}}"),
        Message(role="placeholder", content="history"),
        Message(
            role="user", parts=[Part(text="{{c}}{{b}}"), Part(image_url="https://x/{{not}}.png"), Part(variable="d")]
        ),
    ]
    assert rendering.variables(Content(messages=messages), languages) == ["b", "a", "history", "c", "d"]


@pytest.mark.parametrize("engine", ENGINES)
def test_strings_go_in_as_they_are_and_other_values_as_json(languages: Languages, engine: Engine) -> None:
    values = raw(s='a "quoted"\nline', n=1.5, b=True, o={"k": [1, {}]}, l=[])
    [message] = rendering.render(user("{{s}}|{{n}}|{{b}}|{{o}}|{{l}}", engine=engine), values, languages)
    assert message.content == 'a "quoted"\nline|1.5|true|{"k":[1,{}]}|[]'


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value_that_looks_like_a_template_is_not_rendered(languages: Languages, engine: Engine) -> None:
    hostile = "{{b}} {% raw %} {{#b}} {{ 7*7 }} {{> snippet}}"
    [message] = rendering.render(user("{{a}}{{b}}", engine=engine), raw(a=hostile, b="{{a}}"), languages)
    assert message.content == hostile + "{{a}}"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_needed_prints_nothing(languages: Languages, engine: Engine) -> None:
    content = user("<{{a}}>", engine=engine, variables=[Variable(name="a", needed=False)])
    assert rendering.render(content, {}, languages)[0].content == "<>"
    assert rendering.render(content, raw(a=None), languages)[0].content == "<>"


def test_a_placeholder_becomes_the_given_messages_unrendered(languages: Languages) -> None:
    history = [
        {"role": "user", "content": "{{x}}"},
        {"role": "assistant", "tool_calls": [{"id": "1", "name": "f", "arguments": "{"}]},
    ]
    messages = [Message(role="system", content="s"), Message(role="placeholder", content="h"), Message(role="user")]
    expected = [
        Message(role="system", content="s"),
        Message(role="user", content="{{x}}"),
        Message(role="assistant", tool_calls=[ToolCall(id="1", name="f", arguments="{")]),
        Message(role="user"),
    ]
    assert rendering.render(Content(messages=messages), raw(h=history), languages) == expected
    declared = Content(messages=messages, variables=[Variable(name="h", type="messages")])
    assert rendering.render(declared, raw(h=history), languages) == expected
    assert len(rendering.render(declared, raw(h=[]), languages)) == 2


def test_a_part_that_names_a_variable_becomes_the_given_parts(languages: Languages) -> None:
    parts = [Part(text="<{{a}}>"), Part(variable="pictures"), Part(image_url="https://x/{{a}}.png")]
    content = Content(messages=[Message(role="user", parts=parts)], variables=[Variable(name="pictures", type="parts")])
    given = [{"image_url": "data:image/png;base64,AA=="}, {"text": "{{a}}"}, {"file": {"url": "https://x/y.pdf"}}]
    [message] = rendering.render(content, raw(a="1", pictures=given), languages)
    assert message.parts == [
        Part(text="<1>"),
        Part(image_url="data:image/png;base64,AA=="),
        Part(text="{{a}}"),
        Part(file=File(url="https://x/y.pdf")),
        Part(image_url="https://x/{{a}}.png"),
    ]


def test_rendering_leaves_the_prompt_as_it_was(languages: Languages) -> None:
    content = Content(messages=[Message(role="user", content="{{a}}", parts=[Part(text="{{a}}")])])
    before = msgspec.json.encode(content)
    rendering.render(content, raw(a="1"), languages)
    assert msgspec.json.encode(content) == before


@pytest.mark.parametrize("values", [{}, {"a": None, "h": None, "p": None}])
def test_everything_missing_is_named_at_once(languages: Languages, values: dict[str, Any]) -> None:
    parts = [Part(variable="p")]
    messages = [Message(role="user", content="{{a}}", parts=parts), Message(role="placeholder", content="h")]
    with pytest.raises(Failure, match="missing variables: a, p, h") as caught:
        rendering.render(Content(messages=messages), raw(**values), languages)
    assert (caught.value.class_, caught.value.phase) == ("invalid_request", "connect")


def test_what_is_no_template_says_where(languages: Languages) -> None:
    messages = [Message(role="system", content="fine"), Message(role="user", parts=[Part(text="{{#a}}")])]
    with pytest.raises(Failure, match=r"messages\[1\]\.parts\[0\]: the section 'a' is never closed"):
        rendering.render(Content(messages=messages, engine="mustache"), {}, languages)
    with pytest.raises(Failure, match=r"messages\[0\]: 'nobody' is undefined"):
        rendering.render(user("{{ nobody }}", engine="jinja2"), {}, languages)
    with pytest.raises(Failure, match="computing"):
        bomb = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
        rendering.render(user(bomb, engine="jinja2"), {}, languages)


@pytest.mark.parametrize("value", ["text", [1], [{"role": "wizard"}], [{"role": "placeholder", "content": "h"}]])
def test_a_placeholder_takes_only_messages(languages: Languages, value: Any) -> None:
    with pytest.raises(Failure, match="'h'"):
        rendering.render(Content(messages=[Message(role="placeholder", content="h")]), raw(h=value), languages)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_megabyte_goes_in_and_a_gigabyte_does_not_come_out(languages: Languages, engine: Engine) -> None:
    megabyte = "x" * 1_000_000
    [message] = rendering.render(user("{{a}}" * 16, engine=engine), raw(a=megabyte), languages)
    assert len(message.content) == 16_000_000
    with pytest.raises(Failure, match=f"too long|{MAX_RENDERED}"):
        rendering.render(user("{{a}}" * 1000, engine=engine), raw(a=megabyte), languages)
