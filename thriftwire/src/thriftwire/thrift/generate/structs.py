"""Typedefs, enums, structs, unions, exceptions and constants of a Thrift file as Python source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from thriftwire.thrift.check import definition_of, resolve
from thriftwire.thrift.document import (
    BaseType,
    Constant,
    EnumDefinition,
    Field,
    Requiredness,
    StructDefinition,
    StructKind,
    Typedef,
)
from thriftwire.thrift.generate.layout import (
    Node,
    Text,
    body,
    call,
    chain,
    docstring,
    indented,
    lay_out,
    mapping,
    string,
    subscript,
)
from thriftwire.thrift.generate.scope import TYPES, Scope, python_name
from thriftwire.thrift.generate.values import attribute_words, expression, member_name, zero
from thriftwire.thrift.meaning import TAG, has_zero, is_distinct, is_optional, tag_of
from thriftwire.thrift.names import safe

_BASES: Final = {StructKind.STRUCT: "Struct", StructKind.UNION: "Union", StructKind.EXCEPTION: "DeclaredException"}


@dataclass(slots=True)
class Piece:
    """A part of the file that can stand once the names it needs at import are defined."""

    name: str
    lines: list[str]
    needs: set[str] = field(default_factory=set[str])
    short: bool = False  # an alias or a constant, which needs no two blank lines around it


def typedef(scope: Scope, item: Typedef) -> Piece:
    """``Name: TypeAlias = type``."""
    with scope.needing() as needs:
        return _alias(scope, python_name(item), scope.type(item.type, item.annotations), item.doc, needs)


def _alias(scope: Scope, name: str, value: Node, doc: str, needs: set[str]) -> Piece:
    alias = scope.use("typing", "TypeAlias")
    lines = [*lay_out(chain(f"{name}: {alias} = ", value)).split("\n"), *(docstring(doc) if doc else [])]
    return Piece(name, lines, needs, short=True)


def constant(scope: Scope, item: Constant) -> Piece:
    """``NAME: Final[type] = value``."""
    type_ = scope.type(item.type, item.annotations)
    with scope.needing() as needs:
        value = expression(scope, item.type, scope.document, item.value, scope.document, item.annotations)
    name = python_name(item)
    head = f"{name}: {subscript(scope.use('typing', 'Final'), type_)} = "
    lines = [*lay_out(chain(head, value)).split("\n"), *(docstring(item.doc) if item.doc else [])]
    return Piece(name, lines, needs, short=True)


def enum(scope: Scope, item: EnumDefinition) -> Piece:
    """A class whose members are numbers."""
    head = f"class {python_name(item)}({scope.use(TYPES, 'Enum')}):"
    members: list[str] = []
    for member in item.members:
        members.append(f"    {member_name(member.name)} = {member.value}")
        if member.doc:
            members += docstring(member.doc, 1)
    return Piece(python_name(item), body(head, item.doc, members))


def struct(scope: Scope, item: StructDefinition) -> Piece:
    """A class with a line for each field; a union of distinct structs is an alias of a Python union."""
    if item.kind is StructKind.UNION and not scope.wrap_unions and is_distinct(scope.document, item):
        return _variants(scope, item)
    name = python_name(item)
    options = "" if item.kind is StructKind.EXCEPTION else ", kw_only=True"
    if item.kind is StructKind.STRUCT and item.fields and all(_is_scalar(scope, field) for field in item.fields):
        options += ", gc=False"  # it cannot be part of a cycle
    if not scope.wrap_unions and (tag := tag_of(scope.document, item)) is not None:
        options += f", tag_field={string(tag[0])}, tag={string(tag[1])}"
    head = f"class {name}({scope.use(TYPES, _BASES[item.kind])}{options}):"
    lines: list[str] = []
    needs: set[str] = set()
    for member in item.fields:
        lines += _field(scope, item, member, needs)
    return Piece(name, body(head, item.doc, lines), needs)


def _is_scalar(scope: Scope, item: Field) -> bool:
    found = definition_of(scope.document, item.type)
    if found is not None:
        return isinstance(found.definition, EnumDefinition)
    return isinstance(resolve(scope.document, item.type)[1], BaseType)


def _variants(scope: Scope, item: StructDefinition) -> Piece:
    with scope.needing() as needs:
        found = [definition_of(scope.document, member.type) for member in item.fields]
        if TAG in item.annotations and any(one is not None and one.document is not scope.document for one in found):
            raise item.where.error(f"py.tag needs the structs of {item.name!r} to stand in this file")
        classes = " | ".join(scope.name(one) for one in found if one is not None)
    numbers = [f"{safe(member.name)}={member.id}" for member in item.fields]
    variants = call(scope.use(TYPES, "Variants"), string(item.name), *numbers)
    value = subscript(scope.use("typing", "Annotated"), classes, variants)
    return _alias(scope, python_name(item), value, item.doc, needs)


def _field(scope: Scope, owner: StructDefinition, item: Field, needs: set[str]) -> list[str]:
    optional = is_optional(scope.document, owner, item)
    name = safe(item.name, attribute_words(scope.document, owner))
    type_ = scope.optional(item.type, item.annotations) if optional else scope.type(item.type, item.annotations)
    annotation = subscript(scope.use("typing", "Annotated"), type_, *_marks(scope, item))
    renamed = "" if name == item.name else f"name={string(item.name)}"
    with scope.needing() as here:
        value = _default(scope, item, optional=optional, renamed=renamed)
    needs |= here
    return indented(lay_out(chain(f"{name}: ", annotation, value), 1))


def _marks(scope: Scope, item: Field) -> Iterable[Node]:
    options: list[Node] = [str(item.id)]
    if item.requiredness is Requiredness.REQUIRED:
        options.append("required=True")
    if kept := {key: value for key, value in item.annotations.items() if not key.startswith("py.")}:
        options.append(chain("annotations=", mapping(kept)))
    yield call(scope.use(TYPES, "Field"), *options)
    if item.doc:
        yield call(scope.use(TYPES, "Meta"), chain("description=", Text(" ".join(item.doc.split()))))


def _default(scope: Scope, item: Field, *, optional: bool, renamed: str) -> str:
    """What stands after the annotation: `` = default(...)``."""
    if item.default is not None:
        value = expression(scope, item.type, scope.document, item.default, scope.document, item.annotations)
    elif optional:
        return f" = {scope.use(TYPES, 'field')}(default=None, {renamed})" if renamed else " = None"
    elif item.requiredness is Requiredness.REQUIRED or not has_zero(scope.document, item.type, item.annotations):
        return f" = {scope.use(TYPES, 'field')}({renamed})" if renamed else ""
    else:
        value = zero(scope, item.type, item.annotations)
    return f" = {scope.use(TYPES, 'default')}({', '.join(filter(None, [str(value), renamed]))})"
