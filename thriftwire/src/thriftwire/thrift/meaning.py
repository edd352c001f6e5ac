"""What a checked Thrift file means in Python: decided here once, for generated code and for run-time types alike."""

from __future__ import annotations

from thriftwire.thrift.check import definition_of, find, is_struct, resolve
from thriftwire.thrift.document import (
    Annotations,
    BaseType,
    Document,
    EnumDefinition,
    Field,
    NamedType,
    Requiredness,
    StructDefinition,
    StructKind,
    Type,
    Typedef,
)

JSON_TYPE = "py.type"
VALUES = "py.values"
TAG = "py.tag"


def string_annotations(document: Document, type_: Type, annotations: Annotations) -> Annotations:
    """The annotations of a field, of its type, and of the typedefs that the type goes by; the nearest wins."""
    merged: dict[str, str] = {}
    layers = [annotations, type_.annotations]
    while isinstance(type_, NamedType):
        found = find(document, type_)
        if not isinstance(found.definition, Typedef):
            break
        document, type_ = found.document, found.definition.type
        layers += [found.definition.annotations, type_.annotations]
    for layer in reversed(layers):
        merged |= layer
    return merged if isinstance(type_, BaseType) and type_.name == "string" else {}


def is_json(document: Document, type_: Type, annotations: Annotations) -> bool:
    """Whether the type is a string that holds JSON."""
    return string_annotations(document, type_, annotations).get(JSON_TYPE) == "json"


def is_hashable(document: Document, type_: Type) -> bool:
    """Whether values of the type can be members of a Python set, and keys of a dict that is a JSON object."""
    found = definition_of(document, type_)
    if found is not None:
        return isinstance(found.definition, EnumDefinition)
    resolved = resolve(document, type_)[1]
    return isinstance(resolved, BaseType) and resolved.name != "bool" and not is_json(document, type_, {})


def is_distinct(document: Document, item: StructDefinition) -> bool:
    """Whether the members of a union are structs, each another, so that a Python union can stand for it."""
    seen: list[object] = []
    for member in item.fields:
        if not is_struct(document, member.type, (StructKind.STRUCT,)):
            return False
        found = definition_of(document, member.type)
        if found is None or any(found.definition is earlier for earlier in seen):
            return False
        seen.append(found.definition)
    return len(item.fields) > 1


def is_optional(document: Document, owner: StructDefinition, item: Field) -> bool:
    """Whether the field is ``T | None``: it says so and has no default, or it would contain its owner without end."""
    if item.default is not None:
        return False
    if owner.kind is StructKind.UNION or item.requiredness is Requiredness.OPTIONAL:
        return True
    return item.requiredness is Requiredness.DEFAULT and _leads_to(document, item.type, owner, [])


def _leads_to(document: Document, type_: Type, target: StructDefinition, seen: list[StructDefinition]) -> bool:
    """Whether the zero value of the type would hold the zero value of ``target``."""
    found = definition_of(document, type_)
    if found is None or not isinstance(found.definition, StructDefinition):
        return False
    struct = found.definition
    if struct is target:
        return True
    if struct.kind is StructKind.UNION or any(struct is earlier for earlier in seen):
        return False
    seen.append(struct)
    defaults = (item for item in struct.fields if item.requiredness is Requiredness.DEFAULT)
    return any(_leads_to(found.document, item.type, target, seen) for item in defaults)


def has_zero(document: Document, type_: Type, annotations: Annotations) -> bool:
    """Whether the type has a value to stand in for one that does not come.

    A closed set of words and a union have none; a struct has one when all its fields may stay away.
    """
    if VALUES in string_annotations(document, type_, annotations):
        return False
    found = definition_of(document, type_)
    if found is None or not isinstance(found.definition, StructDefinition):
        return True
    struct, home = found.definition, found.document
    return struct.kind is not StructKind.UNION and not any(must_be_given(home, struct, item) for item in struct.fields)


def must_be_given(document: Document, owner: StructDefinition, item: Field) -> bool:
    """Whether a value of ``owner`` cannot be made without this field."""
    if item.default is not None or is_optional(document, owner, item):
        return False
    return item.requiredness is Requiredness.REQUIRED or not has_zero(document, item.type, item.annotations)


def tag_of(document: Document, item: StructDefinition) -> tuple[str, str] | None:
    """The member of its JSON that tells a struct from the others of a union, and its value there.

    That is what ``py.tag`` on the union asks for; union and structs must stand in one file.
    """
    unions = (
        other for other in document.definitions if isinstance(other, StructDefinition) and TAG in other.annotations
    )
    for union in unions:
        for member in union.fields:
            found = definition_of(document, member.type)
            if found is not None and found.definition is item:
                return union.annotations[TAG], member.name
    return None
