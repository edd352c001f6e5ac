"""The codec once more, slower: it walks tables instead of running compiled code, and says what is wrong and where.

`thriftwire.thrift.binary` comes here only after the compiled code refused; what is accepted there is accepted here.
"""

from __future__ import annotations

import struct
from typing import Any, NoReturn

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift.jsontext import read_json, write_json
from thriftwire.thrift.skip import MAX_DEPTH, SMALLEST, skip
from thriftwire.thrift.table import FORMATS, Kind, Mapped, Member, Presence, Scalar, Sequence, Shape, Table


def check(shape: Shape, value: Any, path: str, depth: int = 0) -> None:
    """Raise EncodeError for the first part of ``value`` that does not fit."""
    match shape:
        case Scalar():
            _check_scalar(shape, value, path)
        case Sequence():
            _check_sequence(shape, value, path, depth)
        case Mapped():
            _check_map(shape, value, path, depth)
        case Table():
            if depth > MAX_DEPTH:
                raise EncodeError(f"nested deeper than {MAX_DEPTH}", path)
            _check_table(shape, value, path, depth)


def _refuse(expected: object, value: Any, path: str) -> NoReturn:
    raise EncodeError(f"expected {expected}, not {_show(value)}", path)


def _show(value: Any) -> str:
    if value is None:
        return "None"
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else f'{text[:57]}...'}"


def _check_scalar(shape: Scalar, value: Any, path: str) -> None:
    match shape.name:
        case "bool":
            fits = value is True or value is False
        case "string":
            fits = isinstance(value, str)
        case "binary":
            fits = type(value) is bytes
        case "enum":
            fits = type(value) is shape.python
        case "literal":
            if value not in shape.values.values():
                _refuse(f"one of {', '.join(map(repr, shape.values.values()))}", value, path)
            return
        case "json":
            try:
                write_json(value)
            except (TypeError, ValueError):
                _refuse("msgspec.Raw that holds JSON", bytes(value) if isinstance(value, bytes) else value, path)
            return
        case name:
            try:
                struct.pack(f">{FORMATS[name]}", value)
            except (struct.error, OverflowError):
                _refuse(name, value, path)
            return
    if not fits:
        _refuse(shape, value, path)
    if shape.name == "string":
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise EncodeError(f"expected text that UTF-8 can write: {error.reason}", path) from error


def _check_sequence(shape: Sequence, value: Any, path: str, depth: int) -> None:
    if not isinstance(value, (list, tuple) if shape.python is list else (set, frozenset)):
        _refuse(shape, value, path)
    for index, item in enumerate(value):
        check(shape.element, item, f"{path}[{index}]", depth + 1)


def _check_map(shape: Mapped, value: Any, path: str, depth: int) -> None:
    if not isinstance(value, list if shape.pairs else dict):
        _refuse(shape, value, path)
    for key, item in value if shape.pairs else value.items():
        check(shape.key, key, f"{path} key {key!r}", depth + 1)
        check(shape.value, item, f"{path}[{key!r}]", depth + 1)


def _check_table(table: Table, value: Any, path: str, depth: int) -> None:
    if table.kind is Kind.VARIANTS:
        for member in table.members:
            if isinstance(member.shape, Table) and type(value) is member.shape.python:
                check(member.shape, value, f"{path}.{member.name}", depth + 1)
                return
        _refuse(f"one of {', '.join(str(member.shape) for member in table.members)}", value, path)
    if table.kind is Kind.TUPLE:
        if type(value) is not tuple or len(value) != len(table.members):
            _refuse(f"a tuple of {len(table.members)}", value, path)
        values = list(value)
    else:
        if table.python is None or not isinstance(value, table.python):
            _refuse(table, value, path)
        values = [getattr(value, member.attribute) for member in table.members]
    pairs = list(zip(table.members, values, strict=True))
    if table.kind is Kind.UNION:
        given = [member.name for member, item in pairs if item is not None]
        if len(given) != 1:
            raise EncodeError(f"expected exactly one field, not {', '.join(given) or 'none'}", path)
    for member, item in pairs:
        if item is not None or member.presence is not Presence.OPTIONAL:
            check(member.shape, item, f"{path}.{member.name}", depth + 1)


def decode(table: Table, data: bytes) -> Any:
    """The value in ``data``, whole. Raises DecodeError with the path of what is wrong."""
    reader = _Reader(data)
    value = reader.table(table, table.name, 0)
    if reader.position != len(data):
        raise DecodeError(f"{len(data) - reader.position} bytes follow the value", table.name)
    return value


