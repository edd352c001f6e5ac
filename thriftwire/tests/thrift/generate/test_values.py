from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.thrift import idl
from thriftwire.thrift.document import Constant, Document, StructDefinition
from thriftwire.thrift.generate.scope import Scope
from thriftwire.thrift.generate.values import attribute_words, expression, member_name, zero

COMMON = (
    "enum E { A = 1, name = 2 } struct P { 1: i32 x 2: string class 3: E e } typedef string J (py.type='json')"
    " typedef list<E> Es const i32 N = 7 exception X { 1: i32 args }\n"
)


def constant(text: str) -> str:
    document = idl.parse(f"{COMMON} const {text}")
    item = document.definitions[-1]
    assert isinstance(item, Constant)
    return str(expression(Scope(document), item.type, document, item.value, document, item.annotations))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("bool C = 1", "True"),
        ("i32 C = N", "7"),
        ("i64 C = E.name", "2"),
        ("double C = 1", "1.0"),
        ("string C = 'a\"b'", "'a\"b'"),
        ("binary C = 'é'", 'b"\\xc3\\xa9"'),
        ("binary C = '\"'", "b'\"'"),
        ("J C = '[1]'", 'Raw(b"[1]")'),
        ("E C = 1", "E.A"),
        ("E C = E.name", "E.name_"),
        ("Es C = [1, E.name]", "[E.A, E.name_]"),
        ("set<i32> C = []", "set()"),
        ("set<i32> C = [1]", "{1}"),
        ("set<P> C = [{}]", "[P()]"),
        ("map<string, list<i32>> C = {'a': [N]}", '{"a": [7]}'),
        ("map<P, bool> C = {{}: 0}", "[(P(), False)]"),
        ("P C = {'x': 1, 'class': 'c', 'e': E.A}", 'P(x=1, class_="c", e=E.A)'),
        ("X C = {'args': 1}", "X(args_=1)"),
    ],
)
def test_constants(text: str, source: str) -> None:
    assert constant(text) == source


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        *(("bool", "False"), ("i8", "0"), ("double", "0.0"), ("string", '""'), ("binary", 'b""')),
        *(
            ("list<P>", "[]"),
            ("Es", "[]"),
            ("set<E>", "set()"),
            ("set<P>", "[]"),
            ("map<E, P>", "{}"),
            ("map<P, E>", "[]"),
        ),
        *(("E", "E(0)"), ("P", "P()"), ("J", 'Raw(b"null")')),
    ],
)
def test_zeros(type_: str, source: str) -> None:
    document = idl.parse(f"{COMMON} struct S {{ 1: {type_} f }}")
    struct = document.definitions[-1]
    assert isinstance(struct, StructDefinition)
    assert str(zero(Scope(document), struct.fields[0].type, {})) == source


def test_a_value_may_come_from_a_file_that_is_not_included_here(tmp_path: Path) -> None:
    (tmp_path / "far.thrift").write_text("enum E { A } const E FIRST = E.A")
    (tmp_path / "near.thrift").write_text("include 'far.thrift' typedef far.E T const T SECOND = far.FIRST")
    (tmp_path / "main.thrift").write_text("include 'near.thrift' const near.T THIRD = near.SECOND")
    document = idl.load(tmp_path / "main.thrift")
    item = document.definitions[0]
    assert isinstance(item, Constant)
    scope = Scope(document)
    assert str(expression(scope, item.type, document, item.value, document, {})) == "E.A"
    assert scope.imports == {".far": {"E"}}


def test_names_that_enums_and_exceptions_need_themselves() -> None:
    assert [member_name(name) for name in ("RED", "value", "real", "mro", "None")] == [
        *("RED", "value_", "real_", "mro_", "None_")
    ]
    document: Document = idl.parse(COMMON)
    structs = [item for item in document.definitions if isinstance(item, StructDefinition)]
    assert "args" not in attribute_words(document, structs[0])
    assert "args" in attribute_words(document, structs[1])
