from __future__ import annotations

from typing import Annotated, Any

import pytest
from msgspec import Raw

from contract import everything, shared
from thriftwire.thrift.table import (
    Kind,
    Mapped,
    Presence,
    Scalar,
    Sequence,
    Table,
    reachable,
    shape_of,
    table_of,
    tuple_table,
    zero,
)
from thriftwire.thrift.types import I32, Struct


def shapes(cls: type[Any]) -> dict[str, str]:
    return {member.name: str(member.shape) for member in table_of(cls).members}


def test_types_are_read_from_annotations() -> None:
    assert shapes(everything.Scalars) == {
        "yes": "bool",
        "tiny": "i8",
        "small": "i16",
        "medium": "i32",
        "large": "i64",
        "real": "double",
        "text": "string",
        "raw": "binary",
        "color": "Color",
        "size": "literal",
        "json": "json",
        "id": "i64",
    }
    containers = shapes(everything.Containers)
    assert containers["matrix"] == "list<list<i16>>"
    assert containers["numbers"] == "set<i64>"
    assert containers["points"] == "set<Point>"
    assert containers["by_point"] == "map<Point,list<i8>>"
    assert containers["shapes"] == "list<Shape>"


def test_a_member_knows_its_names_and_its_header() -> None:
    member = table_of(everything.Awkward).members[0]
    assert (member.name, member.attribute, member.header) == ("class", "class_", b"\x0b\x00\x01")
    last = table_of(everything.Awkward).members[-1]
    assert last.annotations == {"api.path": "field", "go.tag": 'json:"field"'}


def test_presence_is_what_the_idl_says() -> None:
    def presence(cls: type[Any]) -> set[Presence]:
        return {member.presence for member in table_of(cls).members}

    assert presence(everything.Scalars) == {Presence.REQUIRED}
    assert presence(everything.Zeros) == {Presence.DEFAULT}
    assert presence(everything.Optionals) == {Presence.OPTIONAL}
    assert presence(everything.Defaults) == {Presence.DEFAULT}
    assert presence(everything.Choice) == {Presence.OPTIONAL}
    by_name = {member.name: member for member in table_of(shared.Broken).members}
    assert by_name["code"].presence is Presence.REQUIRED
    assert by_name["args"].presence is Presence.DEFAULT


def test_a_table_is_made_once_and_may_contain_itself() -> None:
    table = table_of(everything.Node)
    assert table is table_of(everything.Node)
    assert table.kind is Kind.STRUCT
    assert [str(item) for item in reachable(table)] == ["Node"]
    assert table_of(everything.Choice).kind is Kind.UNION


def test_a_union_of_distinct_structs_has_one_table() -> None:
    table = shape_of(everything.Shape)
    assert isinstance(table, Table)
    assert table is shape_of(everything.Shape)
    assert table.kind is Kind.VARIANTS
    assert [(member.id, member.name, str(member.shape)) for member in table.members] == [
        (1, "circle", "Circle"),
        (2, "square", "Square"),
        (3, "class_", "Point"),
    ]
    assert {str(item) for item in reachable(table)} == {"Shape", "Circle", "Square", "Point"}


@pytest.mark.parametrize("hint", [int, object, list, dict[str, int], complex, "Point"])
def test_what_is_no_thrift_type_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError):
        shape_of(hint, where="here")


def test_a_field_needs_its_number() -> None:
    class Numberless(Struct, kw_only=True):
        size: I32

    class Wrong(Struct, kw_only=True):
        size: Annotated[int, "no number"]

    for cls in (Numberless, Wrong):
        with pytest.raises(TypeError, match=f"{cls.__name__}.size: expected an annotation with Field"):
            table_of(cls)
        with pytest.raises(TypeError):
            table_of(cls)  # a table that could not be made is not kept


def test_arguments_are_a_tuple_with_zeros_and_defaults() -> None:
    hints: dict[int, tuple[Any, ...]] = {
        1: ("a", I32),
        2: ("b", I32, 7),
        3: ("c", everything.Point | None),
        4: ("d", shared.Size),
        5: ("e", everything.Shape),
        6: ("f", everything.Point),
        7: ("g", everything.OptionalRaw),
    }
    table = tuple_table("F", hints, Presence.DEFAULT)
    made = {member.name: member.default() if member.default else "none" for member in table.members}
    assert made == {"a": 0, "b": 7, "c": "none", "d": "none", "e": "none", "f": everything.Point(), "g": "none"}
    assert [member.name for member in table.members if member.presence is Presence.OPTIONAL] == ["c", "g"]


def test_zeros() -> None:
    assert zero(shape_of(shared.Color)) == 0
    assert bytes(zero(shape_of(Raw))) == b"null"
    assert zero(shape_of(list[str])) == []
    assert zero(shape_of(dict[str, str])) == {}
    assert zero(shape_of(set[str])) == set()
    assert zero(shape_of(float)) == 0.0
    assert isinstance(shape_of(float), Scalar)
    assert isinstance(shape_of(list[float]), Sequence)
    assert isinstance(shape_of(dict[str, float]), Mapped)
