from __future__ import annotations

from typing import Any

import pytest

from contract import everything
from thriftwire.thrift.lines import Lines
from thriftwire.thrift.readers import ReaderSource
from thriftwire.thrift.table import Presence, Table, table_of, tuple_table
from thriftwire.thrift.types import I32

PAIR = tuple_table("F", {1: ("a", I32), 2: ("b", I32)}, Presence.DEFAULT)


def read(table: Table, data: str, depth: int = 0) -> Any:
    names: dict[str, Any] = {}
    lines = Lines(names)
    ReaderSource(lines, {id(table): "read"}).write(table)
    lines.compile("<test>")
    raw = bytes.fromhex(data)
    return names["read"](raw, 0, len(raw), depth)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("08000100000001 08000200000002 00", (1, 2)),  # as we write it: one call
        ("08000200000002 08000100000001 00", (1, 2)),  # the other way round
        ("08000100000001 00", (1, 0)),  # the second did not come
        ("08000100000001 0b000900000000 08000200000002 00", (1, 2)),  # something unknown between
        ("08000100000001 08000200000002 08000100000003 00", (3, 2)),  # the first again
        ("00", (0, 0)),
    ],
)
def test_a_run_is_read_whatever_its_order(data: str, value: tuple[int, int]) -> None:
    assert read(PAIR, data) == (value, len(bytes.fromhex(data)))


@pytest.mark.parametrize("data", ["08000100000001 080002000000", "0800010000", "08000100000001", "0800", ""])
def test_a_cut_run_is_an_error(data: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - what it raises means only "no"
        read(PAIR, data)


def test_reading_stops_behind_the_value() -> None:
    assert read(table_of(everything.Point), "08000100000001 00 ffff") == (everything.Point(x=1), 8)


def test_too_deep_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        read(PAIR, "00", depth=65)
