from __future__ import annotations

from typing import Any

import pytest

from contract import everything
from thriftwire.thrift.lines import Lines
from thriftwire.thrift.table import Presence, Table, shape_of, table_of, tuple_table
from thriftwire.thrift.types import I32
from thriftwire.thrift.writers import WriterSource


def pieces(table: Table, value: Any, depth: int = 0) -> list[bytes]:
    names: dict[str, Any] = {}
    lines = Lines(names)
    WriterSource(lines, {id(table): "write"}).write(table)
    lines.compile("<test>")
    found: list[bytes] = []
    names["write"](value, found.append, depth)
    return found


def test_a_run_of_fixed_values_is_one_piece_with_the_end() -> None:
    table = tuple_table("F", {1: ("a", I32), 2: ("b", bool), 3: ("c", float)}, Presence.DEFAULT)
    assert [piece.hex() for piece in pieces(table, (1, True, 0.0))] == [
        "08000100000001" + "02000201" + "040003" + "00" * 9
    ]


def test_a_text_joins_its_size_to_what_stands_before_it() -> None:
    table = tuple_table("F", {1: ("a", I32), 2: ("b", str)}, Presence.DEFAULT)
    assert [piece.hex() for piece in pieces(table, (1, "x"))] == ["080001000000010b000200000001", "78", "00"]


def test_an_absent_optional_is_not_written() -> None:
    table = table_of(everything.Point)
    assert b"".join(pieces(table, everything.Point(x=1))).hex() == "08000100000001" + "0b000300000000" + "00"
    assert b"".join(pieces(table, everything.Point(x=1, y=2))).hex().startswith("0800010000000108000200000002")


def test_too_deep_and_of_another_class_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        pieces(table_of(everything.Point), everything.Point(), depth=65)
    with pytest.raises(TypeError):
        pieces(table_of(everything.Point), everything.Empty())
    with pytest.raises(TypeError):
        pieces(tuple_table("F", {}, Presence.DEFAULT), [])


def test_variants_must_be_structs() -> None:
    table = shape_of(everything.Shape)
    assert isinstance(table, Table)
    broken = Table(name="Odd", kind=table.kind, members=table_of(everything.Point).members)
    with pytest.raises(TypeError, match=r"Odd\.x is no struct"):
        pieces(broken, 1)
