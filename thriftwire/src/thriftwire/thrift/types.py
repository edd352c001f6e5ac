"""What generated code is made of: Thrift's types as annotations that msgspec and the binary codec both read.

A generated struct is a `msgspec.Struct` whose fields say their Thrift number and, where Python's type does not tell,
their Thrift type:

    class Model(Struct, kw_only=True):
        id: Annotated[str, Field(1, required=True)]
        size: Annotated[I32 | None, Field(2)] = None
        tags: Annotated[list[str], Field(3)] = default([])

In JSON an optional field that is absent is left out, every other field is always written, and an unknown field is
an error.
"""

from __future__ import annotations

import copy
import inspect
import itertools
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, cast, dataclass_transform

import msgspec
from msgspec import Meta, Raw, field

__all__ = [
    "I8",
    "I16",
    "I32",
    "I64",
    "DeclaredException",
    "Enum",
    "Field",
    "Meta",
    "OptionalRaw",
    "Raw",
    "Struct",
    "Union",
    "Variants",
    "Wire",
    "default",
    "field",
]

T = TypeVar("T")

if TYPE_CHECKING:
    OptionalRaw: TypeAlias = Raw | None
else:
    OptionalRaw = Annotated[Raw, "optional"]  # msgspec reads `Raw | None` as None alone
"""Any JSON value, or absent; a JSON null is a value."""


class Field:
    """A field's Thrift number, whether it must come, and its IDL annotations."""

    __slots__ = ("annotations", "id", "required")

    def __init__(self, id: int, *, required: bool = False, annotations: Mapping[str, str] | None = None) -> None:
        self.id, self.required, self.annotations = id, required, annotations or {}

    def __repr__(self) -> str:
        return f"Field({self.id})"


class Wire:
    """The Thrift type of a Python type that has several: an integer's width, ``set`` or ``map`` of a list."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Wire({self.name!r})"


class Variants:
    """The members of a union written as a Python union: name and Thrift number, in the order of the union."""

    __slots__ = ("members", "name")

    def __init__(self, name: str, /, **members: int) -> None:
        self.name, self.members = name, members


I8 = Annotated[int, Wire("i8"), Meta(ge=-(2**7), le=2**7 - 1)]
I16 = Annotated[int, Wire("i16"), Meta(ge=-(2**15), le=2**15 - 1)]
I32 = Annotated[int, Wire("i32"), Meta(ge=-(2**31), le=2**31 - 1)]
I64 = Annotated[int, Wire("i64"), Meta(ge=-(2**63), le=2**63 - 1)]


def default(value: T, *, name: str | None = None) -> T:
    """A field's default that is always written to JSON (as ``name``, if given); what is mutable is copied."""
    make: Callable[[], Any]
    if isinstance(value, str | bytes | int | float | Raw):
        make = itertools.repeat(value).__next__  # not `msgspec.field(default=...)`, which `omit_defaults` leaves out
    elif isinstance(value, list | dict) and not value:
        make = value.copy  # nor the bare `list`, for the same reason
    else:
        make = partial(copy.deepcopy, value)
    return cast("T", field(default_factory=make, name=name))


class Struct(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The base of generated structs."""


class Union(Struct):
    """The base of generated unions whose members are not distinct structs: exactly one field is set."""

    def __post_init__(self) -> None:
        given = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"expected exactly one field of {type(self).__name__}, not {', '.join(given) or 'none'}")


class Enum(IntEnum):
    """The base of generated enums. A number that a newer peer added is kept, as a member named ``UNKNOWN_n``."""

    @classmethod
    def _missing_(cls, value: object) -> Enum | None:
        if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member


@dataclass_transform(eq_default=False, kw_only_default=True, field_specifiers=(msgspec.field,))
class DeclaredException(Exception):
    """The base of generated exceptions: what a method ``throws``, with fields like a struct's, given by keyword."""

    __fields__: Mapping[str, Any] = {}

    def __init_subclass__(cls) -> None:
        fields = dict(cls.__fields__)
        for name in inspect.get_annotations(cls):
            fields[name] = cls.__dict__.get(name, field())
            if name in cls.__dict__:
                delattr(cls, name)
        cls.__fields__ = fields

    def __init__(self, **values: Any) -> None:
        for name, given in self.__fields__.items():
            value = values.pop(name) if name in values else _default_of(given)
            if value is msgspec.NODEFAULT:
                raise TypeError(f"missing required argument {name!r}")
            setattr(self, name, value)
        if values:
            raise TypeError(f"unexpected keyword argument {next(iter(values))!r}")
        super().__init__()

    def __str__(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__fields__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__reduce__() == other.__reduce__()

    __hash__ = Exception.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {name: getattr(self, name) for name in self.__fields__})


def _rebuild(cls: type[DeclaredException], values: Mapping[str, Any]) -> DeclaredException:
    return cls(**values)


def _default_of(given: Any) -> Any:
    """A field's default; `msgspec.NODEFAULT` when it has none."""
    factory = getattr(given, "default_factory", msgspec.NODEFAULT)
    return getattr(given, "default", given) if factory is msgspec.NODEFAULT else factory()
