from __future__ import annotations

import itertools
from typing import Any

from thriftwire.thrift.lines import Lines


def test_source_is_written_in_blocks_and_compiled_into_its_names() -> None:
    names: dict[str, Any] = {}
    lines = Lines(names)
    value = lines.constant("limit", 3)
    with lines.block("def below(x):"):
        with lines.block(f"if x < {value}:"):
            lines.add("y = True", "return y")
        lines.add("return False")
    lines.compile("<test>")
    assert (names["below"](2), names["below"](3)) == (True, False)


def test_names_are_not_used_twice_unless_they_are_known() -> None:
    lines = Lines({})
    assert lines.fresh("x") != lines.fresh("x")
    assert lines.constant("c", 1) != lines.constant("c", 1)
    assert lines.known("skip", abs) == lines.known("skip", abs) == "skip"


def test_sources_that_share_names_share_their_numbers() -> None:
    names: dict[str, Any] = {}
    numbers = itertools.count()
    one, other = Lines(names, numbers), Lines(names, numbers)
    given = [lines.constant("c", value) for value, lines in enumerate((one, other, one))]
    assert [names[name] for name in given] == [0, 1, 2]
