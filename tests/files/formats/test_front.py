"""Names and values above a template."""

import pytest

from promptwire.files.fault import FileError
from promptwire.files.formats.front import read, write


def test_both_come_back() -> None:
    assert read(write({"a": 1}, "body\n---\nmore")) == ({"a": 1}, "body\n---\nmore")
    assert read(write({}, "body")) == ({}, "body")
    assert read("no front at all") == ({}, "no front at all")
    assert read("\ufeff---\r\na: 1\r\n---\r\nbody") == ({"a": 1}, "body")


def test_above_are_names_and_values() -> None:
    with pytest.raises(FileError, match="names and values"):
        read("---\n- a\n---\n")
