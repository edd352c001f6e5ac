"""A Thrift file as values: what was written, with names resolved and nothing lost but layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from thriftwire.errors import IDLError

Annotations: TypeAlias = Mapping[str, str]

BASE_TYPES: Final = frozenset({"bool", "byte", "i8", "i16", "i32", "i64", "double", "string", "binary"})


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was written; line and column count from 1."""

    file: str = "<text>"
    line: int = 1
    column: int = 1

    def error(self, message: str) -> IDLError:
        """The error to raise for what stands here."""
        return IDLError(message, file=self.file, line=self.line, column=self.column)


NOWHERE: Final = Location()


class Requiredness(Enum):
    """Whether a field must be there."""

    REQUIRED = "required"
    DEFAULT = ""  # always written; its default, or the zero value, when it does not come
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseType:
    """``bool``, ``i8`` (also written ``byte``), ``i16``, ``i32``, ``i64``, ``double``, ``string`` or ``binary``."""

    name: str
    annotations: Annotations = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListType:
    """``list<element>``."""

    element: Type
    annotations: Annotations = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class SetType:
    """``set<element>``."""

    element: Type
    annotations: Annotations = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class MapType:
    """``map<key, value>``."""

    key: Type
    value: Type
    annotations: Annotations = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType:
    """A type by name: ``Message``, or ``message.Message`` from an include."""

    name: str
    where: Location = field(default=NOWHERE, compare=False)
    annotations: Annotations = field(default_factory=dict[str, str])


Type: TypeAlias = BaseType | ListType | SetType | MapType | NamedType


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstReference:
    """A constant or an enum member by name: ``LIMIT``, ``Color.RED``, ``base.Color.RED``."""

    name: str
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstList:
    """``[a, b]``: the value of a list or a set."""

    items: tuple[ConstValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstMap:
    """``{a: b}``: the value of a map or a struct."""

    items: tuple[tuple[ConstValue, ConstValue], ...]


ConstValue: TypeAlias = bool | int | float | str | ConstReference | ConstList | ConstMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a struct, one argument, or one exception a function throws."""

    id: int
    name: str
    type: Type
    requiredness: Requiredness = Requiredness.DEFAULT
    default: ConstValue | None = None
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typedef:
    """Another name for a type."""

    name: str
    type: Type
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumMember:
    """A named number of an enum."""

    name: str
    value: int
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumDefinition:
    """Named numbers; i32 on the wire."""

    name: str
    members: tuple[EnumMember, ...]
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


class StructKind(Enum):
    """The word a struct-shaped definition begins with."""

    STRUCT = "struct"
    UNION = "union"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class StructDefinition:
    """A struct, a union (exactly one field is set) or an exception."""

    name: str
    kind: StructKind
    fields: tuple[Field, ...]
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A named value."""

    name: str
    type: Type
    value: ConstValue
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One method of a service; ``returns`` is None for void."""

    name: str
    returns: Type | None
    arguments: tuple[Field, ...]
    throws: tuple[Field, ...] = ()
    oneway: bool = False
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDefinition:
    """A service; ``extends`` names the one whose functions it also has."""

    name: str
    functions: tuple[Function, ...]
    extends: str = ""
    annotations: Annotations = field(default_factory=dict[str, str])
    doc: str = ""
    where: Location = field(default=NOWHERE, compare=False)


Definition: TypeAlias = Typedef | EnumDefinition | StructDefinition | Constant | ServiceDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """``include "dir/base.thrift"``: its names are reached as ``base.Name``. ``document`` is None until loaded."""

    path: str
    alias: str
    document: Document | None = None
    where: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: its includes and definitions in the order written."""

    file: str
    doc: str = ""
    namespaces: Annotations = field(default_factory=dict[str, str])
    includes: tuple[Include, ...] = ()
    definitions: tuple[Definition, ...] = ()

    @property
    def package(self) -> str:
        """The namespace that gRPC paths carry: Go's, else the one for every language."""
        return self.namespaces.get("go", self.namespaces.get("*", ""))

    def services(self) -> Iterator[ServiceDefinition]:
        """The services defined here."""
        return (item for item in self.definitions if isinstance(item, ServiceDefinition))

    def included(self, alias: str) -> Document | None:
        """The loaded file whose names are reached through ``alias``."""
        return next((item.document for item in self.includes if item.alias == alias), None)

    def find(self, name: str) -> Found | None:
        """What ``name`` stands for, here or in an included file; None when nothing does."""
        for item in self.definitions:
            if item.name == name:
                return Found(document=self, definition=item)
        alias, _, rest = name.rpartition(".")
        included = self.included(alias)
        return included.find(rest) if included is not None and rest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A definition and the file it stands in, in whose terms its own names are to be read."""

    document: Document
    definition: Definition
