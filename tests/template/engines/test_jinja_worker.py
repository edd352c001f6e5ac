"""What the Jinja process does with a request; its limits are tried on a real process in test_jinja.py."""

from __future__ import annotations

import io
import struct

import msgspec
import pytest

from promptwire.template.engines.jinja_worker import Answering, Reply, Request, read, write
from promptwire.template.engines.outline import Outline


def reply(*texts: str, limit: int = 1000, **values: object) -> Reply:
    return Answering().reply(Request(texts=list(texts), values=values, limit=limit))


def outlined(text: str) -> Outline:
    outlines = Answering().reply(Request(texts=[text])).outlines
    assert outlines is not None
    return outlines[0]


def test_texts_are_rendered_with_values() -> None:
    assert reply("a {{ x }}", "{% for i in l %}{{ i }};{% endfor %}", x=1, l=["ü", None]).texts == ["a 1", "ü;;"]


def test_a_missing_value_is_a_fault_of_its_text() -> None:
    said = reply("fine", "{{ nobody }}")
    assert (said.texts, said.at) == (None, 1)
    assert said.fault is not None
    assert "nobody" in said.fault.message


@pytest.mark.parametrize(
    "text",
    ["{{ ''.__class__.__mro__ }}", "{{ x.__init__.__globals__ }}", "{% if %}", "{{ 1 / 0 }}", "{{ x | nofilter }}"],
)
def test_what_is_wrong_or_forbidden_is_a_fault(text: str) -> None:
    said = reply(text, x="value")
    assert said.texts is None
    assert said.fault is not None


def test_texts_share_one_limit() -> None:
    assert reply("12345", "12345", limit=10).texts == ["12345", "12345"]
    said = reply("12345", "123456", limit=10)
    assert said.at == 1
    assert said.fault is not None
    assert "too long" in said.fault.message


def test_an_outline_names_free_variables_where_they_stand() -> None:
    text = "{% for i in items %}{{ i.name | upper }}{% endfor %}"
    outline = outlined(text)
    assert [(use.name, text[use.start : use.end]) for use in outline.uses] == [("items", "items")]


def test_an_outline_says_what_is_wrong_and_on_which_line() -> None:
    text = "first\n{% if %}\nlast"
    outline = outlined(text)
    (fault,) = outline.faults
    assert text[fault.start : fault.end] == "{% if %}"


def test_messages_go_behind_their_length() -> None:
    pipe = io.BytesIO()
    write(pipe, Request(texts=["ü"]))
    pipe.seek(0)
    assert msgspec.json.decode(read(pipe), type=Request).texts == ["ü"]
    for cut in (b"", b"\0\0", struct.pack(">I", 5) + b"ab"):
        with pytest.raises(EOFError):
            read(io.BytesIO(cut))
