"""The codec once more, slower: it walks tables instead of running compiled code, and says what is wrong and where.

`thriftwire.thrift.binary` comes here only after the compiled code refused; what is accepted there is accepted here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn, cast

from msgspec import Raw

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift.jsontext import read_json, write_json
from thriftwire.thrift.skip import MAX_DEPTH, SMALLEST, skip
from thriftwire.thrift.table import FORMATS, Kind, Mapped, Member, Presence, Scalar, Sequence, Shape, Table


def check(shape: Shape, value: Any, path: str, depth: int = 0) -> None:
    """Raise EncodeError for the first part of ``value`` that does not fit."""
    if depth > MAX_DEPTH and not isinstance(shape, Scalar):
        raise EncodeError(f"nested deeper than {MAX_DEPTH}", path)
    match shape:
        case Scalar():
            _check_scalar(shape, value, path)
        case Sequence():
            if not isinstance(value, (list, tuple) if shape.python is list else (set, frozenset)):
                _refuse(shape, value, path)
            _check_elements(shape, value, path, depth)  # pyright: ignore[reportUnknownArgumentType]
        case Mapped():
            if not isinstance(value, list if shape.pairs else dict):
                _refuse(shape, value, path)
            _check_entries(shape, value, path, depth)
        case Table():
            _check_table(shape, value, path, depth)


def _refuse(expected: object, value: Any, path: str) -> NoReturn:
    raise EncodeError(f"expected {expected}, not {_show(value)}", path)


def _show(value: Any) -> str:
    if value is None:
        return "None"
    text = repr(bytes(value)) if isinstance(value, Raw) else f"{type(value).__name__} {value!r}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check_scalar(shape: Scalar, value: Any, path: str) -> None:
    fits = _FITS.get(shape.name)
    if fits is not None:
        if not fits(shape, value):
            is_text = shape.name == "string" and isinstance(value, str)
            _refuse("text that UTF-8 can write" if is_text else _expected(shape), value, path)
    else:
        try:
            struct.pack(f">{FORMATS[shape.name]}", value)
        except (struct.error, OverflowError):
            _refuse(shape, value, path)


def _expected(shape: Scalar) -> str:
    match shape.name:
        case "literal":
            return f"one of {', '.join(map(repr, shape.values.values()))}"
        case "json":
            return "msgspec.Raw that holds JSON"
        case _:
            return str(shape)


def _is_text(value: Any) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(value: Any) -> bool:
    try:
        write_json(value)
    except (TypeError, ValueError):
        return False
    return True


_FITS: Final[Mapping[str, Callable[[Scalar, Any], bool]]] = {
    "bool": lambda _, value: value is True or value is False,
    "string": lambda _, value: isinstance(value, str) and _is_text(value),
    "binary": lambda _, value: type(value) is bytes,
    "enum": lambda shape, value: type(value) is shape.python,
    "literal": lambda shape, value: isinstance(value, str) and value in shape.values.values(),
    "json": lambda _, value: _is_json(value),
}


def _check_elements(shape: Sequence, values: Iterable[Any], path: str, depth: int) -> None:
    for index, item in enumerate(values):
        check(shape.element, item, f"{path}[{index}]", depth + 1)


def _check_entries(shape: Mapped, value: Any, path: str, depth: int) -> None:
    for index, pair in enumerate(value if shape.pairs else value.items()):
        key, item = _parts(pair, 2, f"{path}[{index}]")
        check(shape.key, key, f"{path} key {key!r}", depth + 1)
        check(shape.value, item, f"{path}[{key!r}]", depth + 1)


def _check_table(table: Table, value: Any, path: str, depth: int) -> None:
    match table.kind:
        case Kind.VARIANTS:
            member = next((item for item in table.members if type(value) is _python(item.shape)), None)
            if member is None:
                _refuse(f"one of {', '.join(str(item.shape) for item in table.members)}", value, path)
            check(member.shape, value, f"{path}.{member.name}", depth + 1)
        case Kind.TUPLE:
            _check_members(table, _parts(value, len(table.members), path), path, depth)
        case Kind.STRUCT | Kind.UNION:
            if not isinstance(value, table.python or ()):
                _refuse(table, value, path)
            _check_members(table, [getattr(value, member.attribute) for member in table.members], path, depth)


def _parts(value: Any, size: int, path: str) -> list[Any]:
    parts = list(cast("tuple[Any, ...]", value)) if type(value) is tuple else None
    if parts is None or len(parts) != size:
        _refuse(f"a tuple of {size}", value, path)
    return parts


def _python(shape: Shape) -> type[Any] | None:
    return shape.python if isinstance(shape, Table) else None


def _check_members(table: Table, values: list[Any], path: str, depth: int) -> None:
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

    def _number(self, code: str, path: str) -> Any:
        return struct.unpack(f">{code}", self._take(struct.calcsize(f">{code}"), path))[0]

    def _size(self, smallest: int, path: str) -> int:
        size = self._number("i", path)
        if size < 0:
            raise DecodeError(f"negative size {size}", path)
        if size * smallest > len(self._data) - self.position:
            raise DecodeError(f"size {size} is impossible: {len(self._data) - self.position} bytes follow", path)
        return size

    def _value(self, shape: Shape, path: str, depth: int) -> Any:
        if depth > MAX_DEPTH and not isinstance(shape, Scalar):
            raise DecodeError(f"nested deeper than {MAX_DEPTH}", path)
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
                return self._text(shape, self._take(self._size(1, path), path), path)
            case name:
                return self._number(FORMATS[name], path)

    def _text(self, shape: Scalar, text: bytes, path: str) -> Any:
        try:
            match shape.name:
                case "literal":
                    return shape.values[text]
                case "json":
                    return read_json(text)
                case "string":
                    return text.decode()
                case _:
                    return text
        except KeyError as error:
            raise DecodeError(f"expected {_expected(shape)}, not {text[:60]!r}", path) from error
        except UnicodeDecodeError as error:
            raise DecodeError(f"expected UTF-8: {error.reason} at byte {error.start}", path) from error
        except ValueError as error:
            raise DecodeError(f"expected JSON: {error}", path) from error

    def _sequence(self, shape: Sequence, path: str, depth: int) -> Any:
        code = self._number("B", path)
        count = self._size(SMALLEST[shape.element.code], path)
        if count and code != shape.element.code:
            raise DecodeError(f"expected elements of type {shape.element.code}, not {code}", path)
        return shape.python(self._value(shape.element, f"{path}[{index}]", depth + 1) for index in range(count))

    def _map(self, shape: Mapped, path: str, depth: int) -> Any:
        codes = tuple(self._take(2, path))
        count = self._size(SMALLEST[shape.key.code] + SMALLEST[shape.value.code], path)
        if count and codes != (shape.key.code, shape.value.code):
            raise DecodeError(f"expected entries of types {(shape.key.code, shape.value.code)}, not {codes}", path)
        pairs: list[tuple[Any, Any]] = []
        for index in range(count):
            key = self._value(shape.key, f"{path} key {index}", depth + 1)
            pairs.append((key, self._value(shape.value, f"{path}[{key!r}]", depth + 1)))
        return pairs if shape.pairs else dict(pairs)

    def table(self, table: Table, path: str, depth: int) -> Any:
        """Read a struct."""
        members = {member.header: member for member in table.members}
        found: dict[str, Any] = {}
        while (code := self._number("B", path)) != 0:
            number = self._take(2, path)
            member = members.get(bytes([code]) + number)
            if member is None or not self._has_elements_of(member.shape):
                self._skip(code, f"{path}.{int.from_bytes(number, 'big', signed=True)}", depth + 1)
            else:
                found[member.name] = self._value(member.shape, f"{path}.{member.name}", depth + 1)
        return _build(table, found, path)

    def _has_elements_of(self, shape: Shape) -> bool:
        """Whether the container that follows is empty or of the right element types; true of what is no container."""
        match shape:
            case Sequence():
                codes = bytes([shape.element.code])
            case Mapped():
                codes = bytes([shape.key.code, shape.value.code])
            case _:
                return True
        start = self.position + len(codes)
        return self._data[self.position : start] == codes or self._data[start : start + 4] == bytes(4)

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
    return tuple(values.values()) if table.python is None else table.python(**values)


def _given(member: Member, found: dict[str, Any], path: str) -> Any:
    if member.name in found:
        return found[member.name]
    if member.presence is Presence.OPTIONAL and member.default is None:
        return None
    if member.presence is not Presence.REQUIRED and member.default is not None:
        try:
            return member.default()
        except TypeError:
            pass  # an argument whose struct has required fields has no zero
    raise DecodeError("missing", f"{path}.{member.name}")
