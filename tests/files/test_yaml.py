"""YAML is read within bounds and written so that it reads the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml as reference
from hypothesis import given

from made_up import json
from promptwire.files import yaml
from promptwire.files.fault import FileError

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@given(json)
def test_any_value_comes_back(value: Any) -> None:
    assert yaml.load(yaml.dump({"value": value})) == {"value": value}


@pytest.mark.parametrize("text", ["no", "on", "1:30", "010", "1_000", "2020-01-01", "0x1F", "1e3", "~", "=", "<<", ""])
def test_a_reader_of_yaml_1_1_reads_the_same_text(text: str) -> None:
    assert reference.safe_load(yaml.dump([text])) == [text]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("1e3", 1000.0),
        ("~", None),
        ("'5'", "5"),
        ("{1: a}", {"1": "a"}),
    ],
)
def test_scalars_are_read_as_yaml_1_2_does(written: str, value: Any) -> None:
    assert yaml.load(written) == value


def test_anchors_and_merges_are_followed() -> None:
    text = "base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\nmany:\n  <<: [{z: 1}, *b]\n"
    assert yaml.load(text) == {"base": {"x": 1, "y": 2}, "own": {"x": 1, "y": 3}, "many": {"x": 1, "y": 2, "z": 1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS, "unfold to too much"),
        ("a: &a [*a]", "unfold to too much"),
        ("[" * 5000, "nested deeper than 100"),
        ("x" * (yaml.MAX_BYTES + 1), "at most"),
        ("a: 1\na: 2", "line 2: 'a' stands twice"),
        ("? [a]\n: b", "a name is text"),
        ("!!python/object/apply:os.system [ls]", "none of JSON's"),
        ("!!binary abc", "none of JSON's"),
        ("a: 1e999", "more than a number can be"),
        ("a: *b", "line 1: this is not YAML"),
        ("a: [", "this is not YAML"),
        ("a: {<<: 5}", "only a mapping"),
        ("\x00", "this is not YAML"),
    ],
)
def test_what_is_not_ours_or_too_much_is_refused(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        yaml.load(text)
