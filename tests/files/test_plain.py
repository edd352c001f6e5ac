"""Structs as plain values: nothing that says nothing, and no field that is not there."""

import pytest
from hypothesis import given

from made_up import contents
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.files.fault import FileError
from promptwire.files.plain import fingerprint, plain, struct


@given(contents)
def test_a_struct_comes_back_from_its_plain_values(content: Content) -> None:
    assert plain(struct(plain(content), Content, "it")) == plain(content)


def test_defaults_are_left_out_and_do_not_count() -> None:
    assert plain(Content(messages=[Message(role="user", content="")])) == {"messages": [{"role": "user"}]}
    assert fingerprint(Content()) == fingerprint(Content(engine="plain", variables=[]))
    assert fingerprint(Content()) != fingerprint(Content(engine="jinja2"))


def test_a_field_there_is_not_is_named() -> None:
    with pytest.raises(FileError, match=r"it: there is no field 'messages\[0\]\.contnet'"):
        struct({"messages": [{"role": "user", "contnet": "x"}]}, Content, "it")
