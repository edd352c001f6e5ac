"""The names of one generated file: what it defines, what it imports, and how types are written in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final

from thriftwire.thrift.check import find
from thriftwire.thrift.document import (
    Annotations,
    BaseType,
    Definition,
    Document,
    Found,
    ListType,
    MapType,
    NamedType,
    SetType,
    Type,
)
from thriftwire.thrift.generate.layout import Node, call, chain, subscript
from thriftwire.thrift.generate.layout import string as literal
from thriftwire.thrift.meaning import JSON_TYPE, VALUES, is_hashable, is_json, string_annotations
from thriftwire.thrift.names import safe

TYPES: Final = "thriftwire.thrift.types"
METHODS: Final = "thriftwire.thrift.methods"
SERVICE: Final = "thriftwire.service"

OWN: Final = frozenset(
    {
        *("Annotated", "AsyncGenerator", "AsyncIterator", "Final", "Literal", "Protocol", "TypeAlias"),
        *("DeclaredException", "Enum", "Field", "Meta", "OptionalRaw", "Raw", "Struct", "Union", "Variants", "Wire"),
        *("I8", "I16", "I32", "I64", "Mode", "default", "field", "method", "service"),
        *("bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"),
    }
)
"""Names that generated files use themselves; what the IDL calls so gets a trailing underscore."""

_BASE: Final = {"bool": "bool", "double": "float", "string": "str", "binary": "bytes"}


def module_name(file: str) -> str:
    """The Python module for a Thrift file."""
    return safe(PurePosixPath(file).stem.replace(".", "_").replace("-", "_"))


def python_name(item: Definition) -> str:
    """A definition's name in Python."""
    return safe(item.name, OWN)


class Scope:
    """One file's names. Imports gather while definitions are rendered."""

    def __init__(self, document: Document, *, wrap_unions: bool = False) -> None:
        self.document, self.wrap_unions = document, wrap_unions
        self.imports: dict[str, set[str]] = {}
        self._defined = frozenset(python_name(item) for item in document.definitions)
        self._needs: set[str] = set()

    def use(self, module: str, name: str) -> str:
        """Import a name; the value is the name."""
        self.imports.setdefault(module, set()).add(name)
        return name

    @contextmanager
    def needing(self) -> Iterator[set[str]]:
        """Collect the names of this file that are written inside."""
        outer, self._needs = self._needs, set()
        try:
            yield self._needs
        finally:
            self._needs = outer | self._needs

    def name(self, found: Found, wanted: str = "") -> str:
        """How a definition (or ``wanted``, which its file derives from it) is called here."""
        wanted = wanted or python_name(found.definition)
        if found.document is self.document:
            self._needs.add(wanted)
            return wanted
        module = module_name(found.document.file)
        elsewhere = (names for other, names in self.imports.items() if other != f".{module}")
        if wanted in self._defined or any(wanted in names for names in elsewhere):
            self.use(f".{module}", f"{wanted} as {module}_{wanted}")
            return f"{module}_{wanted}"
        return self.use(f".{module}", wanted)

    def type(self, type_: Type, annotations: Annotations) -> Node:
        """A type as an annotation."""
        if {JSON_TYPE, VALUES} & {**type_.annotations, **annotations}.keys():
            special = string_annotations(self.document, type_, annotations)
            if special.get(JSON_TYPE) == "json":
                return self.use(TYPES, "Raw")
            if VALUES in special:
                return subscript(self.use("typing", "Literal"), *map(literal, special[VALUES].split()))
        match type_:
            case BaseType():
                return _BASE.get(type_.name) or self.use(TYPES, type_.name.upper())
            case NamedType():
                return self.name(find(self.document, type_))
            case ListType():
                return subscript("list", self.type(type_.element, {}))
            case SetType():
                return self._set(type_)
            case MapType():
                return self._map(type_)

    def optional(self, type_: Type, annotations: Annotations) -> Node:
        """A type that may be absent."""
        if is_json(self.document, type_, annotations):
            return self.use(TYPES, "OptionalRaw")
        return chain(self.type(type_, annotations), " | None")

    def _set(self, type_: SetType) -> Node:
        element = self.type(type_.element, {})
        if is_hashable(self.document, type_.element):
            return subscript("set", element)
        return self._wire("set", subscript("list", element))

    def _map(self, type_: MapType) -> Node:
        key, value = self.type(type_.key, {}), self.type(type_.value, {})
        if is_hashable(self.document, type_.key):
            return subscript("dict", key, value)
        return self._wire("map", subscript("list", subscript("tuple", key, value)))

    def _wire(self, name: str, type_: Node) -> Node:
        return subscript(self.use("typing", "Annotated"), type_, call(self.use(TYPES, "Wire"), literal(name)))


def words(document: Document, types: Iterable[Type]) -> frozenset[str]:
    """Names that cannot be attributes of a class whose annotations are these types."""
    return OWN | {name for type_ in types for name in _words(document, type_)}


def _words(document: Document, type_: Type) -> Iterator[str]:
    match type_:
        case NamedType():
            yield python_name(find(document, type_).definition)
        case ListType() | SetType():
            yield from _words(document, type_.element)
        case MapType():
            yield from _words(document, type_.key)
            yield from _words(document, type_.value)
        case BaseType():
            pass
