from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift import idl
from thriftwire.thrift.document import (
    BaseType,
    Constant,
    ConstList,
    ConstMap,
    ConstReference,
    Document,
    EnumDefinition,
    ListType,
    MapType,
    NamedType,
    Requiredness,
    ServiceDefinition,
    SetType,
    StructDefinition,
    StructKind,
    Typedef,
)


def one(text: str) -> object:
    """The only definition in the text."""
    (definition,) = idl.parse(text).definitions
    return definition


def test_headers() -> None:
    document = idl.parse(
        "// What it is.\ninclude 'a/b.c.thrift'\ncpp_include '<x>';\nnamespace * all\n"
        "namespace py.twisted x.y (a='b')\n"
        'namespace go "q.r"\n'
    )
    assert document.doc == "What it is."
    assert [(item.path, item.alias) for item in document.includes] == [("a/b.c.thrift", "b.c")]
    assert document.namespaces == {"*": "all", "py.twisted": "x.y", "go": "q.r"}
    assert document.package == "q.r"
    assert idl.parse("namespace * all").package == "all"
    assert idl.parse("").package == ""


def test_typedefs_and_types_with_annotations_everywhere() -> None:
    item = one("typedef map<string (a='1'), list<set<M.N>> (b)> (c='3') T (d='4', e)")
    assert isinstance(item, Typedef)
    assert item.annotations == {"d": "4", "e": "1"}
    assert isinstance(item.type, MapType)
    assert item.type.annotations == {"c": "3"}
    assert item.type.key == BaseType(name="string", annotations={"a": "1"})
    assert isinstance(item.type.value, ListType)
    assert item.type.value.annotations == {"b": "1"}
    assert item.type.value.element == SetType(element=NamedType(name="M.N"))


def test_enums_count_on_from_the_last_number() -> None:
    item = one("enum E { A; B = 0x10 (x='y'), C D = -1 } (z='w')")
    assert isinstance(item, EnumDefinition)
    assert [(member.name, member.value) for member in item.members] == [("A", 0), ("B", 16), ("C", 17), ("D", -1)]
    assert item.members[1].annotations == {"x": "y"}
    assert item.annotations == {"z": "w"}


@pytest.mark.parametrize("kind", list(StructKind))
def test_struct_shaped_definitions(kind: StructKind) -> None:
    item = one(
        f"/** Doc. */ {kind.value} S {{ /** F. */ 1: optional i8 a (x='y'), 2: required byte b; -3: E c = A }} (z)"
    )
    assert isinstance(item, StructDefinition)
    assert (item.kind, item.doc, item.annotations) == (kind, "Doc.", {"z": "1"})
    first, second, third = item.fields
    assert (first.id, first.doc, first.annotations) == (1, "F.", {"x": "y"})
    assert [each.requiredness for each in item.fields] == [
        Requiredness.OPTIONAL,
        Requiredness.REQUIRED,
        Requiredness.DEFAULT,
    ]
    assert first.type == second.type == BaseType(name="i8")
    assert third.default == ConstReference(name="A")
    assert third.id == -3


def test_constants_of_every_form() -> None:
    item = one("const X C = [1, -2.5, 'a', true, E.A, {'k': [], 2: {}}; 3]")
    assert isinstance(item, Constant)
    assert item.value == ConstList(
        items=(
            *(1, -2.5, "a", True, ConstReference(name="E.A")),
            ConstMap(items=(("k", ConstList(items=())), (2, ConstMap(items=())))),
            3,
        )
    )


