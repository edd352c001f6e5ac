"""The source of decoders: a function per table that reads a value from bytes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from struct import Struct
from typing import Any, Final, TypeAlias

from thriftwire.thrift.jsontext import read_json
from thriftwire.thrift.lines import Lines
from thriftwire.thrift.skip import MAX_DEPTH, SMALLEST, size_at, skip
from thriftwire.thrift.table import FORMATS, SIZES, Kind, Mapped, Member, Presence, Scalar, Sequence, Shape, Table
from thriftwire.thrift.types import Enum
from thriftwire.thrift.writers import ARRAYS

_MISSING: Final = object()
_SIZES: Final = {FORMATS[name]: size for name, size in SIZES.items()}

_Pair: TypeAlias = tuple[Member, str]  # and the name of the variable that holds its value


class ReaderSource:
    """Writes the source of one decoder: ``def read_n(b, p, e, d)``, of bytes, a position, the end and a depth.

    The decoder goes through the fields in their order, comparing the next header ``h`` with each; when the bytes come
    in the order we write them, one pass reads everything. A pass that ends at a header it does not know skips it; a
    field out of order is met on the next pass.
    """

    def __init__(self, lines: Lines, readers: Mapping[int, str]) -> None:
        self._lines, self._readers = lines, readers
        self._skip, self._size = lines.known("skip", skip), lines.known("size_at", size_at)
        self._missing = lines.known("missing", _MISSING)

    def write(self, table: Table) -> None:
        """Define the decoder of ``table``."""
        lines = self._lines
        pairs = [(member, lines.fresh("x")) for member in table.members]
        with lines.block(f"def {self._readers[id(table)]}(b, p, e, d):"):
            lines.add(f"if d > {MAX_DEPTH}: raise ValueError")
            for member, name in pairs:
                lines.add(f"{name} = {self._initial(member)}")
            headers = lines.constant("headers", frozenset(member.header for member in table.members))
            with lines.block("while True:"):
                lines.add("h = b[p:p + 3]")
                self._pass(pairs)
                with lines.block("if b[p] == 0:"):
                    lines.add("p += 1", "break")
                with lines.block(f"if h not in {headers}:"):
                    lines.add(f"p = {self._skip}(b, p + 3, e, b[p], d + 1)")
            self._finish(table, pairs)

    # Fields

    def _initial(self, member: Member) -> str:
        """What the variable holds before anything came: an immutable default, or ``missing``."""
        if member.presence is Presence.OPTIONAL and member.default is None:
            return "None"
        if member.presence is Presence.REQUIRED or member.default is None or isinstance(member.shape, Table):
            return self._missing
        value = member.default()
        if isinstance(value, str | bytes | int | float | Enum | None):
            return self._lines.constant("given", value)
        return self._missing

    def _finish(self, table: Table, pairs: list[_Pair]) -> None:
        lines = self._lines
        for member, name in pairs:
            if self._initial(member) == self._missing:
                with lines.block(f"if {name} is {self._missing}:"):
                    if member.presence is Presence.REQUIRED or member.default is None:
                        lines.add("raise ValueError")
                    else:
                        lines.add(f"{name} = {lines.constant('make', member.default)}()")
        match table.kind:
            case Kind.STRUCT | Kind.UNION:
                arguments = ", ".join(f"{member.attribute}={name}" for member, name in pairs)
                lines.add(f"return {lines.constant('cls', table.python)}({arguments}), p")
            case Kind.TUPLE:
                lines.add(f"return ({''.join(f'{name}, ' for _, name in pairs)}), p")
            case Kind.VARIANTS:
                lines.add(f"v = {self._missing}")
                for _, name in pairs:
                    with lines.block(f"if {name} is not None:"):
                        lines.add(f"if v is not {self._missing}: raise ValueError", f"v = {name}")
                lines.add(f"if v is {self._missing}: raise ValueError", "return v, p")

    def _pass(self, pairs: list[_Pair]) -> None:
        """The fields in order; where several of fixed size follow each other, they are first tried as one."""
        for is_fixed, group in groupby(pairs, _is_fixed):
            run = list(group)
            if is_fixed and len(run) > 1:
                self._fixed_run(run)
            for member, name in run:
                self._member(member, name)

    def _fixed_run(self, run: list[_Pair]) -> None:
        lines = self._lines
        codes = ["B" if str(member.shape) == "bool" else FORMATS[str(member.shape)] for member, _ in run]
        unpacker = Struct(">" + "".join(f"3s{code}" for code in codes))
        heads = [lines.fresh("h") for _ in run]
        values = [lines.fresh("t") for _ in run]
        with lines.block(f"if h == {run[0][0].header!r} and p + {unpacker.size} <= e:"):
            targets = ", ".join(f"{head}, {value}" for head, value in zip(heads, values, strict=True))
            lines.add(f"{targets} = {lines.constant('unpack', unpacker.unpack_from)}(b, p)")
            others = zip(heads[1:], run[1:], strict=True)
            with lines.block(f"if {' and '.join(f'{head} == {member.header!r}' for head, (member, _) in others)}:"):
                for (_, name), value, code in zip(run, values, codes, strict=True):
                    lines.add(f"{name} = {value} == 1" if code == "B" else f"{name} = {value}")
                lines.add(f"p += {unpacker.size}", "h = b[p:p + 3]")

    def _member(self, member: Member, name: str) -> None:
        lines, shape = self._lines, member.shape
        with lines.block(f"if h == {member.header!r}:"):
            if isinstance(shape, Sequence | Mapped):
                codes = bytes(_element_codes(shape))
                at = 3 + len(codes)
                # Elements of another type make the field one of another type, which is skipped; no elements have none.
                with lines.block(f"if b[p + 3:p + {at}] == {codes!r} or {self._size}(b, p + {at})[0] == 0:"):
                    lines.add("p += 3")
                    self._value(shape, name, "d + 1")
                with lines.block("else:"):
                    lines.add(f"p = {self._skip}(b, p + 3, e, {shape.code}, d + 1)")
            else:
                self._value(shape, name, "d + 1", offset=3)
            lines.add("h = b[p:p + 3]")

    # Values

    def _value(self, shape: Shape, name: str, depth: str, *, offset: int = 0) -> None:
        """Read the value at ``p + offset`` into ``name`` and move ``p`` behind it; containers have no offset."""
        match shape:
            case Scalar():
                self._scalar(shape, name, offset)
            case Table():
                self._lines.add(f"{name}, p = {self._readers[id(shape)]}(b, p + {offset}, e, {depth})")
            case Sequence():
                self._sequence(shape, name, depth)
            case Mapped():
                self._map(shape, name, depth)

    def _scalar(self, shape: Scalar, name: str, offset: int) -> None:
        lines = self._lines
        match shape.name:
            case "bool":
                lines.add(f"{name} = b[p + {offset}] == 1", f"p += {offset + 1}")
            case "string" | "binary" | "json" | "literal":
                lines.add(f"q = p + {offset + 4}", f"p = q + {self._size}(b, p + {offset})[0]")
                lines.add("if p > e: raise ValueError", f"{name} = {self._text(shape)}")
            case "enum":
                known, cls = lines.constant("enum", dict(shape.values)), lines.constant("enum", shape.python)
                lines.add(f"n = {self._unpack('i')}(b, p + {offset})[0]", f"p += {offset + 4}")
                lines.add(f"{name} = {known}[n] if n in {known} else {cls}(n)")
            case number:
                lines.add(f"{name} = {self._unpack(FORMATS[number])}(b, p + {offset})[0]")
                lines.add(f"p += {offset + SIZES[number]}")

    def _unpack(self, code: str) -> str:
        return self._lines.known(f"unpack_{code}", Struct(f">{code}").unpack_from)

    def _text(self, shape: Scalar) -> str:
        match shape.name:
            case "string":
                return "b[q:p].decode()"
            case "json":
                return f"{self._lines.known('read_json', read_json)}(b[q:p])"
            case "literal":
                return f"{self._lines.constant('literal', dict(shape.values))}[b[q:p]]"
            case _:
                return "b[q:p]"

    def _count(self, shape: Sequence | Mapped, depth: str) -> str:
        """Move ``p`` from the element types to the first element; the value is the name of the count."""
        lines, count, codes = self._lines, self._lines.fresh("n"), _element_codes(shape)
        size = len(codes)
        lines.add(f"{count} = {self._size}(b, p + {size})[0]")
        lines.add(f"if {count} and b[p:p + {size}] != {bytes(codes)!r}: raise ValueError", f"p += {size + 4}")
        smallest = sum(SMALLEST[code] for code in codes)
        lines.add(f"if {count} * {smallest} > e - p or {depth} > {MAX_DEPTH}: raise ValueError")
        return count

    def _sequence(self, shape: Sequence, name: str, depth: str) -> None:
        lines, element = self._lines, shape.element
        count = self._count(shape, depth)
        if isinstance(element, Scalar) and element.name in ARRAYS:
            lines.add("q = p", f"p += {count} * {SIZES[element.name]}")
            values = f"{lines.known('read_array', _read_array)}({FORMATS[element.name]!r}, b[q:p])"
            lines.add(f"{name} = {shape.python.__name__}({values})")
            return
        item = lines.fresh("i")
        lines.add(f"{name} = {shape.python.__name__}()")
        with lines.block(f"for _ in range({count}):"):
            self._value(element, item, f"{depth} + 1")
            lines.add(f"{name}.{'append' if shape.python is list else 'add'}({item})")

    def _map(self, shape: Mapped, name: str, depth: str) -> None:
        lines = self._lines
        count, key, item = self._count(shape, depth), lines.fresh("k"), lines.fresh("i")
        lines.add(f"{name} = {'[]' if shape.pairs else '{}'}")
        with lines.block(f"for _ in range({count}):"):
            self._value(shape.key, key, f"{depth} + 1")
            self._value(shape.value, item, f"{depth} + 1")
            lines.add(f"{name}.append(({key}, {item}))" if shape.pairs else f"{name}[{key}] = {item}")


def _is_fixed(pair: _Pair) -> bool:
    """Whether the field always comes and has a fixed size, so that a run of such can be unpacked by one call."""
    member = pair[0]
    fixed = isinstance(member.shape, Scalar) and member.shape.name in SIZES and member.shape.name != "enum"
    return fixed and member.presence is not Presence.OPTIONAL


def _element_codes(shape: Sequence | Mapped) -> list[int]:
    return [shape.element.code] if isinstance(shape, Sequence) else [shape.key.code, shape.value.code]


def _read_array(code: str, data: bytes) -> tuple[Any, ...]:
    return Struct(f">{len(data) // _SIZES[code]}{code}").unpack(data)
