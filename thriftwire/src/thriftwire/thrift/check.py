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

STREAMING_MODE: Final = "streaming.mode"
_BITS: Final = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}


class _Placed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def where(self) -> Location: ...


def check(document: Document) -> None:
    """Raise IDLError at the first thing that cannot be meant. Includes must be loaded."""
    aliases: set[str] = set()
    for include in document.includes:
        if include.alias in aliases:
            raise include.where.error(f"a second include whose names begin with {include.alias!r}")
        aliases.add(include.alias)
    _unique(document.definitions, "definition")
    for item in document.definitions:
        match item:
            case Typedef():
                _check_type(document, item.type, item.where)
            case EnumDefinition():
                _check_enum(item)
            case StructDefinition():
                _check_struct(document, item)
            case Constant():
                _check_type(document, item.type, item.where)
                _check_given(document, item.type, item.value, item.where)
            case ServiceDefinition():
                _check_service(document, item)


def _unique(items: Iterable[_Placed], what: str) -> None:
    seen: set[str] = set()
    for item in items:
        if item.name in seen:
            raise item.where.error(f"a second {what} named {item.name!r}")
        seen.add(item.name)


# Types


def find(document: Document, type_: NamedType) -> Found:
    """The typedef, enum or struct that a name stands for. Raises IDLError when it is none of them."""
    found = document.find(type_.name)
    if found is None:
        raise type_.where.error(f"there is no type {type_.name!r}")
    if isinstance(found.definition, Constant | ServiceDefinition):
        word = "constant" if isinstance(found.definition, Constant) else "service"
        raise type_.where.error(f"expected a type, not the {word} {type_.name!r}")
    return found


def resolve(document: Document, type_: Type) -> tuple[Document, Type]:
    """``type_`` with typedefs followed, and the file in whose terms the result is to be read."""
    seen: list[Found] = []
    while isinstance(type_, NamedType):
        found = find(document, type_)
        if not isinstance(found.definition, Typedef):
            break
        if any(found.definition is earlier.definition for earlier in seen):
            raise type_.where.error(f"typedef {found.definition.name!r} leads back to itself")
        seen.append(found)
        document, type_ = found.document, found.definition.type
    return document, type_


def definition_of(document: Document, type_: Type) -> Found | None:
    """The enum or struct that a type is, typedefs followed; None for every other type."""
    home, resolved = resolve(document, type_)
    return find(home, resolved) if isinstance(resolved, NamedType) else None


def is_struct(document: Document, type_: Type, kinds: tuple[StructKind, ...]) -> bool:
    """Whether ``type_`` is a struct of one of these kinds."""
    found = definition_of(document, type_)
    return found is not None and isinstance(found.definition, StructDefinition) and found.definition.kind in kinds


def _check_type(document: Document, type_: Type, where: Location, within: tuple[Typedef, ...] = ()) -> None:
    """Names exist, and no typedef contains itself."""
    match type_:
        case NamedType():
            found = find(document, type_)
            if isinstance(found.definition, Typedef):
                if any(found.definition is outer for outer in within):
                    raise type_.where.error(f"typedef {found.definition.name!r} leads back to itself")
                _check_type(found.document, found.definition.type, where, (*within, found.definition))
        case ListType() | SetType():
            _check_type(document, type_.element, where, within)
        case MapType():
            _check_type(document, type_.key, where, within)
            _check_type(document, type_.value, where, within)
        case BaseType():
            pass


def describe(type_: Type) -> str:
    """A type as it is written in IDL."""
    match type_:
        case ListType():
            return f"list<{describe(type_.element)}>"
        case SetType():
            return f"set<{describe(type_.element)}>"
        case MapType():
            return f"map<{describe(type_.key)}, {describe(type_.value)}>"
        case BaseType() | NamedType():
            return type_.name


# Definitions


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
            raise field.where.error(f"the number of the {what} {field.name!r} must be 1 to 32767, not {field.id}")
        if field.id in numbers:
            raise field.where.error(f"a second {what} with number {field.id}")
        numbers.add(field.id)
        _check_type(document, field.type, field.where)
        if field.default is not None:
            _check_given(document, field.type, field.default, field.where)


def _check_struct(document: Document, item: StructDefinition) -> None:
    _check_fields(document, item.fields, what="field")
    if item.kind is not StructKind.UNION:
        return
    for field in item.fields:
        if field.requiredness is Requiredness.REQUIRED:
            raise field.where.error(f"a field of a union cannot be required: {field.name!r}")
        if field.default is not None:
            raise field.where.error(f"a field of a union cannot have a default: {field.name!r}")


def _check_service(document: Document, item: ServiceDefinition) -> None:
    _unique(item.functions, "function")
    for function in item.functions:
        _check_function(document, function)
    seen = [item]
    home, service = document, item
    while service.extends:
        found = home.find(service.extends)
        if found is None or not isinstance(found.definition, ServiceDefinition):
            raise service.where.error(f"there is no service {service.extends!r} to extend")
        home, service = found.document, found.definition
        if any(service is earlier for earlier in seen):
            raise item.where.error(f"service {item.name!r} extends itself")
        seen.append(service)


