"""Arguments are compared as values and looked into by path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.prompt.tools.arguments import ABSENT, ToolFault, at, canonical, canonical_value, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


def test_order_layout_and_whole_fractions_do_not_matter() -> None:
    assert canonical('{"b": 1.0,\n "a": [2, "x"]}') == canonical('{"a":[2,"x"],"b":1}') == '{"a":[2,"x"],"b":1}'
    assert canonical("") == canonical("{}") == "{}"
    assert canonical('{"a":1}') != canonical('{"a":"1"}') != canonical('{"a":true}')
    assert canonical("{oops") == "{oops"


@given(JSON)
def test_a_canonical_text_is_its_own(value: object) -> None:
    assert canonical(canonical_value(value)) == canonical_value(value)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"a": {"b": [1, {"c d": 2}]}, "0": 3}),
        ("$.a.b[0]", 1),
        ("a.b[0]", 1),
        ('$.a.b[1]["c d"]', 2),
        ("$.a.b[1]['c d']", 2),
        ("$.0", 3),
        ("$.a.b[2]", ABSENT),
        ("$.a.x.y", ABSENT),
        ("$.a[0]", ABSENT),
    ],
)
def test_a_path_leads_to_a_value_or_nowhere(path: str, found: object) -> None:
    assert at({"a": {"b": [1, {"c d": 2}]}, "0": 3}, path) == found


@pytest.mark.parametrize("path", ["$..a", "$[a]", "$.a[", "$.a[-1]"])
def test_what_is_no_path_is_said(path: str) -> None:
    with pytest.raises(ToolFault, match="a path is like"):
        at({"a": 1}, path)


@pytest.mark.parametrize("text", ["{", "[]", "1", "null"])
def test_arguments_are_an_object(text: str) -> None:
    with pytest.raises(ToolFault, match="JSON"):
        read(text)
    assert read("") == {}
