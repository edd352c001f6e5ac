from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.thrift import idl
from thriftwire.thrift.document import Document, StructDefinition
from thriftwire.thrift.generate.scope import Scope, module_name, python_name, words


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "base.thrift").write_text(
        "typedef string Json (py.type='json') struct Base {} struct Own {} enum E { A } service Svc {}"
    )
    (tmp_path / "other_file.thrift").write_text("include 'base.thrift' struct Base {} typedef base.Base Far")
    (tmp_path / "main.thrift").write_text(
        "include 'base.thrift' include 'other_file.thrift'\n"
        "struct Own {} struct str {}"
        "struct S { 1: base.Base a 2: other_file.Base b 3: Own c 4: base.Own d 5: str e 6: base.Json f"
        " 7: map<base.E, list<i64>> g 8: set<Own> h 9: map<bool, string> i 10: string j (py.values='a b')"
        " 11: string k (py.type='json') 12: other_file.Far l 13: base.Json m (py.values='x') }"
    )
    return idl.load(tmp_path / "main.thrift")


@pytest.fixture
def written(document: Document) -> tuple[Scope, dict[str, str]]:
    scope = Scope(document)
    found = document.find("S")
    assert found is not None
    assert isinstance(found.definition, StructDefinition)
    return scope, {item.name: str(scope.type(item.type, item.annotations)) for item in found.definition.fields}


def test_types_are_written_and_imported(written: tuple[Scope, dict[str, str]]) -> None:
    scope, types = written
    assert types == {
        "a": "Base",
        "b": "other_file_Base",
        "c": "Own",
        "d": "base_Own",
        "e": "str_",
        "f": "Json",
        "g": "dict[E, list[I64]]",
        "h": 'Annotated[list[Own], Wire("set")]',
        "i": 'Annotated[list[tuple[bool, str]], Wire("map")]',
        "j": 'Literal["a", "b"]',
        "k": "Raw",
        "l": "Far",
        "m": "Raw",
    }
    assert scope.imports[".base"] == {"Base", "Own as base_Own", "Json", "E"}
    assert scope.imports[".other_file"] == {"Base as other_file_Base", "Far"}


def test_only_names_of_this_file_are_needed_at_import(document: Document) -> None:
    scope = Scope(document)
    own, foreign = document.find("Own"), document.find("base.Base")
    assert own is not None
    assert foreign is not None
    with scope.needing() as outer:
        with scope.needing() as inner:
            scope.name(own)
        scope.name(foreign)
        assert outer == set()
    assert inner == {"Own"}


def test_what_may_be_absent() -> None:
    document = idl.parse("typedef string J (py.type='json') struct S { 1: J a 2: i32 b }")
    scope = Scope(document)
    struct = document.definitions[1]
    assert isinstance(struct, StructDefinition)
    assert [str(scope.optional(item.type, item.annotations)) for item in struct.fields] == ["OptionalRaw", "I32 | None"]


def test_names() -> None:
    assert module_name("a/b.c-d.thrift") == "b_c_d"
    assert module_name("class.thrift") == "class_"
    document = idl.parse("struct Field {} struct A { 1: list<map<Field, B>> x } struct B {}")
    assert [python_name(item) for item in document.definitions] == ["Field_", "A", "B"]
    struct = document.definitions[1]
    assert isinstance(struct, StructDefinition)
    names = words(document, [item.type for item in struct.fields])
    assert {"Field_", "B", "list", "Annotated"} <= names
    assert "A" not in names
