"""Defaults and constants of a Thrift file as Python expressions."""

from __future__ import annotations

from thriftwire.thrift.check import definition_of, dereference, find, resolve
from thriftwire.thrift.document import (
    Annotations,
    BaseType,
    ConstList,
    ConstMap,
    ConstValue,
    Document,
    EnumDefinition,
    Found,
    ListType,
    MapType,
    NamedType,
    SetType,
    StructDefinition,
    StructKind,
    Type,
)
from thriftwire.thrift.generate.layout import Node, call, chain, display, string
from thriftwire.thrift.generate.scope import TYPES, Scope, words
from thriftwire.thrift.meaning import is_hashable, is_json
from thriftwire.thrift.names import safe

_ZEROS = {"bool": "False", "double": "0.0", "string": '""', "binary": 'b""'}


def zero(scope: Scope, type_: Type, annotations: Annotations) -> Node:
    """The value that stands in for one that does not come; see `thriftwire.thrift.meaning.has_zero`."""
    if is_json(scope.document, type_, annotations):
        return call(scope.use(TYPES, "Raw"), 'b"null"')
    found = definition_of(scope.document, type_)
    if found is not None:
        return _member(scope, found, 0) if isinstance(found.definition, EnumDefinition) else call(scope.name(found))
    home, resolved = resolve(scope.document, type_)
    match resolved:
        case SetType(element=element):
            return "set()" if is_hashable(home, element) else "[]"
        case MapType(key=key):
            return "{}" if is_hashable(home, key) else "[]"
        case ListType():
            return "[]"
        case BaseType(name=name):
            return _ZEROS.get(name, "0")
        case NamedType():
            raise TypeError(f"{resolved} has no zero")


def expression(
    scope: Scope, type_: Type, type_home: Document, value: ConstValue, home: Document, annotations: Annotations
) -> Node:
    """``value``, written in ``home``, as a value of the type, written in ``type_home``."""
    plain, home = dereference(value, home) or (value, home)
    json = is_json(type_home, type_, annotations)
    type_home, resolved = resolve(type_home, type_)
    match resolved, plain:
        case BaseType(), _:
            text = _base(resolved, plain)
            return call(scope.use(TYPES, "Raw"), _bytes(str(plain))) if json else text
        case ListType(element=element) | SetType(element=element), ConstList(items=items):
            nodes = [expression(scope, element, type_home, item, home, {}) for item in items]
            as_set = isinstance(resolved, SetType) and is_hashable(type_home, element)
            if as_set:
                return display(nodes, "{}") if nodes else "set()"
            return display(nodes)
        case MapType(), ConstMap():
            return _map(scope, resolved, type_home, plain, home)
        case NamedType(), _:
            return _named(scope, find(type_home, resolved), plain, home)
        case _:
            raise TypeError(f"{plain!r} is no value of {resolved}")


def _base(type_: BaseType, value: object) -> str:
    match type_.name:
        case "bool":
            return str(bool(value))
        case "double":
            return repr(float(str(value)))
        case "string":
            return string(str(value))
        case "binary":
            return _bytes(str(value))
        case _:
            return str(value)


def _bytes(value: str) -> str:
    text = repr(value.encode())
    return text if '"' in text else f'b"{text[2:-1]}"'


def _map(scope: Scope, type_: MapType, type_home: Document, value: ConstMap, home: Document) -> Node:
    pairs = [
        (
            expression(scope, type_.key, type_home, key, home, {}),
            expression(scope, type_.value, type_home, item, home, {}),
        )
        for key, item in value.items
    ]
    if is_hashable(type_home, type_.key):
        return display([chain(key, ": ", item) for key, item in pairs], "{}")
    return display([display(pair, "()") for pair in pairs])


def _named(scope: Scope, found: Found, value: ConstValue, home: Document) -> Node:
    if isinstance(found.definition, EnumDefinition) and isinstance(value, int):
        return _member(scope, found, value)
    struct = found.definition
    if not isinstance(struct, StructDefinition) or not isinstance(value, ConstMap):
        raise TypeError(f"{value!r} is no value of {struct.name}")
    fields = {item.name: item for item in struct.fields}
    names = attribute_words(found.document, struct)
    arguments: list[Node] = []
    for key, item in value.items:
        field = fields[str(key)]
        given = expression(scope, field.type, found.document, item, home, field.annotations)
        arguments.append(chain(f"{safe(field.name, names)}=", given))
    return call(scope.name(found), *arguments)


def _member(scope: Scope, found: Found, value: int) -> str:
    name = scope.name(found)
    members = found.definition.members if isinstance(found.definition, EnumDefinition) else ()
    member = next((item.name for item in members if item.value == value), None)
    return f"{name}({value})" if member is None else f"{name}.{member_name(member)}"


def member_name(name: str) -> str:
    """An enum member's name in Python."""
    return safe(name, _ENUM_WORDS)


_ENUM_WORDS = frozenset({"name", "value", "mro", *dir(int)})
_EXCEPTION_WORDS = frozenset(dir(Exception))


def attribute_words(document: Document, item: StructDefinition) -> frozenset[str]:
    """Names that the fields of a struct may not have in Python."""
    names = words(document, (field.type for field in item.fields))
    return names | _EXCEPTION_WORDS if item.kind is StructKind.EXCEPTION else names
