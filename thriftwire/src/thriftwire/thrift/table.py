"""Field tables: what a Python type looks like in Thrift Binary, read once from its annotations."""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Raw

from thriftwire.thrift import types as thrift_types
from thriftwire.thrift.types import DeclaredException, Field, Struct, Union, Variants, Wire

BOOL, I8, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST = 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15
"""The type codes of Thrift Binary."""

CODES: Final = {"bool": BOOL, "i8": I8, "double": DOUBLE, "i16": I16, "i32": I32, "i64": I64}
FORMATS: Final = {"bool": "?", "i8": "b", "double": "d", "i16": "h", "i32": "i", "i64": "q", "enum": "i"}
SIZES: Final = {"bool": 1, "i8": 1, "double": 8, "i16": 2, "i32": 4, "i64": 8, "enum": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A value without parts.

    ``name`` is a Thrift base type, or ``enum`` (``values`` by number), ``literal`` (``values`` by their UTF-8 text)
    or ``json`` (a string that holds JSON text).
    """

    name: str
    code: int
    python: Any
    values: Mapping[Any, Any] = field(default_factory=dict[Any, Any])

    def __str__(self) -> str:
        return self.python.__name__ if self.name == "enum" else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list or a set; ``python`` is what it is in Python (a set of unhashable elements is a list)."""

    code: int
    element: Shape
    python: type[list[Any] | set[Any]]

    def __str__(self) -> str:
        return f"{'list' if self.code == LIST else 'set'}<{self.element}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A map; in Python a dict, or a list of pairs when its keys cannot be a dict's."""

    key: Shape
    value: Shape
    pairs: bool
    code: int = MAP

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


class Presence(Enum):
    """What a field's absence means."""

    REQUIRED = "required"  # on the wire: an error
    DEFAULT = "default"  # on the wire: the default; always written
    OPTIONAL = "optional"  # None, which is not written


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A field of a table. ``default`` makes what stands in for it on the wire."""

    id: int
    name: str  # in the IDL and in JSON
    attribute: str  # in Python
    shape: Shape
    presence: Presence
    default: Callable[[], Any] | None = None
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def header(self) -> bytes:
        """The three bytes before the field's value."""
        return bytes([self.shape.code]) + self.id.to_bytes(2, "big")


class Kind(Enum):
    """How a table's value looks in Python."""

    STRUCT = "struct"
    UNION = "union"  # a struct with exactly one field that is not None
    VARIANTS = "variants"  # an instance of one member's class
    TUPLE = "tuple"  # the members' values in order: arguments, results


@dataclass(slots=True, kw_only=True, eq=False)
class Table:
    """A struct: its members in the order of their numbers. ``python`` is None for tuples and variants."""

    name: str
    kind: Kind
    members: tuple[Member, ...] = ()
    python: type[Any] | None = None
    code: int = STRUCT

    def __str__(self) -> str:
        return self.name


Shape: TypeAlias = Scalar | Sequence | Mapped | Table

_PLAIN: Final[Mapping[Any, Scalar]] = {
    bool: Scalar(name="bool", code=BOOL, python=bool),
    float: Scalar(name="double", code=DOUBLE, python=float),
    str: Scalar(name="string", code=STRING, python=str),
    bytes: Scalar(name="binary", code=STRING, python=bytes),
    Raw: Scalar(name="json", code=STRING, python=Raw),
}
_INTEGERS: Final = {name: Scalar(name=name, code=CODES[name], python=int) for name in ("i8", "i16", "i32", "i64")}
_tables: Final[dict[object, Table]] = {}
_building: Final[ContextVar[dict[object, Table] | None]] = ContextVar("thriftwire.thrift.table", default=None)
_marks: Final[list[Variants]] = []


def table_of(cls: type[Any]) -> Table:
    """The table of a generated struct, union or exception. Raises TypeError when it is none."""
    if (known := _tables.get(cls)) is not None:
        return known
    if not issubclass(cls, Struct | DeclaredException):
        raise TypeError(f"expected a generated Thrift struct, not {cls!r}")
    return _whole(cls, lambda building: _build(cls, building))


def _whole(key: object, make: Callable[[dict[object, Table]], Table]) -> Table:
    """The table of ``key``, seen by nobody before it is whole; inside another's making, what there is of it so far."""
    if (outer := _building.get()) is not None:
        return outer.get(key) or make(outer)
    building: dict[object, Table] = {}
    token = _building.set(building)
    try:
        make(building)
    finally:
        _building.reset(token)
    for built, table in building.items():
        _tables.setdefault(built, table)  # of two threads the first wins
    return _tables[key]


def _build(cls: type[Any], building: dict[object, Table]) -> Table:
    kind = Kind.UNION if issubclass(cls, Union) else Kind.STRUCT
    table = building[cls] = Table(name=cls.__name__, kind=kind, python=cls)
    table.members = _in_order(_members(cls))
    return table


def _in_order(members: list[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.id))


def _members(cls: type[Any]) -> list[Member]:
    hints = get_type_hints(cls, include_extras=True)
    defaults = _defaults(cls)
    return [
        _member(f"{cls.__name__}.{attribute}", name, attribute, hints[attribute], make)
        for attribute, (name, make) in defaults.items()
    ]


def _defaults(cls: type[Any]) -> dict[str, tuple[str, Callable[[], Any] | None]]:
    """Each attribute's name in the IDL, and what makes its default."""
    if issubclass(cls, msgspec.Struct):
        return {item.name: (item.encode_name, _factory(item)) for item in msgspec.structs.fields(cls)}
    found: dict[str, tuple[str, Callable[[], Any] | None]] = {}
    for name, given in cls.__fields__.items():
        found[name] = (getattr(given, "name", None) or name, _factory(given))
    return found


def _factory(item: Any) -> Callable[[], Any] | None:
    if (factory := getattr(item, "default_factory", NODEFAULT)) is not NODEFAULT:
        return factory
    if (value := getattr(item, "default", NODEFAULT)) is not NODEFAULT:
        return lambda: value
    return None


def _member(where: str, name: str, attribute: str, hint: Any, make: Callable[[], Any] | None) -> Member:
    inner, marks = _unwrap(hint)
    mark = next((item for item in marks if isinstance(item, Field)), None)
    if mark is None:
        raise TypeError(f"{where}: expected an annotation with Field(number), not {hint!r}")
    bare, optional = _optional(inner, marks)
    shape = shape_of(bare, tuple(item for item in marks if isinstance(item, Wire | Variants)), where=where)
    if optional:
        presence = Presence.OPTIONAL
    else:
        presence = Presence.REQUIRED if mark.required or make is None else Presence.DEFAULT
    return Member(
        id=mark.id,
        name=name,
        attribute=attribute,
        shape=shape,
        presence=presence,
        default=make,
        annotations=mark.annotations,
    )


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is typing.Annotated:
        inner, *marks = get_args(hint)
        return inner, tuple(marks)
    return hint, ()


def _optional(hint: Any, marks: tuple[Any, ...] = ()) -> tuple[Any, bool]:
    """The type without its ``| None``, and whether it had one."""
    if hint is Raw and "optional" in marks:
        return hint, True
    if get_origin(hint) in (typing.Union, types.UnionType):
        rest = [item for item in get_args(hint) if item is not type(None)]
        if len(rest) < len(get_args(hint)):
            return typing.Union[tuple(rest)], True  # noqa: UP007 - built, not written
    return hint, False


def shape_of(hint: Any, marks: tuple[Any, ...] = (), *, where: str = "") -> Shape:
    """What a Python type is in Thrift. Raises TypeError when it is nothing."""
    inner, more = _unwrap(hint)
    marks = (*more, *marks)
    for mark in marks:
        if isinstance(mark, Variants):
            return _variants_table(inner, mark, where)
        if isinstance(mark, Wire) and mark.name in _INTEGERS and inner is int:
            return _INTEGERS[mark.name]
    if (scalar := _scalar(inner)) is not None:
        return scalar
    if isinstance(inner, type) and get_origin(inner) is None:
        return table_of(inner)
    wire = next((mark.name for mark in marks if isinstance(mark, Wire)), "")
    return _container(inner, wire, where)


def _scalar(hint: Any) -> Scalar | None:
    if get_origin(hint) is Literal:
        values = {str(value).encode(): value for value in get_args(hint)}
        return Scalar(name="literal", code=STRING, python=str, values=values)
    if isinstance(hint, type) and issubclass(hint, thrift_types.Enum):
        values = {member.value: member for member in hint}
        return Scalar(name="enum", code=I32, python=hint, values=values)
    return _PLAIN.get(hint) if isinstance(hint, type) and get_origin(hint) is None else None


def _container(hint: Any, wire: str, where: str) -> Sequence | Mapped:
    origin, parameters = get_origin(hint), get_args(hint)
    if origin is list and wire == "map":
        key, value = get_args(parameters[0])
        return Mapped(key=shape_of(key, where=where), value=shape_of(value, where=where), pairs=True)
    if origin is dict:
        key, value = parameters
        return Mapped(key=shape_of(key, where=where), value=shape_of(value, where=where), pairs=False)
    if origin in (list, set):
        code = LIST if origin is list and wire != "set" else SET
        return Sequence(code=code, element=shape_of(parameters[0], where=where), python=origin)
    raise TypeError(f"{where}: {hint!r} has no Thrift type")


def _variants_table(hint: Any, mark: Variants, where: str) -> Table:
    key = ("variants", id(mark))
    if (known := _tables.get(key)) is not None:
        return known
    _marks.append(mark)  # an id names a mark only while the mark lives

    def make(building: dict[object, Table]) -> Table:
        table = building[key] = Table(name=mark.name, kind=Kind.VARIANTS)
        table.members = _in_order(
            [
                Member(
                    id=number, name=name, attribute=name, shape=shape_of(cls, where=where), presence=Presence.OPTIONAL
                )
                for (name, number), cls in zip(mark.members.items(), get_args(hint), strict=True)
            ]
        )
        return table

    return _whole(key, make)


def tuple_table(name: str, fields: Mapping[int, tuple[Any, ...]], presence: Presence) -> Table:
    """The table of a method's arguments or results, whose value is a tuple of theirs in the order given.

    A field is its name, its type and, if it has one, the default that stands in when it does not come.
    """
    members: list[Member] = []
    for number, (label, hint, *given) in fields.items():
        bare, optional = _optional(*_unwrap(hint))
        shape = shape_of(bare if optional else hint, where=f"{name}.{label}")
        make = None
        if given:
            make = partial(copy.deepcopy, given[0])
        elif presence is Presence.DEFAULT and not optional and _has_zero(shape):
            make = partial(zero, shape)
        known = Presence.OPTIONAL if optional else presence
        members.append(Member(id=number, name=label, attribute=label, shape=shape, presence=known, default=make))
    return Table(name=name, kind=Kind.TUPLE, members=tuple(members))


def zero(shape: Shape) -> Any:
    """What stands for an argument that did not come. Raises TypeError for a struct with required fields."""
    match shape:
        case Scalar(name="json"):
            return Raw(b"null")
        case Scalar(name="enum"):
            return shape.python(0)
        case Mapped():
            return [] if shape.pairs else {}
        case Scalar() | Sequence() | Table():
            return shape.python() if shape.python is not None else None


def _has_zero(shape: Shape) -> bool:
    match shape:
        case Scalar():
            return shape.name != "literal"
        case Table():
            return shape.kind is Kind.STRUCT
        case Sequence() | Mapped():
            return True


def reachable(shape: Shape) -> list[Table]:
    """Every table that values of the shape can hold, itself first."""
    found: dict[int, Table] = {}
    waiting: list[Shape] = [shape]
    while waiting:
        match waiting.pop():
            case Table() as table:
                if id(table) not in found:
                    found[id(table)] = table
                    waiting += [member.shape for member in table.members]
            case Sequence(element=element):
                waiting.append(element)
            case Mapped(key=key, value=value):
                waiting += [key, value]
            case Scalar():
                pass
    return list(found.values())
