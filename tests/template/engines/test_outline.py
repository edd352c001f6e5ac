"""A value stands in a text as people expect, whatever the language of the template."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.template.engines.outline import TemplateError, spoken


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (None, ""),
        (3, "3"),
        (2.5, "2.5"),
        (True, "true"),
        (["ü", 1], '["ü",1]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_a_value_is_spoken(value: Any, text: str) -> None:
    assert spoken(value) == text


def test_an_error_says_where_it_is() -> None:
    error = TemplateError("unclosed", 3, 5, at=2)
    assert (str(error), error.start, error.end, error.at) == ("unclosed", 3, 5, 2)
