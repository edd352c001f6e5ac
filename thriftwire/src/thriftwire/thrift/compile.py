"""Encoders and decoders as Python source, written for one table each and compiled.

What a table says is decided once, here, so that the code that runs for every message tests nothing but the message.
Runs of fixed-size values become one ``struct`` call. The code does not say what is wrong with a value or with bytes,
only that something is: `thriftwire.thrift.binary` then asks `thriftwire.thrift.careful`, which finds the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from itertools import groupby
from struct import Struct
from typing import Any, Final

from thriftwire.thrift.jsontext import read_json, write_json
from thriftwire.thrift.skip import MAX_DEPTH, SMALLEST, size_at, skip
from thriftwire.thrift.table import (
    FORMATS,
    SIZES,
    Kind,
    Mapped,
    Member,
    Presence,
    Scalar,
    Sequence,
    Shape,
    Table,
    reachable,
)
from thriftwire.thrift.types import Enum

_IMMUTABLE: Final = (str, bytes, int, float, type(None), Enum)


class _Lines:
    """Source being written, and the constants it refers to."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self._lines: list[str] = []
        self._depth = 0
        self._serial = 0

    def add(self, *lines: str) -> None:
        self._lines += [" " * self._depth + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Any:
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1

    def fresh(self, prefix: str) -> str:
        """A name not used before in this source."""
        self._serial += 1
        return f"{prefix}{self._serial}"

    def constant(self, prefix: str, value: Any) -> str:
        """A global name for a value."""
        name = f"{prefix}_{len(self.names)}"
        self.names[name] = value
        return name

    def compile(self, filename: str) -> None:
        exec(compile("\n".join(self._lines), filename, "exec"), self.names)  # noqa: S102 - our own source


class Compiler:
    """Compiled tables, which may refer to each other; tables are compiled when first asked for."""

    def __init__(self) -> None:
        self._writers: dict[int, str] = {}
        self._readers: dict[int, str] = {}
        self._keep: list[Table] = []
        self._names: dict[str, Any] = {
            "missing": object(),
            "skip": skip,
            "size_at": size_at,
            "read_json": read_json,
            "write_json": write_json,
            "array": _array,
            "write_array": _write_array,
        }

    def writer(self, table: Table) -> Callable[[Any, Callable[[bytes], object], int], None]:
        """``write(value, append, depth)``: gives ``append`` the pieces of the encoded value."""
        self._prepare(table)
        return self._names[self._writers[id(table)]]

    def reader(self, table: Table) -> Callable[[bytes, int, int, int], tuple[Any, int]]:
        """``read(data, position, end, depth)``: the value and the position after it."""
        self._prepare(table)
        return self._names[self._readers[id(table)]]

    def _prepare(self, table: Table) -> None:
        if id(table) in self._writers:
            return
        new = [item for item in reachable(table) if id(item) not in self._writers]
        for item in new:
            self._keep.append(item)  # an id names a table only while the table lives
            number = len(self._keep)
            self._writers[id(item)], self._readers[id(item)] = f"write_{number}", f"read_{number}"
        lines = _Lines(self._names)
        for item in new:
            _Writer(lines, self._writers).write(item)
            _Reader(lines, self._readers).write(item)
        lines.compile(f"<thriftwire codec of {table.name}>")


def _array(format: str, data: bytes) -> list[Any]:
    count = len(data) // SIZES[{"b": "i8", "h": "i16", "i": "i32", "q": "i64", "d": "double"}[format]]
    return list(Struct(f">{count}{format}").unpack(data))


def _write_array(format: str, values: Iterable[Any], count: int) -> bytes:
    return Struct(f">{count}{format}").pack(*values)


class _Writer:
    """Writes the source of one encoder."""

    def __init__(self, lines: _Lines, writers: dict[int, str]) -> None:
        self._lines, self._writers = lines, writers
        self._run: list[tuple[str, str]] = []  # struct format and expression of what is to be packed next

    def write(self, table: Table) -> None:
        """``def write_n(v, a, d)``."""
        with self._lines.block(f"def {self._writers[id(table)]}(v, a, d):"):
            self._lines.add(f"if d > {MAX_DEPTH}: raise ValueError")
            match table.kind:
                case Kind.VARIANTS:
                    self._variants(table)
                case Kind.TUPLE:
                    self._lines.add(f"if v.__class__ is not tuple or len(v) != {len(table.members)}: raise TypeError")
                    self._members(table, [f"v[{index}]" for index in range(len(table.members))])
                case Kind.STRUCT | Kind.UNION:
                    cls = self._lines.constant("cls", table.python)
                    self._lines.add(f"if v.__class__ is not {cls} and not isinstance(v, {cls}): raise TypeError")
                    self._members(table, [f"v.{member.attribute}" for member in table.members])

    def _variants(self, table: Table) -> None:
        """One lookup by class tells the member's header and encoder."""
        lines = self._lines
        heads: dict[Any, bytes] = {}
        with lines.block("if 1:"):
            for index, member in enumerate(table.members):
                if not isinstance(member.shape, Table):
                    raise TypeError(f"{table.name}.{member.name} is no struct")
                cls = lines.constant("cls", member.shape.python)
                heads[member.shape.python] = member.header
                word = "if" if index == 0 else "elif"
                with lines.block(f"{word} v.__class__ is {cls}:"):
                    lines.add(f"a({member.header!r})", f"{self._writers[id(member.shape)]}(v, a, d + 1)")
            lines.add("else: raise TypeError", "a(b'\\0')")

    def _members(self, table: Table, values: list[str]) -> None:
        lines = self._lines
        union = table.kind is Kind.UNION
        if union:
            lines.add("k = 0")
        for member, value in zip(table.members, values, strict=True):
            name = lines.fresh("x")
            lines.add(f"{name} = {value}")
            if member.presence is Presence.OPTIONAL:
                self._flush()
                with lines.block(f"if {name} is not None:"):
                    if union:
                        lines.add("k += 1")
                    self._field(member, name)
                    self._flush()
            else:
                self._field(member, name)
        if union:
            lines.add("if k != 1: raise ValueError")
        self._run.append(("x", ""))
        self._flush()

    def _field(self, member: Member, name: str) -> None:
        self._run.append(("3s", repr(member.header)))
        self._value(member.shape, name, "d + 1")

    def _flush(self) -> None:
        """Pack what is pending."""
        run, self._run = self._run, []
        if not run:
            return
        constant = all(not value or value.startswith("b'") or value.startswith('b"') for _, value in run)
        packer = Struct(">" + "".join(format for format, _ in run))
        if constant:
            literal = packer.pack(*(eval(value) for _, value in run if value))  # noqa: S307 - our own literals
            self._lines.add(f"a({literal!r})")
            return
        arguments = ", ".join(value for _, value in run if value)
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
                cls = lines.constant("enum", shape.python)
                lines.add(f"if {name}.__class__ is not {cls}: raise TypeError")
                self._run.append(("i", name))
            case "literal":
                table = {value: _sized(text) for text, value in shape.values.items()}
                self._flush()
                lines.add(f"a({lines.constant('literal', table)}[{name}])")
            case "string" | "binary" | "json":
                self._text(shape, name)
            case _:
                self._run.append((FORMATS[shape.name], name))

    def _text(self, shape: Scalar, name: str) -> None:
        lines, text = self._lines, self._lines.fresh("b")
        match shape.name:
            case "string":
                lines.add(f"{text} = {name}.encode()")
            case "json":
                lines.add(f"{text} = write_json({name})")
            case _:
                lines.add(f"if {name}.__class__ is not bytes: raise TypeError")
                text = name
        self._run.append(("I", f"len({text})"))
        self._flush()
        lines.add(f"a({text})")

    def _sequence(self, shape: Sequence, name: str, depth: str) -> None:
        lines, element = self._lines, shape.element
        classes = "(list, tuple)" if shape.python is list else "(set, frozenset)"
        with lines.block(f"if {name}.__class__ is not {shape.python.__name__} and not isinstance({name}, {classes}):"):
            lines.add("raise TypeError")
        self._run += [("B", str(element.code)), ("I", f"len({name})")]
        self._flush()
        if isinstance(element, Scalar) and element.name in ("i8", "i16", "i32", "i64", "double"):
            lines.add(f"a(write_array({FORMATS[element.name]!r}, {name}, len({name})))")
            return
        item = lines.fresh("i")
        with lines.block(f"for {item} in {name}:"):
            self._value(element, item, f"{depth} + 1")
            self._flush()

    def _map(self, shape: Mapped, name: str, depth: str) -> None:
        lines = self._lines
        kind, items = ("list", name) if shape.pairs else ("dict", f"{name}.items()")
        lines.add(f"if not isinstance({name}, {kind}): raise TypeError")
        self._run += [("B", str(shape.key.code)), ("B", str(shape.value.code)), ("I", f"len({name})")]
        self._flush()
        key, value = lines.fresh("k"), lines.fresh("i")
        with lines.block(f"for {key}, {value} in {items}:"):
            self._value(shape.key, key, f"{depth} + 1")
            self._value(shape.value, value, f"{depth} + 1")
            self._flush()


def _sized(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


class _Reader:
    """Writes the source of one decoder.

    The decoder goes through the fields in their order, comparing the next header ``h`` with each; when the bytes come
    in the order we write them, one pass reads everything. A pass that ends at a header it does not know skips it; a
    field out of order is met on the next pass.
    """

    def __init__(self, lines: _Lines, readers: dict[int, str]) -> None:
        self._lines, self._readers = lines, readers

    def write(self, table: Table) -> None:
        """``def read_n(b, p, e, d)``."""
        lines = self._lines
        names = [lines.fresh("x") for _ in table.members]
        with lines.block(f"def {self._readers[id(table)]}(b, p, e, d):"):
            lines.add(f"if d > {MAX_DEPTH}: raise ValueError")
            for member, name in zip(table.members, names, strict=True):
                lines.add(f"{name} = {self._initial(member)}")
            headers = lines.constant("headers", frozenset(member.header for member in table.members))
            with lines.block("while True:"):
                lines.add("h = b[p:p + 3]")
                self._passes(list(zip(table.members, names, strict=True)))
                with lines.block("if b[p] == 0:"):
                    lines.add("p += 1", "break")
                with lines.block(f"if h not in {headers}:"):
                    lines.add("p = skip(b, p + 3, e, b[p], d + 1)")
            self._finish(table, names)

    def _initial(self, member: Member) -> str:
        if member.presence is Presence.REQUIRED or member.default is None:
            return "missing" if member.presence is not Presence.OPTIONAL else "None"
        try:
            value = member.default()
        except TypeError:
            return "missing"
        if isinstance(value, _IMMUTABLE):
            return repr(value) if type(value) in (str, bytes, int, type(None)) else self._lines.constant("given", value)
        return "missing"

    def _finish(self, table: Table, names: list[str]) -> None:
        lines = self._lines
        for member, name in zip(table.members, names, strict=True):
            if self._initial(member) == "missing":
                with lines.block(f"if {name} is missing:"):
                    if member.presence is Presence.REQUIRED or member.default is None:
                        lines.add("raise ValueError")
                    else:
                        lines.add(f"{name} = {lines.constant('make', member.default)}()")
        match table.kind:
            case Kind.STRUCT | Kind.UNION:
                cls = lines.constant("cls", table.python)
                pairs = zip(table.members, names, strict=True)
                arguments = ", ".join(f"{member.attribute}={name}" for member, name in pairs)
                lines.add(f"return {cls}({arguments}), p")
            case Kind.TUPLE:
                lines.add(f"return ({''.join(f'{name}, ' for name in names)}), p")
            case Kind.VARIANTS:
                lines.add("v = missing")
                for name in names:
                    with lines.block(f"if {name} is not None:"):
                        lines.add("if v is not missing: raise ValueError", f"v = {name}")
                lines.add("if v is missing: raise ValueError", "return v, p")

    def _passes(self, pairs: list[tuple[Member, str]]) -> None:
        """The fields in order; where several of fixed size follow each other, they are first tried as one."""

        def mergeable(pair: tuple[Member, str]) -> bool:
            member = pair[0]
            fixed = isinstance(member.shape, Scalar) and member.shape.name in SIZES and member.shape.name != "enum"
            return fixed and member.presence is not Presence.OPTIONAL

        for fixed, group in groupby(pairs, mergeable):
            run = list(group)
            if fixed and len(run) > 1:
                self._run(run)
            for member, name in run:
                self._member(member, name)

    def _run(self, run: list[tuple[Member, str]]) -> None:
        lines = self._lines
        # Bools are read as bytes: of a byte, only 1 is true.
        formats = [(member, "B" if _name(member) == "bool" else FORMATS[_name(member)]) for member, _ in run]
        unpacker = Struct(">" + "".join(f"3s{format}" for _, format in formats))
        unpack = lines.constant("unpack", unpacker.unpack_from)
        temporary = [(lines.fresh("h"), lines.fresh("t")) for _ in run]
        with lines.block(f"if h == {run[0][0].header!r} and p + {unpacker.size} <= e:"):
            lines.add(f"{', '.join(f'{head}, {value}' for head, value in temporary)} = {unpack}(b, p)")
            test = " and ".join(
                f"{head} == {member.header!r}" for (head, _), (member, _) in zip(temporary[1:], run[1:], strict=True)
            )
            with lines.block(f"if {test}:"):
                for (member, name), (_, value) in zip(run, temporary, strict=True):
                    lines.add(f"{name} = {value} == 1" if _name(member) == "bool" else f"{name} = {value}")
                lines.add(f"p += {unpacker.size}", "h = b[p:p + 3]")

    def _member(self, member: Member, name: str) -> None:
        lines, shape = self._lines, member.shape
        with lines.block(f"if h == {member.header!r}:"):
            if isinstance(shape, Sequence | Mapped):
                codes = [shape.element.code] if isinstance(shape, Sequence) else [shape.key.code, shape.value.code]
                size = 3 + len(codes)
                test = f"b[p + 3:p + {size}] == {bytes(codes)!r} or size_at(b, p + {size})[0] == 0"
                with lines.block(f"if {test}:"):
                    lines.add("p += 3")
                    self._value(shape, name, "d + 1")
                with lines.block("else:"):
                    lines.add(f"p = skip(b, p + 3, e, {shape.code}, d + 1)")
            else:
                self._value(shape, name, "d + 1", offset=3)
            lines.add("h = b[p:p + 3]")

    def _value(self, shape: Shape, name: str, depth: str, *, offset: int = 0) -> None:
        """Read the value at ``p + offset`` into ``name`` and move ``p`` behind it."""
        at = f"p + {offset}" if offset else "p"
        match shape:
            case Scalar():
                self._scalar(shape, name, at, offset)
            case Table():
                self._lines.add(f"{name}, p = {self._readers[id(shape)]}(b, {at}, e, {depth})")
            case Sequence():
                self._sequence(shape, name, depth)
            case Mapped():
                self._map(shape, name, depth)

    def _scalar(self, shape: Scalar, name: str, at: str, offset: int) -> None:
        lines = self._lines
        match shape.name:
            case "bool":
                lines.add(f"{name} = b[{at}] == 1", f"p += {offset + 1}")
            case "string" | "binary" | "json" | "literal":
                self._text(shape, name, at, offset)
            case "enum":
                unpack, known = self._unpacker("i"), lines.constant("enum", dict(shape.values))
                number = lines.fresh("n")
                lines.add(f"{number} = {unpack}(b, {at})[0]", f"{name} = {known}.get({number})")
                with lines.block(f"if {name} is None:"):
                    lines.add(f"{name} = {lines.constant('enum', shape.python)}({number})")
                lines.add(f"p += {offset + 4}")
            case _:
                unpack = self._unpacker(FORMATS[shape.name])
                lines.add(f"{name} = {unpack}(b, {at})[0]", f"p += {offset + SIZES[shape.name]}")

    def _unpacker(self, format: str) -> str:
        name = f"unpack_{format}"
        self._lines.names.setdefault(name, Struct(">" + format).unpack_from)
        return name

    def _text(self, shape: Scalar, name: str, at: str, offset: int) -> None:
        lines = self._lines
        lines.add(f"q = p + {offset + 4}", f"p = q + size_at(b, {at})[0]", "if p > e: raise ValueError")
        match shape.name:
            case "string":
                lines.add(f"{name} = b[q:p].decode()")
            case "json":
                lines.add(f"{name} = read_json(b[q:p])")
            case "literal":
                lines.add(f"{name} = {lines.constant('literal', dict(shape.values))}[b[q:p]]")
            case _:
                lines.add(f"{name} = b[q:p]")

    def _sequence(self, shape: Sequence, name: str, depth: str) -> None:
        """At ``p`` stands the element's type."""
        lines, element = self._lines, shape.element
        count, item = lines.fresh("n"), lines.fresh("i")
        lines.add(f"{count} = size_at(b, p + 1)[0]")
        lines.add(f"if {count} and b[p] != {element.code}: raise ValueError", "p += 5")
        lines.add(f"if {count} * {SMALLEST[element.code]} > e - p or {depth} > {MAX_DEPTH}: raise ValueError")
        if isinstance(element, Scalar) and element.name in ("i8", "i16", "i32", "i64", "double"):
            lines.add("q = p", f"p += {count} * {SIZES[element.name]}")
            values = f"array({FORMATS[element.name]!r}, b[q:p])"
            lines.add(f"{name} = {values if shape.python is list else f'set({values})'}")
            return
        lines.add(f"{name} = {shape.python.__name__}()")
        add = "append" if shape.python is list else "add"
        with lines.block(f"for _ in range({count}):"):
            self._value(element, item, f"{depth} + 1")
            lines.add(f"{name}.{add}({item})")

    def _map(self, shape: Mapped, name: str, depth: str) -> None:
        """At ``p`` stand the types of key and value."""
        lines = self._lines
        count, key, item = lines.fresh("n"), lines.fresh("k"), lines.fresh("i")
        codes = bytes([shape.key.code, shape.value.code])
        lines.add(f"{count} = size_at(b, p + 2)[0]")
        lines.add(f"if {count} and b[p:p + 2] != {codes!r}: raise ValueError", "p += 6")
        smallest = SMALLEST[shape.key.code] + SMALLEST[shape.value.code]
        lines.add(f"if {count} * {smallest} > e - p or {depth} > {MAX_DEPTH}: raise ValueError")
        lines.add(f"{name} = {'[]' if shape.pairs else '{}'}")
        with lines.block(f"for _ in range({count}):"):
            self._value(shape.key, key, f"{depth} + 1")
            self._value(shape.value, item, f"{depth} + 1")
            lines.add(f"{name}.append(({key}, {item}))" if shape.pairs else f"{name}[{key}] = {item}")


def _name(member: Member) -> str:
    return member.shape.name if isinstance(member.shape, Scalar) else ""
