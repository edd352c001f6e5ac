"""What an export loses is exactly what its report says, whatever the prompt and the format."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from msgspec import Raw

from made_up import contents
from promptwire.api.files import FileFormat
from promptwire.api.llm import Parameters
from promptwire.api.message import Message, Part, Tool
from promptwire.api.prompt import Content, Variable
from promptwire.files.exchange import FORMATS, exported, imported, recognised
from promptwire.files.fault import FileError
from promptwire.files.plain import is_list, is_mapping, plain
from promptwire.files.prompt_file import ABOUT, Document

every_format = pytest.mark.parametrize("format_", get_args(FileFormat))


def without(value: Any, paths: set[str], spelled: frozenset[str] = frozenset({""})) -> Any:
    """A value with everything at ``paths`` taken out; ``spelled``: how its own path may be written."""
    if is_mapping(value):
        below = {name: frozenset(f"{path}.{name}" if path else name for path in spelled) for name in value}
        return {name: without(value[name], paths, at) for name, at in below.items() if not at & paths}
    if is_list(value):
        kept: list[Any] = []
        for number, member in enumerate(value):
            names: set[str] = {str(number)} | (
                {str(member["name"])} if is_mapping(member) and "name" in member else set[str]()
            )
            at = frozenset(f"{path}[{name}]" for path in spelled for name in names)
            if not at & paths:
                kept.append(without(member, paths, at))
        return kept
    return repr(value)  # type and all


def there_and_back(document: Document, format_: FileFormat) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    made = exported(document, format_)
    _, found = imported(made.file, made.text)
    there, back = (
        {**{name: getattr(each, name) for name in ABOUT}, **plain(each.content)} for each in (document, found[0])
    )
    return there, back, [loss.path for loss in made.losses]


def filed(content: Content) -> Document:
    return Document(
        key="k", name="A name", description="d", tags=["a", "b"], folder="f/g", kind="text", content=content
    )


@every_format
@given(content=contents)
@settings(max_examples=60)
def test_what_comes_back_differs_exactly_where_the_report_says(format_: FileFormat, content: Content) -> None:
    there, back, lost = there_and_back(filed(content), format_)
    assert without(there, set(lost)) == without(back, set(lost))
    for path in lost:  # and nothing is named in vain
        others = set(lost) - {path}
        assert without(there, others) != without(back, others), path


SIMPLE = Content(
    model="vendor/model",
    messages=[Message(role="system", content="You are {{who}}."), Message(role="user", content="{{question}}")],
    parameters=Parameters(temperature=0.5, max_tokens=100),
)


@every_format
def test_a_simple_prompt_loses_at_most_its_template_language(format_: FileFormat) -> None:
    _, _, lost = there_and_back(Document(key="k", content=SIMPLE), format_)
    assert set(lost) <= {"engine"}


@every_format
def test_a_rich_prompt_keeps_what_the_format_has_words_for(format_: FileFormat) -> None:
    rich = Content(
        model="m",
        messages=[
            Message(role="system", content="Be brief."),
            Message(role="placeholder", content="history"),
            Message(role="user", parts=[Part(text="What is it?"), Part(image_url="https://example.com/a.png")]),
        ],
        tools=[Tool(name="look", description="Look it up", parameters=Raw(b'{"type":"object"}'))],
        response_format=Raw(b'{"type":"json_object"}'),
        variables=[Variable(name="who", description="Whom to be", default_=Raw(b'"a clerk"'))],
        engine="jinja2",
    )
    lost = set(there_and_back(Document(key="k", content=rich), format_)[2])
    assert (
        lost
        == {
            "promptwire": set[str](),
            "prompty": {"messages"},
            "dotprompt": {"engine", "tools"},
            "langfuse": {"engine", "variables", "messages[2].content", "messages[2].parts"},
            "promptfoo": {"messages", "variables[who].description"},
            "openai": {"engine", "messages", "variables[who].description", "variables[who].default"},
        }[format_]
    )


def test_every_loss_says_why() -> None:
    document = Document(
        key="k", name="N", content=Content(messages=[Message(role="user", reasoning="hm")], engine="mustache")
    )
    for format_ in FORMATS:
        for loss in exported(document, format_).losses:
            assert len(loss.reason) > 10


@pytest.mark.parametrize(
    ("name", "text", "format_"),
    [
        ("a.prompt.md", "", "promptwire"),
        ("a.md", "---\nmodel: m\nkey: a\n---\n", "promptwire"),
        ("a.prompty", "", "prompty"),
        ("a.prompt", "", "dotprompt"),
        ("promptfooconfig.yaml", "description: d\nprompts: [a]\n", "promptfoo"),
        ("prompts.json", '[{"name": "a", "prompt": "hi"}]', "langfuse"),
        ("prompts.json", '{"data": [{"name": "a", "prompt": "hi"}]}', "langfuse"),
        ("pasted", '{"id": "pmpt_1", "instructions": "hi"}', "openai"),
    ],
)
def test_a_format_is_recognised(name: str, text: str, format_: FileFormat) -> None:
    assert recognised(name, text) == format_


def test_what_is_no_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(FileError, match=r"none of the formats: promptwire \(.prompt.md\), prompty"):
        imported("notes.md", "hello")
