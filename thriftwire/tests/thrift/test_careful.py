from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from contract import everything
from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift import binary, careful
from thriftwire.thrift.methods import method
from thriftwire.thrift.table import Presence, Table, shape_of, table_of, tuple_table

ARGUMENTS = tuple_table(
    "Draw", {1: ("points", list[everything.Point]), 2: ("shape", everything.Shape)}, Presence.DEFAULT
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_fits_passes(data: st.DataObject) -> None:
    for table in (table_of(everything.Containers), ARGUMENTS):
        careful.check(table, data.draw(strategies.values(table)), table.name)


def test_arguments_are_named_in_paths_after_the_method() -> None:
    with pytest.raises(EncodeError, match=r"Draw.points\[0\].x: expected i32, not str 'x'"):
        careful.check(ARGUMENTS, ([everything.Point(x="x")], everything.Point()), "Draw")  # pyright: ignore[reportArgumentType]
    with pytest.raises(EncodeError, match="Draw: expected a tuple of 2, not tuple"):
        careful.check(ARGUMENTS, (), "Draw")
    with pytest.raises(DecodeError, match=r"Draw.points\[0\].x: truncated"):
        careful.decode(ARGUMENTS, bytes.fromhex("0f0001 0c 00000001 080001 00"))
    with pytest.raises(DecodeError, match=r"Draw\.shape: missing"):
        careful.decode(ARGUMENTS, b"\0")


def test_an_argument_that_does_not_come_is_zero_when_it_has_one() -> None:
    fields = {1: ("point", everything.Point), 2: ("text", str), 3: ("node", everything.Node), 4: ("size", int)}
    add = method("Add", arguments={key: fields[key] for key in (1, 2)}, returns=str)
    assert add.request.decode(b"\0") == (everything.Point(), "")
    needy = method("Add", arguments={3: fields[3]}, returns=str)
    with pytest.raises(DecodeError, match=r"Add\.node: missing"):
        needy.request.decode(b"\0")


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(EncodeError) as caught:
        binary.encode(everything.Point(x="y" * 500))  # pyright: ignore[reportArgumentType]
    assert len(str(caught.value)) < 120


def test_the_last_member_of_variants_is_named() -> None:
    table = shape_of(everything.Shape)
    assert isinstance(table, Table)
    with pytest.raises(EncodeError, match=r"Shape\.square\.side: expected double, not str 'x'"):
        careful.check(table, everything.Square(side="x"), "Shape")  # pyright: ignore[reportArgumentType]
