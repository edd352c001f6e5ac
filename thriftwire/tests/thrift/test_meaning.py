from __future__ import annotations

from typing import Any

from thriftwire.thrift import idl
from thriftwire.thrift.document import Document, StructDefinition, Type
from thriftwire.thrift.meaning import (
    has_zero,
    is_distinct,
    is_hashable,
    is_json,
    is_optional,
    must_be_given,
    string_annotations,
    tag_of,
)


def struct(text: str, name: str) -> tuple[Document, StructDefinition]:
    document = idl.parse(text)
    found = document.find(name)
    assert found is not None
    assert isinstance(found.definition, StructDefinition)
    return document, found.definition


def types(text: str) -> tuple[Document, dict[str, tuple[Type, Any]]]:
    document, owner = struct(text, "S")
    return document, {item.name: (item.type, item.annotations) for item in owner.fields}


def test_annotations_of_a_string_come_from_its_typedefs_too_and_the_nearest_wins() -> None:
    document, fields = types(
        "typedef string (a='1', b='1') T (b='2', c='2') typedef T U (d='3')"
        "struct S { 1: U u (c='9', e='9') 2: string (a='5') s (b='6') 3: i32 i (a='1') 4: list<T> l (a='1') }"
    )
    assert string_annotations(document, *fields["u"]) == {"a": "1", "b": "2", "c": "9", "d": "3", "e": "9"}
    assert string_annotations(document, *fields["s"]) == {"a": "5", "b": "6"}
    assert string_annotations(document, *fields["i"]) == {}
    assert string_annotations(document, *fields["l"]) == {}


def test_json_is_a_string_that_says_so() -> None:
    document, fields = types(
        "typedef string J (py.type='json') struct S { 1: J a 2: string b (py.type='json') 3: string c"
        " 4: i32 d (py.type='json') }"
    )
    assert [is_json(document, *fields[name]) for name in "abcd"] == [True, True, False, False]


def test_what_can_be_a_key() -> None:
    document, fields = types(
        "enum E { A } typedef i32 T typedef string J (py.type='json')"
        "struct S { 1: E a 2: T b 3: string c 4: double d 5: binary e 6: bool f 7: J g 8: list<i32> h 9: S i }"
    )
    hashable = {name for name, (type_, _) in fields.items() if is_hashable(document, type_)}
    assert hashable == set("abcde")


def test_a_union_is_distinct_when_its_members_are_different_structs() -> None:
    text = "struct A {} struct B {} typedef A C exception X {} "
    for fields, expected in (
        ("1: A a 2: B b", True),
        ("1: A a 2: C c", False),
        ("1: A a", False),
        ("", False),
        ("1: A a 2: string b", False),
        ("1: A a 2: X b", False),
        ("1: A a 2: list<B> b", False),
    ):
        assert is_distinct(*struct(f"{text} union U {{ {fields} }}", "U")) is expected


def optional(text: str) -> set[str]:
    document, owner = struct(text, "S")
    return {item.name for item in owner.fields if is_optional(document, owner, item)}


def test_a_field_is_optional_when_it_says_so_or_would_contain_its_owner_without_end() -> None:
    assert optional("struct S { 1: optional i32 a 2: i32 b 3: required i32 c 4: optional i32 d = 1 }") == {"a"}
    assert optional("union S { 1: i32 a 2: string b }") == {"a", "b"}
    assert optional("struct S { 1: S a 2: list<S> b 3: required S c }") == {"a"}
    assert optional("struct T { 1: S s } struct S { 1: T t }") == {"t"}
    assert optional("struct T { 1: optional S s } struct S { 1: T t }") == set()
    assert optional("union T { 1: S s } struct S { 1: T t }") == set()
    assert optional("struct T { 1: U u } struct U { 1: T t } struct S { 1: T t }") == set()


def test_what_has_a_zero_value() -> None:
    document, fields = types(
        "enum E { A } struct Free { 1: i32 a 2: optional Needy b } struct Needy { 1: required i32 a }"
        "struct Outer { 1: Needy n } struct Given { 1: Needy n = {'a': 1} } union U { 1: i32 a }"
        "typedef string W (py.values='x')"
        "struct S { 1: i32 a 2: E b 3: Free c 4: Needy d 5: Outer e 6: Given f 7: U g 8: W h 9: list<Needy> i }"
    )
    assert {name for name, field in fields.items() if has_zero(document, *field)} == set("abcfi")


def test_what_must_be_given() -> None:
    document, owner = struct(
        "struct N { 1: required i32 a }"
        "struct S { 1: required i32 a 2: i32 b 3: N c 4: optional N d 5: required i32 e = 1 }",
        "S",
    )
    assert {item.name for item in owner.fields if must_be_given(document, owner, item)} == {"a", "c"}


def test_a_tag_tells_the_structs_of_a_union_apart() -> None:
    text = "struct A {} struct B {} union U { 1: A one 2: B two } (py.tag='kind') union V { 1: A a }"
    assert tag_of(*struct(text, "B")) == ("kind", "two")
    assert tag_of(*struct(text + " struct C {}", "C")) is None
