from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift import idl
from thriftwire.thrift.document import Constant, EnumDefinition, StructDefinition, Typedef
from thriftwire.thrift.generate import structs
from thriftwire.thrift.generate.scope import Scope

T = TypeVar("T")


def last(text: str, kind: type[T]) -> tuple[Scope, T]:
    document = idl.parse(text)
    item = document.definitions[-1]
    assert isinstance(item, kind)
    return Scope(document), item


def lines(text: str) -> list[str]:
    return structs.struct(*last(text, StructDefinition)).lines


def test_a_field_is_a_line() -> None:
    assert lines("/** Doc. */ struct S { 1: required string a 2: optional i32 b 3: list<i32> c 4: i32 d = 4 }") == [
        "class S(Struct, kw_only=True):",
        '    """Doc."""',
        "",
        "    a: Annotated[str, Field(1, required=True)]",
        "    b: Annotated[I32 | None, Field(2)] = None",
        "    c: Annotated[list[I32], Field(3)] = default([])",
        "    d: Annotated[I32, Field(4)] = default(4)",
    ]


def test_documentation_and_annotations_stay_with_the_field() -> None:
    assert lines("struct S { /** Of\n what. */ 1: i32 a (x='y', py.note='gone') }")[1] == (
        '    a: Annotated[I32, Field(1, annotations={"x": "y"}), Meta(description="Of what.")] = default(0)'
    )


def test_names_that_python_needs_are_kept_for_json() -> None:
    text = (
        "struct S { 1: required i32 class 2: optional i32 def 3: i32 if 4: i32 list 5: S S 6: required T T }"
        " struct T {}"
    )
    scope, _ = last(text, StructDefinition)
    owner = scope.document.definitions[0]
    assert isinstance(owner, StructDefinition)
    assert structs.struct(scope, owner).lines[1:] == [
        '    class_: Annotated[I32, Field(1, required=True)] = field(name="class")',
        '    def_: Annotated[I32 | None, Field(2)] = field(default=None, name="def")',
        '    if_: Annotated[I32, Field(3)] = default(0, name="if")',
        '    list_: Annotated[I32, Field(4)] = default(0, name="list")',
        '    S_: Annotated[S | None, Field(5)] = field(default=None, name="S")',
        '    T_: Annotated[T, Field(6, required=True)] = field(name="T")',
    ]


def test_a_struct_with_required_fields_has_no_zero_and_must_be_given() -> None:
    assert lines("struct N { 1: required i32 a } struct S { 1: N n }")[1] == "    n: Annotated[N, Field(1)]"


def test_scalars_alone_stay_out_of_the_garbage_collector() -> None:
    assert lines("struct S { 1: i32 a }")[0] == "class S(Struct, kw_only=True, gc=False):"
    assert lines("struct S { 1: optional S a }")[0] == "class S(Struct, kw_only=True):"
    assert lines("struct S {}") == ["class S(Struct, kw_only=True):", "    pass"]


def test_exceptions_and_unions() -> None:
    assert lines("exception X { 1: required i32 a }")[0] == "class X(DeclaredException):"
    assert lines("union U { 1: i32 a }") == [
        "class U(Union, kw_only=True):",
        "    a: Annotated[I32 | None, Field(1)] = None",
    ]
    scope, item = last("struct A {} struct B {} union U { 1: A a 5: B class }", StructDefinition)
    piece = structs.struct(scope, item)
    assert piece.lines == ['U: TypeAlias = Annotated[A | B, Variants("U", a=1, class_=5)]']
    assert piece.needs == {"A", "B"}
    assert piece.short


def test_a_tag_is_put_on_the_structs() -> None:
    scope, _ = last("struct A {} struct B {} union U { 1: A one 2: B two } (py.tag='kind')", StructDefinition)
    first = scope.document.definitions[0]
    assert isinstance(first, StructDefinition)
    assert structs.struct(scope, first).lines[0] == 'class A(Struct, kw_only=True, tag_field="kind", tag="one"):'


def test_a_tag_cannot_reach_into_another_file(tmp_path: Path) -> None:
    (tmp_path / "base.thrift").write_text("struct A {}")
    (tmp_path / "main.thrift").write_text(
        "include 'base.thrift'\nstruct B {}\nunion U { 1: base.A a 2: B b } (py.tag='k')"
    )
    document = idl.load(tmp_path / "main.thrift")
    union = document.definitions[1]
    assert isinstance(union, StructDefinition)
    with pytest.raises(IDLError, match=r"main\.thrift:3:7: py\.tag needs the structs of 'U' to stand in this file"):
        structs.struct(Scope(document), union)


def test_enums_typedefs_and_constants() -> None:
    assert structs.enum(*last("enum E { A /** B! */ name = 5 }", EnumDefinition)).lines == [
        "class E(Enum):",
        "    A = 0",
        "    name_ = 5",
        '    """B!"""',
    ]
    assert structs.typedef(*last("/** T. */ typedef list<i8> T", Typedef)).lines == [
        "T: TypeAlias = list[I8]",
        '"""T."""',
    ]
    constant = structs.constant(*last("enum E { A } /** C. */ const list<E> C = [0]", Constant))
    assert constant.lines == ["C: Final[list[E]] = [E.A]", '"""C."""']
    assert constant.needs == {"E"}
