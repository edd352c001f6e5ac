"""A prompt and its file are the same, whatever a prompt says and however a person wrote the file."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import contents, texts
from promptwire.api.message import Message
from promptwire.api.prompt import Content, Variable
from promptwire.files.fault import FileError
from promptwire.files.plain import plain
from promptwire.files.prompt_file import Document, read, write

WRITTEN = """\
---
key: refund
model: simulated/echo
parameters:
  temperature: 0.5
variables:
- name: question
  description: |
    What is asked.
    In full.
---

# system

You answer questions about refunds.

# user

{{question}}
"""

REFUND = Document(
    key="refund",
    content=Content(
        model="simulated/echo",
        variables=[Variable(name="question", description="What is asked.\nIn full.\n")],
        messages=[
            Message(role="system", content="You answer questions about refunds."),
            Message(role="user", content="{{question}}"),
        ],
    ),
)


@given(contents, texts, texts)
def test_any_prompt_comes_back_from_its_file(content: Content, name: str, description: str) -> None:
    document = Document(key="k", name=name, description=description, content=content)
    assert plain(read(write(document))) == plain(document)


@given(contents)
def test_writing_again_changes_no_byte(content: Content) -> None:
    written = write(Document(key="k", content=content))
    assert write(read(written)) == written
    assert write(read(written.replace("\n", "\r\n"))) == written


def test_a_file_is_made_to_be_read() -> None:
    document = read(WRITTEN)
    assert document.content.parameters is not None and document.content.parameters.temperature == 0.5
    assert document.content.messages == REFUND.content.messages
    assert document.content.variables == REFUND.content.variables
    assert write(document) == WRITTEN


@pytest.mark.parametrize(
    "loose",
    [
        WRITTEN.replace("\n\n", "\n"),
        WRITTEN.rstrip("\n"),
        WRITTEN.replace("key: refund", "# of the shop\nkey: 'refund'\nengine: plain"),
        "\ufeff" + WRITTEN,
        WRITTEN.replace("# user", "# user {}  "),
    ],
)
def test_a_person_may_write_it_looser(loose: str) -> None:
    assert write(read(loose)) == WRITTEN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: refund\n", "line 1: a prompt's file begins with ---"),
        ("---\nkey: a\n", "no second ---"),
        ("---\nmodel: m\n---\n", "has a key"),
        ("---\n- a\n---\n", "names and values"),
        ("---\nkey: a\nmodle: m\n---\n", "the file: there is no field 'modle'"),
        ("---\nkey: a\nparameters: {temprature: 1}\n---\n", "no field 'parameters.temprature'"),
        ("---\nkey: a\nmodel: 5\n---\n", "Expected `str`"),
        ("---\nkey: a\nmessages: []\n---\n", "messages are sections"),
        ("---\nkey: a\n---\nhello\n", "line 4: text before the first section"),
        ("---\nkey: a\n---\n## text\n", "line 4: a part stands in a message"),
        ('---\nkey: a\n---\n# user {"a": 1}\n', "message 1: there is no field 'a'"),
        ('---\nkey: a\n---\n# user {"role": "tool"}\n', "stands before the JSON"),
        ('---\nkey: a\n---\n# user {"content": "a"}\n\nb\n', "a text below it"),
        ("---\nkey: a\n---\n# user {not json}\n", "not a JSON object"),
        ('---\nkey: a\n---\n# user\n## part {"image_url": "u"}\ntext\n', "no text below it"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        read(text)


@given(st.text(max_size=200))
def test_nothing_but_a_fault_comes_of_any_text(text: str) -> None:
    with contextlib.suppress(FileError):
        read(f"---\n{text}")
