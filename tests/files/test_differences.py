"""Where two values differ."""

from typing import Any

import pytest
from hypothesis import given

from made_up import json
from promptwire.files.differences import differences


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0, "b": 2}, ["a", "b"]),
        ([1, 2], [1, 3], ["[1]"]),
        ([1, 2], [1], [""]),
        ({"v": [{"name": "x", "n": 1}]}, {"v": [{"name": "y"}, {"name": "x", "n": 2}]}, ["v[x].n", "v[y]"]),
        ({"v": [{"name": "x"}, {"name": "y"}]}, {"v": [{"name": "y"}, {"name": "x"}]}, ["v"]),
        ({"m": [{"role": "a", "name": "n"}]}, {"m": [{"role": "b", "name": "n"}]}, ["m[0].role"]),
    ],
)
def test_the_shortest_paths_are_said(before: Any, after: Any, paths: list[str]) -> None:
    assert sorted(each.path for each in differences(before, after)) == sorted(paths)


@given(json)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert list(differences(value, value)) == []
