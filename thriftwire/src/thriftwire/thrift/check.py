"""What must hold in a Thrift file beyond its grammar: names exist, numbers fit, values have their types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from thriftwire.service import Mode
from thriftwire.thrift.document import (
    BaseType,
    Constant,
    ConstList,
    ConstMap,
    ConstReference,
    ConstValue,
    Document,
    EnumDefinition,
    Field,
    Found,
    Function,
    ListType,
    Location,
    MapType,
    NamedType,
    Requiredness,
    ServiceDefinition,
    SetType,
    StructDefinition,
    StructKind,
    Type,
    Typedef,
)

BITS: Final = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}
STREAMING_MODE: Final = "streaming.mode"


class _Placed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def where(self) -> Location: ...


def check(document: Document) -> None:
    """Raise IDLError at the first thing that cannot be meant. Includes must be loaded."""
    _unique(document.definitions, "definition")
    for item in document.definitions:
        match item:
            case Typedef():
                resolve(document, item.type, item.where)
            case EnumDefinition():
                _check_enum(item)
            case StructDefinition():
                _check_struct(document, item)
            case Constant():
                _check_type(document, item.type, item.where)
                _check_value(document, item.type, item.value, item.where)
            case ServiceDefinition():
                _check_service(document, item)


def _unique(items: Iterable[_Placed], what: str) -> None:
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise item.where.error(f"a second {what} named {item.name!r}")
        seen.add(item.name)


def resolve(document: Document, type_: Type, where: Location) -> tuple[Document, Type]:
    """``type_`` with typedefs followed, and the file in whose terms the result is to be read.

    Raises IDLError when a name is no type, or a typedef leads back to itself.
    """
    seen: set[tuple[str, str]] = set()
    while isinstance(type_, NamedType):
        found = _find(document, type_)
        if not isinstance(found.definition, Typedef):
            return document, type_
        key = (found.document.file, found.definition.name)
        if key in seen:
            raise where.error(f"typedef {found.definition.name!r} leads back to itself")
        seen.add(key)
        document, type_ = found.document, found.definition.type
    _check_type(document, type_, where)
    return document, type_


def definition(document: Document, type_: NamedType) -> Found:
    """The enum or struct that a resolved name stands for."""
    return _find(document, type_)


def _find(document: Document, type_: NamedType) -> Found:
    found = document.find(type_.name)
    if found is None:
        raise type_.where.error(f"there is no type {type_.name!r}")
    if isinstance(found.definition, Constant | ServiceDefinition):
        raise type_.where.error(f"expected a type, not the {_word(found)} {type_.name!r}")
    return found


def _word(found: Found) -> str:
    return "constant" if isinstance(found.definition, Constant) else "service"


def _check_type(document: Document, type_: Type, where: Location) -> None:
    match type_:
        case NamedType():
            resolve(document, type_, where)
        case ListType() | SetType():
            _check_type(document, type_.element, where)
        case MapType():
            _check_type(document, type_.key, where)
            _check_type(document, type_.value, where)
        case BaseType():
            pass


def _check_enum(item: EnumDefinition) -> None:
    _unique(item.members, "member")
    for member in item.members:
        if not _fits(member.value, "i32"):
            raise member.where.error(f"the number of {member.name!r} must fit i32, not {member.value}")


def _check_fields(document: Document, fields: tuple[Field, ...], *, what: str) -> None:
    _unique(fields, what)
    numbers: set[int] = set()
    for field in fields:
        if not 1 <= field.id <= 2**15 - 1:
            raise field.where.error(f"a {what}'s number must be between 1 and 32767, not {field.id}")
        if field.id in numbers:
            raise field.where.error(f"a second {what} with number {field.id}")
        numbers.add(field.id)
        _check_type(document, field.type, field.where)
        if field.default is not None:
            _check_value(document, field.type, field.default, field.where)


def _check_struct(document: Document, item: StructDefinition) -> None:
    _check_fields(document, item.fields, what="field")
    if item.kind is StructKind.UNION:
        for field in item.fields:
            if field.requiredness is Requiredness.REQUIRED:
                raise field.where.error(f"a field of a union cannot be required: {field.name!r}")
            if field.default is not None:
                raise field.where.error(f"a field of a union cannot have a default: {field.name!r}")


def _check_service(document: Document, item: ServiceDefinition) -> None:
    _unique(item.functions, "function")
    if item.extends:
        found = document.find(item.extends)
        if found is None or not isinstance(found.definition, ServiceDefinition):
            raise item.where.error(f"there is no service {item.extends!r} to extend")
        seen = {item.name}
        while found is not None and isinstance(found.definition, ServiceDefinition):
            if found.document is document and found.definition.name in seen:
                raise item.where.error(f"service {item.name!r} extends itself")
            seen.add(found.definition.name)
            found = found.document.find(found.definition.extends)
    for function in item.functions:
        _check_function(document, function)


def _check_function(document: Document, function: Function) -> None:
    _check_fields(document, function.arguments, what="argument")
    _check_fields(document, function.throws, what="exception")
    for field in function.throws:
        if not is_struct(document, field.type, (StructKind.EXCEPTION,)):
            raise field.where.error(f"only an exception can be thrown, not {field.name!r}")
    if function.returns is not None:
        _check_type(document, function.returns, function.where)
    if function.oneway and (function.returns is not None or function.throws):
        raise function.where.error(f"a oneway function answers nothing: {function.name!r} must be void, without throws")
    _check_streaming(document, function)


def _check_streaming(document: Document, function: Function) -> None:
    mode = function.annotations.get(STREAMING_MODE, "")
    if mode not in {item.value for item in Mode}:
        raise function.where.error(f"streaming.mode must be unary, client, server or bidirectional, not {mode!r}")
    if mode in ("", Mode.UNARY.value):
        return
    if len(function.arguments) != 1 or function.returns is None or function.throws or function.oneway:
        raise function.where.error(
            f"the streaming function {function.name!r} needs exactly one argument and a result, and throws nothing"
        )
    for type_ in (function.arguments[0].type, function.returns):
        if not is_struct(document, type_, (StructKind.STRUCT, StructKind.UNION)):
            raise function.where.error(f"the messages of the streaming function {function.name!r} must be structs")


def is_struct(document: Document, type_: Type, kinds: tuple[StructKind, ...]) -> bool:
    """Whether ``type_`` is a struct of one of these kinds."""
    home, resolved = resolve(document, type_, Location(document.file))
    if not isinstance(resolved, NamedType):
        return False
    found = definition(home, resolved).definition
    return isinstance(found, StructDefinition) and found.kind in kinds


def dereference(document: Document, value: ConstValue) -> ConstValue | None:
    """What a name among values stands for (an enum member is its number); None when nothing."""
    if not isinstance(value, ConstReference):
        return value
    found = document.find(value.name)
    if found is not None and isinstance(found.definition, Constant):
        return dereference(found.document, found.definition.value)
    enum, _, member = value.name.rpartition(".")
    found = document.find(enum)
    if found is not None and isinstance(found.definition, EnumDefinition):
        return next((item.value for item in found.definition.members if item.name == member), None)
    return None


def _check_value(document: Document, type_: Type, value: ConstValue, where: Location) -> None:
    where = value.where if isinstance(value, ConstReference) else where
    try:
        plain = dereference(document, value)
    except RecursionError as error:
        raise where.error("a constant leads back to itself") from error
    if plain is None:
        raise where.error(f"there is no constant {value.name!r}" if isinstance(value, ConstReference) else "no value")
    home, resolved = resolve(document, type_, where)
    match resolved, plain:
        case BaseType(name="bool"), bool() | 0 | 1:
            return
        case BaseType(name="double"), int() | float() if not isinstance(plain, bool):
            return
        case BaseType(name="string" | "binary"), str():
            return
        case BaseType(name=name), int() if name in BITS and not isinstance(plain, bool):
            if not _fits(plain, name):
                raise where.error(f"expected a value that fits {name}, not {plain}")
        case ListType(element=element) | SetType(element=element), ConstList(items=items):
            for item in items:
                _check_value(home, element, item, where)
        case MapType(key=key_type, value=value_type), ConstMap(items=entries):
            for key, item in entries:
                _check_value(home, key_type, key, where)
                _check_value(home, value_type, item, where)
        case NamedType(), _:
            _check_named_value(home, resolved, plain, where)
        case _:
            raise where.error(f"expected {describe(resolved)}, not {_describe_value(plain)}")


def _check_named_value(document: Document, type_: NamedType, value: ConstValue, where: Location) -> None:
    found = definition(document, type_)
    match found.definition, value:
        case EnumDefinition(members=members), int() if not isinstance(value, bool):
            if value not in {member.value for member in members}:
                raise where.error(f"expected a number of {type_.name}, not {value}")
        case StructDefinition(fields=fields), ConstMap(items=entries):
            known = {field.name: field for field in fields}
            for key, item in entries:
                if not isinstance(key, str) or key not in known:
                    raise where.error(f"expected a field of {type_.name}, not {_describe_value(key)}")
                _check_value(found.document, known[key].type, item, where)
        case _:
            raise where.error(f"expected {describe(type_)}, not {_describe_value(value)}")


def _fits(value: int, name: str) -> bool:
    half = 1 << (BITS[name] - 1)
    return -half <= value < half


def describe(type_: Type) -> str:
    """A type as it is written in IDL."""
    match type_:
        case ListType():
            return f"list<{describe(type_.element)}>"
        case SetType():
            return f"set<{describe(type_.element)}>"
        case MapType():
            return f"map<{describe(type_.key)},{describe(type_.value)}>"
        case BaseType() | NamedType():
            return type_.name


def _describe_value(value: ConstValue) -> str:
    match value:
        case ConstList():
            return "a list"
        case ConstMap():
            return "a map"
        case ConstReference():
            return value.name
        case _:
            return repr(value)