class _Reader:
    """A position in the data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def _take(self, size: int, path: str) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise DecodeError(f"truncated: expected {size} bytes, not {len(self._data) - self.position}", path)
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def _number(self, format: str, path: str) -> Any:
        return struct.unpack(f">{format}", self._take(struct.calcsize(f">{format}"), path))[0]

    def _size(self, smallest: int, path: str) -> int:
        size = self._number("i", path)
        if size < 0:
            raise DecodeError(f"negative size {size}", path)
        if size * smallest > len(self._data) - self.position:
            raise DecodeError(f"size {size} is impossible: {len(self._data) - self.position} bytes follow", path)
        return size

    def _nested(self, depth: int, path: str) -> None:
        if depth > MAX_DEPTH:
            raise DecodeError(f"nested deeper than {MAX_DEPTH}", path)

    def value(self, shape: Shape, path: str, depth: int) -> Any:
        match shape:
            case Scalar():
                return self._scalar(shape, path)
            case Sequence():
                return self._sequence(shape, path, depth)
            case Mapped():
                return self._map(shape, path, depth)
            case Table():
                return self.table(shape, path, depth)

    def _scalar(self, shape: Scalar, path: str) -> Any:
        match shape.name:
            case "bool":
                return self._take(1, path) == b"\x01"
            case "enum":
                return shape.python(self._number("i", path))
            case "string" | "binary" | "json" | "literal":
                return self._text(shape, path)
            case name:
                return self._number(FORMATS[name], path)

    def _text(self, shape: Scalar, path: str) -> Any:
        text = self._take(self._size(1, path), path)
        if shape.name == "binary":
            return text
        try:
            if shape.name == "literal":
                return shape.values[text]
            return read_json(text) if shape.name == "json" else text.decode()
        except KeyError as error:
            words = ", ".join(repr(word) for word in shape.values.values())
            raise DecodeError(f"expected one of {words}, not {text[:60]!r}", path) from error
        except UnicodeDecodeError as error:
            raise DecodeError(f"expected UTF-8: {error.reason} at byte {error.start}", path) from error
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"expected JSON: {error}", path) from error

    def _sequence(self, shape: Sequence, path: str, depth: int) -> Any:
        self._nested(depth, path)
        code = self._number("B", path)
        count = self._size(SMALLEST[shape.element.code], path)
        if count and code != shape.element.code:
            raise DecodeError(f"expected elements of type {shape.element.code}, not {code}", path)
        items = [self.value(shape.element, f"{path}[{index}]", depth + 1) for index in range(count)]
        return shape.python(items)

    def _map(self, shape: Mapped, path: str, depth: int) -> Any:
        self._nested(depth, path)
        key_code, value_code = self._number("B", path), self._number("B", path)
        count = self._size(SMALLEST[shape.key.code] + SMALLEST[shape.value.code], path)
        if count and (key_code, value_code) != (shape.key.code, shape.value.code):
            expected = f"{shape.key.code} and {shape.value.code}"
            raise DecodeError(f"expected entries of types {expected}, not {key_code} and {value_code}", path)
        pairs: list[tuple[Any, Any]] = []
        for index in range(count):
            key = self.value(shape.key, f"{path} key {index}", depth + 1)
            pairs.append((key, self.value(shape.value, f"{path}[{key!r}]", depth + 1)))
        return pairs if shape.pairs else dict(pairs)

    def table(self, table: Table, path: str, depth: int) -> Any:
        self._nested(depth, path)
        members = {member.header: member for member in table.members}
        found: dict[str, Any] = {}
        while (code := self._number("B", path)) != 0:
            number = self._take(2, path)
            member = members.get(bytes([code]) + number)
            if member is None or not self._has_elements_of(member.shape):
                self._skip(code, f"{path}.{int.from_bytes(number, 'big', signed=True)}", depth + 1)
            else:
                found[member.name] = self.value(member.shape, f"{path}.{member.name}", depth + 1)
        return _build(table, found, path)

    def _has_elements_of(self, shape: Shape) -> bool:
        """Whether the container that follows is empty or of the right element types, or nothing tells."""
        match shape:
            case Sequence():
                codes = bytes([shape.element.code])
            case Mapped():
                codes = bytes([shape.key.code, shape.value.code])
            case _:
                return True
        start = self.position + len(codes)
        empty = self._data[start : start + 4] == bytes(4)
        return empty or self._data[self.position : start] == codes

    def _skip(self, code: int, path: str, depth: int) -> None:
        try:
            self.position = skip(self._data, self.position, len(self._data), code, depth)
        except (IndexError, struct.error) as error:
            raise DecodeError("truncated", path) from error
        except ValueError as error:
            raise DecodeError(str(error), path) from error


def _build(table: Table, found: dict[str, Any], path: str) -> Any:
    if table.kind in (Kind.UNION, Kind.VARIANTS):
        if len(found) != 1:
            raise DecodeError(f"expected exactly one field, not {', '.join(found) or 'none that is known'}", path)
        if table.kind is Kind.VARIANTS:
            return next(iter(found.values()))
    values = {member.attribute: _given(member, found, path) for member in table.members}
    if table.python is None:
        return tuple(values.values())
    return table.python(**values)


def _given(member: Member, found: dict[str, Any], path: str) -> Any:
    if member.name in found:
        return found[member.name]
    if member.presence is not Presence.REQUIRED and member.default is not None:
        try:
            return member.default()
        except TypeError:
            pass  # a struct with required fields has no zero value
    elif member.presence is Presence.OPTIONAL:
        return None
    raise DecodeError("missing", f"{path}.{member.name}")
