"""The source of encoders: a function per table that appends the pieces of a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Any, Final

from thriftwire.thrift.jsontext import write_json
from thriftwire.thrift.lines import Lines
from thriftwire.thrift.skip import MAX_DEPTH
from thriftwire.thrift.table import FORMATS, Kind, Mapped, Member, Presence, Scalar, Sequence, Shape, Table

ARRAYS: Final = frozenset({"i8", "i16", "i32", "i64", "double"})
"""Elements whose lists are written and read by one ``struct`` call."""


class WriterSource:
    """Writes the source of one encoder: ``def write_n(v, a, d)``, of a value, an append function and a depth."""

    def __init__(self, lines: Lines, writers: Mapping[int, str]) -> None:
        self._lines, self._writers = lines, writers
        self._run: list[tuple[str, bytes | str]] = []  # what is to be packed next: format, and bytes or an expression

    def write(self, table: Table) -> None:
        """Define the encoder of ``table``."""
        lines = self._lines
        with lines.block(f"def {self._writers[id(table)]}(v, a, d):"):
            lines.add(f"if d > {MAX_DEPTH}: raise ValueError")
            match table.kind:
                case Kind.VARIANTS:
                    self._variants(table)
                case Kind.TUPLE:
                    lines.add(f"if v.__class__ is not tuple or len(v) != {len(table.members)}: raise TypeError")
                    self._members(table, [f"v[{index}]" for index in range(len(table.members))])
                case Kind.STRUCT | Kind.UNION:
                    cls = lines.constant("cls", table.python)
                    lines.add(f"if v.__class__ is not {cls} and not isinstance(v, {cls}): raise TypeError")
                    self._members(table, [f"v.{member.attribute}" for member in table.members])

    def _variants(self, table: Table) -> None:
        """The value's class tells which member it is."""
        lines = self._lines
        for member in table.members:
            if not isinstance(member.shape, Table):
                raise TypeError(f"{table.name}.{member.name} is no struct")
            with lines.block(f"if v.__class__ is {lines.constant('cls', member.shape.python)}:"):
                lines.add(f"a({member.header!r})", f"{self._writers[id(member.shape)]}(v, a, d + 1)", "a(b'\\0')")
                lines.add("return")
        lines.add("raise TypeError")

    def _members(self, table: Table, values: Iterable[str]) -> None:
        lines = self._lines
        is_union = table.kind is Kind.UNION
        if is_union:
            lines.add("k = 0")
        for member, value in zip(table.members, values, strict=True):
            name = lines.fresh("x")
            lines.add(f"{name} = {value}")
            if member.presence is not Presence.OPTIONAL:
                self._field(member, name)
                continue
            self._flush()
            with lines.block(f"if {name} is not None:"):
                if is_union:
                    lines.add("k += 1")
                self._field(member, name)
                self._flush()
        if is_union:
            lines.add("if k != 1: raise ValueError")
        self._run.append(("s", b"\0"))
        self._flush()

    def _field(self, member: Member, name: str) -> None:
        self._run.append(("3s", member.header))
        self._value(member.shape, name, "d + 1")

    def _flush(self) -> None:
        """Pack what is pending, in one call; constants alone are packed here and now."""
        run, self._run = self._run, []
        if not run:
            return
        packer = Struct(">" + "".join(code for code, _ in run))
        if all(isinstance(value, bytes) for _, value in run):
            self._lines.add(f"a({packer.pack(*(value for _, value in run))!r})")
            return
        arguments = ", ".join(value if isinstance(value, str) else repr(value) for _, value in run)
        self._lines.add(f"a({self._lines.constant('pack', packer.pack)}({arguments}))")

    def _value(self, shape: Shape, name: str, depth: str) -> None:
        match shape:
            case Scalar():
                self._scalar(shape, name)
            case Table():
                self._flush()
                self._lines.add(f"{self._writers[id(shape)]}({name}, a, {depth})")
            case Sequence():
                self._sequence(shape, name, depth)
            case Mapped():
                self._map(shape, name, depth)

    def _scalar(self, shape: Scalar, name: str) -> None:
        lines = self._lines
        match shape.name:
            case "bool":
                lines.add(f"if {name} is not True and {name} is not False: raise TypeError")
                self._run.append(("?", name))
            case "enum":
                lines.add(f"if {name}.__class__ is not {lines.constant('enum', shape.python)}: raise TypeError")
                self._run.append(("i", name))
            case "literal":
                self._flush()
                lines.add(f"a({lines.constant('literal', _sized(shape.values))}[{name}])")
            case "string":
                self._text(f"{name}.encode()")
            case "json":
                self._text(f"{lines.known('write_json', write_json)}({name})")
            case "binary":
                lines.add(f"if {name}.__class__ is not bytes: raise TypeError")
                self._text(name)
            case number:
                self._run.append((FORMATS[number], name))

    def _text(self, expression: str) -> None:
        text = self._lines.fresh("b")
        self._lines.add(f"{text} = {expression}")
        self._run.append(("I", f"len({text})"))
        self._flush()
        self._lines.add(f"a({text})")

    def _sequence(self, shape: Sequence, name: str, depth: str) -> None:
        lines, element = self._lines, shape.element
        classes = "(list, tuple)" if shape.python is list else "(set, frozenset)"
        lines.add(f"if not isinstance({name}, {classes}) or {depth} > {MAX_DEPTH}: raise TypeError")
        self._run += [("s", bytes([element.code])), ("I", f"len({name})")]
        self._flush()
        if isinstance(element, Scalar) and element.name in ARRAYS:
            array = lines.known("write_array", _write_array)
            lines.add(f"a({array}({FORMATS[element.name]!r}, {name}))")
            return
        item = lines.fresh("i")
        with lines.block(f"for {item} in {name}:"):
            self._value(element, item, f"{depth} + 1")
            self._flush()

    def _map(self, shape: Mapped, name: str, depth: str) -> None:
        lines = self._lines
        kind, items = ("list", name) if shape.pairs else ("dict", f"{name}.items()")
        lines.add(f"if not isinstance({name}, {kind}) or {depth} > {MAX_DEPTH}: raise TypeError")
        self._run += [("2s", bytes([shape.key.code, shape.value.code])), ("I", f"len({name})")]
        self._flush()
        key, value = lines.fresh("k"), lines.fresh("i")
        with lines.block(f"for {key}, {value} in {items}:"):
            self._value(shape.key, key, f"{depth} + 1")
            self._value(shape.value, value, f"{depth} + 1")
            self._flush()


def _sized(values: Mapping[bytes, Any]) -> dict[Any, bytes]:
    """The words of a closed set as they are written."""
    return {value: len(text).to_bytes(4, "big") + text for text, value in values.items()}


def _write_array(code: str, values: Iterable[Any]) -> bytes:
    items = tuple(values)
    return Struct(f">{len(items)}{code}").pack(*items)