def _check_function(document: Document, function: Function) -> None:
    _check_fields(document, function.arguments, what="argument")
    _check_fields(document, function.throws, what="exception")
    for field in function.throws:
        if not is_struct(document, field.type, (StructKind.EXCEPTION,)):
            raise field.where.error(f"only an exception can be thrown, not {describe(field.type)}")
    if function.returns is not None:
        _check_type(document, function.returns, function.where)
    if function.oneway and (function.returns is not None or function.throws):
        raise function.where.error(f"a oneway function answers nothing: {function.name!r} must be void, without throws")
    _check_streaming(document, function)


def _check_streaming(document: Document, function: Function) -> None:
    written = function.annotations.get(STREAMING_MODE, "")
    mode = next((mode for mode in Mode if mode.value == written), None)
    if mode is None or (STREAMING_MODE in function.annotations and not written):
        raise function.where.error(f"streaming.mode must be unary, client, server or bidirectional, not {written!r}")
    if not mode.streaming:
        return
    if len(function.arguments) != 1 or function.returns is None or function.throws or function.oneway:
        raise function.where.error(
            f"the streaming function {function.name!r} needs exactly one argument and a result, and throws nothing"
        )
    for type_ in (function.arguments[0].type, function.returns):
        if not is_struct(document, type_, (StructKind.STRUCT, StructKind.UNION)):
            raise function.where.error(f"a stream carries structs, not {describe(type_)}")


# Values


def dereference(value: ConstValue, home: Document) -> tuple[ConstValue, Document] | None:
    """What a name among values stands for (an enum member is its number) and where; None when nothing."""
    seen: list[ConstValue] = []
    while isinstance(value, ConstReference):
        if any(value is earlier for earlier in seen):
            raise value.where.error(f"the constant {value.name!r} leads back to itself")
        seen.append(value)
        found = home.find(value.name)
        if found is None or not isinstance(found.definition, Constant):
            number = _member_number(value.name, home)
            return None if number is None else (number, home)
        value, home = found.definition.value, found.document
    return value, home


def _member_number(name: str, home: Document) -> int | None:
    enum, _, member = name.rpartition(".")
    found = home.find(enum)
    if found is None or not isinstance(found.definition, EnumDefinition):
        return None
    return next((item.value for item in found.definition.members if item.name == member), None)


def _check_given(document: Document, type_: Type, value: ConstValue, where: Location) -> None:
    try:
        _check_value(type_, document, value, document, where)
    except RecursionError as error:
        raise where.error("the value contains itself") from error


def _check_value(type_: Type, type_home: Document, value: ConstValue, home: Document, where: Location) -> None:
    """``value``, written in ``home``, must be of the type, written in ``type_home``."""
    if isinstance(value, ConstReference):
        where = value.where
    found = dereference(value, home)
    if found is None:
        raise where.error(f"there is no constant {value.name if isinstance(value, ConstReference) else value!r}")
    value, home = found
    type_home, type_ = resolve(type_home, type_)
    match type_, value:
        case BaseType(), ConstList() | ConstMap():
            raise _mismatch(type_, value, where)
        case BaseType(), _:
            _check_base_value(type_, value, where)
        case ListType(element=element) | SetType(element=element), ConstList(items=items):
            for item in items:
                _check_value(element, type_home, item, home, where)
        case MapType(), ConstMap(items=entries):
            for key, item in entries:
                _check_value(type_.key, type_home, key, home, where)
                _check_value(type_.value, type_home, item, home, where)
        case NamedType(), _:
            _check_named_value(find(type_home, type_), type_, value, home, where)
        case _:
            raise _mismatch(type_, value, where)


def _check_base_value(type_: BaseType, value: ConstValue, where: Location) -> None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    match type_.name:
        case "bool":
            fits = isinstance(value, bool) or value in (0, 1)
        case "double":
            fits = is_number or isinstance(value, float)
        case "string" | "binary":
            fits = isinstance(value, str)
        case name:
            fits = is_number and _fits(int(value), name)  # pyright: ignore[reportArgumentType]
    if not fits:
        raise _mismatch(type_, value, where)


def _check_named_value(found: Found, type_: NamedType, value: ConstValue, home: Document, where: Location) -> None:
    match found.definition, value:
        case EnumDefinition(members=members), int() if not isinstance(value, bool):
            if value not in {member.value for member in members}:
                raise where.error(f"expected a number of {type_.name}, not {value}")
        case StructDefinition(fields=fields), ConstMap(items=entries):
            known = {field.name: field for field in fields}
            for key, item in entries:
                if not isinstance(key, str) or key not in known:
                    raise where.error(f"expected a field of {type_.name}, not {_describe_value(key)}")
                _check_value(known[key].type, found.document, item, home, where)
        case _:
            raise _mismatch(type_, value, where)


def _mismatch(type_: Type, value: ConstValue, where: Location) -> Exception:
    return where.error(f"expected {describe(type_)}, not {_describe_value(value)}")


def _fits(value: int, name: str) -> bool:
    half = 1 << (_BITS[name] - 1)
    return -half <= value < half


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