def test_services_and_functions() -> None:
    item = one(
        "service S extends base.T { /** Doc. */ oneway void F(1: i32 a, 2: optional X b) (k='v');"
        " list<X> G() throws (1: E e, 2: F f) (streaming.mode='server'), }"
    )
    assert isinstance(item, ServiceDefinition)
    assert item.extends == "base.T"
    first, second = item.functions
    assert (first.name, first.oneway, first.returns, first.doc) == ("F", True, None, "Doc.")
    assert [each.name for each in first.arguments] == ["a", "b"]
    assert first.annotations == {"k": "v"}
    assert [each.name for each in second.throws] == ["e", "f"]
    assert second.annotations == {"streaming.mode": "server"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("struct", "<text>:1:7: expected the struct's name, not the end of the file"),
        ("struct {", "<text>:1:8: expected the struct's name, not '{'"),
        ("struct S\n{ a }", "<text>:2:3: expected a field number or '}', not 'a'"),
        ("struct S { 1 i32 a }", "<text>:1:14: expected ':', not 'i32'"),
        ("struct S { 1: i32 }", "<text>:1:19: expected the field's name, not '}'"),
        ("struct S { 1: i32 a = }", "<text>:1:23: expected a value, not '}'"),
        ("struct S { 1: list<i32 a }", "<text>:1:24: expected '>', not 'a'"),
        ("struct S { 1: 5 a }", "<text>:1:15: expected a type, not '5'"),
        ("struct S { 1: i32 a (b=c) }", "<text>:1:24: expected the annotation's value, in quotes, not 'c'"),
        ("struct S { 1: i32 a ('b') }", "<text>:1:22: expected an annotation's name or ')', not \"'b'\""),
        ("struct S { 1: i32 a", "<text>:1:20: expected a field number or '}', not the end of the file"),
        ("enum E { 1 }", "<text>:1:10: expected an enum member's name or '}', not '1'"),
        ("enum E { A = 1.5 }", "<text>:1:14: expected the member's number, not '1.5'"),
        ("service S { i32 F() throw }", "<text>:1:27: expected the function's name, not '}'"),
        ("service S { void }", "<text>:1:18: expected the function's name, not '}'"),
        ("const i32 A 5", "<text>:1:13: expected '=', not '5'"),
        ("include base", "<text>:1:9: expected the file to include, in quotes, not 'base'"),
        ("senum E {}", "<text>:1:1: expected a definition (const, typedef, enum, struct, union, exception or service)"),
        ("struct S {} include 'a'", "<text>:1:13: expected a definition (includes and namespaces come first)"),
        ("typedef " + "list<" * 65 + "i32", "nested deeper than 64"),
        ("const X C = " + "[" * 65, "nested deeper than 64"),
    ],
)
def test_errors_say_where_what_was_expected_and_what_came(text: str, message: str) -> None:
    with pytest.raises(IDLError) as caught:
        idl.parse(text)
    assert message in str(caught.value)


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.thrift").write_text(text)


def included(document: Document, alias: str) -> Document:
    found = document.included(alias)
    assert found is not None
    return found


def test_includes_are_loaded_once_from_beside_or_from_the_include_paths(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    write(tmp_path, a="include 'b.thrift'\ninclude 'c.thrift'", b="include 'c.thrift'\nstruct B { 1: c.C c }")
    write(tmp_path / "far", c="struct C {}")
    document = idl.load(tmp_path / "a.thrift", include_paths=[tmp_path / "far"])
    assert included(included(document, "b"), "c") is included(document, "c")
    found = document.find("b.B")
    assert found is not None
    assert found.definition.name == "B"
    assert document.find("b.Nothing") is None


def test_what_cannot_be_included_is_said_at_the_include(tmp_path: Path) -> None:
    write(tmp_path, a="include 'b.thrift'", b="\ninclude 'a.thrift'", c="include 'd.thrift'")
    with pytest.raises(IDLError, match=r"b\.thrift:2:9: 'a\.thrift' includes itself, by way of this file"):
        idl.load(tmp_path / "a.thrift")
    with pytest.raises(IDLError, match=r"c\.thrift:1:9: there is no file 'd\.thrift' to include"):
        idl.load(tmp_path / "c.thrift")
    with pytest.raises(FileNotFoundError):
        idl.load(tmp_path / "nothing.thrift")


def test_files_are_utf8_with_or_without_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.thrift").write_bytes(b"\xef\xbb\xbf// \xc3\xa9\nstruct S {}")
    assert idl.load(tmp_path / "a.thrift").doc == "é"
    (tmp_path / "b.thrift").write_bytes(b"struct S {}\n// \xff")
    with pytest.raises(IDLError, match=r"b\.thrift:2:1: expected UTF-8 text"):
        idl.load(tmp_path / "b.thrift")


def test_a_loaded_file_is_checked(tmp_path: Path) -> None:
    write(tmp_path, a="struct A { 1: Nothing x }")
    with pytest.raises(IDLError, match=r"a\.thrift:1:15: there is no type 'Nothing'"):
        idl.load(tmp_path / "a.thrift")
