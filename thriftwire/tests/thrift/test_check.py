from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift import idl
from thriftwire.thrift.check import check, dereference, describe, is_struct, resolve
from thriftwire.thrift.document import BaseType, ConstReference, NamedType, SetType, StructKind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("struct A {} struct A {}", "1:20: a second definition named 'A'"),
        ("struct A { 1: i32 a, 1: i32 b }", "1:22: a second field with number 1"),
        ("struct A { 1: i32 a, 2: i32 a }", "1:22: a second field named 'a'"),
        ("struct A { 0: i32 a }", "1:12: the number of the field 'a' must be 1 to 32767, not 0"),
        ("struct A { 32768: i32 a }", "must be 1 to 32767, not 32768"),
        ("struct A { 1: B a }", "1:15: there is no type 'B'"),
        ("struct A { 1: b.B a }", "1:15: there is no type 'b.B'"),
        ("struct A { 1: map<string, list<B>> a }", "1:32: there is no type 'B'"),
        ("const i32 C = 1 struct A { 1: C a }", "expected a type, not the constant 'C'"),
        ("service S {} struct A { 1: S a }", "expected a type, not the service 'S'"),
        ("typedef B A typedef A B", "leads back to itself"),
        ("typedef list<A> A", "1:14: typedef 'A' leads back to itself"),
        ("enum E { A, A }", "1:13: a second member named 'A'"),
        ("enum E { A = 2147483648 }", "the number of 'A' must fit i32, not 2147483648"),
        ("union U { 1: required i32 a }", "a field of a union cannot be required: 'a'"),
        ("union U { 1: i32 a = 1 }", "a field of a union cannot have a default: 'a'"),
        ("service S { void f() void f() }", "a second function named 'f'"),
        ("service S { void f(1: i32 a, 1: i32 b) }", "a second argument with number 1"),
        ("struct E {} service S { void f() throws (1: E e) }", "only an exception can be thrown, not E"),
        ("service S { void f() throws (1: i32 e) }", "only an exception can be thrown, not i32"),
        ("service S { B f() }", "there is no type 'B'"),
        ("service S extends T {}", "there is no service 'T' to extend"),
        ("struct T {} service S extends T {}", "there is no service 'T' to extend"),
        ("service S extends T {} service T extends S {}", "service 'S' extends itself"),
        ("service S { oneway i32 f() }", "a oneway function answers nothing: 'f' must be void, without throws"),
        (
            "struct A {} service S { A f(1: A a) (streaming.mode='both') }",
            "streaming.mode must be unary, client, server",
        ),
        ("struct A {} service S { A f(1: A a) (streaming.mode='') }", "streaming.mode must be unary, client, server"),
        ("struct A {} service S { A f() (streaming.mode='server') }", "needs exactly one argument and a result"),
        (
            "struct A {} service S { void f(1: A a) (streaming.mode='client') }",
            "needs exactly one argument and a result",
        ),
        ("struct A {} service S { A f(1: i32 a) (streaming.mode='server') }", "a stream carries structs, not i32"),
        (
            "struct A {} service S { list<A> f(1: A a) (streaming.mode='server') }",
            "a stream carries structs, not list<A>",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(IDLError) as caught:
        check(idl.parse(text))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        ("bool", "2", "expected bool, not 2"),
        ("bool", "'a'", "expected bool, not 'a'"),
        ("i8", "128", "expected i8, not 128"),
        ("i64", "true", "expected i64, not True"),
        ("i32", "1.0", "expected i32, not 1.0"),
        ("double", "'1'", "expected double, not '1'"),
        ("string", "1", "expected string, not 1"),
        ("string", "[]", "expected string, not a list"),
        ("list<i32>", "{}", "expected list<i32>, not a map"),
        ("list<i32>", "[1, 'a']", "expected i32, not 'a'"),
        ("map<string, i8>", "{'a': 500}", "expected i8, not 500"),
        ("map<string, i8>", "[]", "expected map<string, i8>, not a list"),
        ("E", "7", "expected a number of E, not 7"),
        ("E", "'A'", "expected E, not 'A'"),
        ("E", "E.B", "there is no constant 'E.B'"),
        ("E", "B", "there is no constant 'B'"),
        ("S", "{'b': 1}", "expected a field of S, not 'b'"),
        ("S", "{1: 1}", "expected a field of S, not 1"),
        ("S", "{'a': []}", "expected i32, not a list"),
        ("S", "1", "expected S, not 1"),
        ("i32", "C", "the constant 'C' leads back to itself"),
        ("N", "{'n': [C]}", "the value contains itself"),
    ],
)
def test_values_must_have_their_type(type_: str, value: str, message: str) -> None:
    text = f"enum E {{ A }} struct S {{ 1: i32 a }} struct N {{ 1: list<N> n }} const {type_} C = {value}"
    with pytest.raises(IDLError) as caught:
        check(idl.parse(text))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        *(
            ("bool", "0"),
            ("bool", "true"),
            ("double", "1"),
            ("binary", "'a'"),
            ("E", "0"),
            ("E", "E.A"),
            ("i32", "E.A"),
        ),
        *(("S", "{'a': 1}"), ("set<E>", "[E.A]"), ("map<E, list<S>>", "{E.A: [{}]}"), ("T", "[1]"), ("i32", "D")),
    ],
)
def test_values_of_their_type_pass(type_: str, value: str) -> None:
    text = "enum E { A } struct S { 1: i32 a } typedef list<i32> T const i32 D = E.A"
    check(idl.parse(f"{text} const {type_} C = {value} struct U {{ 1: {type_} f = C }}"))


def test_names_inside_a_value_are_those_of_the_file_it_is_written_in(tmp_path: Path) -> None:
    (tmp_path / "base.thrift").write_text("enum E { A = 5 } typedef list<E> Es const i32 X = 1 const Es EMPTY = []")
    (tmp_path / "main.thrift").write_text(
        "include 'base.thrift'\nconst i32 X = 5\nconst base.Es V = [base.E.A, X]\nconst base.Es W = base.EMPTY"
    )
    document = idl.load(tmp_path / "main.thrift")
    assert dereference(ConstReference(name="base.X"), document) == (1, document.included("base"))
    value = dereference(ConstReference(name="base.E.A"), document)
    assert value is not None
    assert value[0] == 5


def test_two_includes_cannot_share_a_name(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for folder in (tmp_path, tmp_path / "x"):
        (folder / "base.thrift").write_text("struct A {}")
    (tmp_path / "main.thrift").write_text("include 'base.thrift'\ninclude 'x/base.thrift'")
    with pytest.raises(IDLError, match=r"main\.thrift:2:9: a second include whose names begin with 'base'"):
        idl.load(tmp_path / "main.thrift")


def test_typedefs_are_followed_and_types_described() -> None:
    document = idl.parse("struct A {} typedef A B typedef B C typedef list<map<C, i8>> D exception X {}")
    assert resolve(document, NamedType(name="C")) == (document, NamedType(name="A"))
    assert describe(resolve(document, NamedType(name="D"))[1]) == "list<map<C, i8>>"
    assert describe(SetType(element=BaseType(name="i8"))) == "set<i8>"
    assert is_struct(document, NamedType(name="C"), (StructKind.STRUCT,))
    assert not is_struct(document, NamedType(name="X"), (StructKind.STRUCT,))
    assert not is_struct(document, NamedType(name="D"), (StructKind.STRUCT,))
