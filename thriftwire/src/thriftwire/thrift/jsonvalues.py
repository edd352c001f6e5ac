"""JSON for a method's requests and responses, checked against their types.

A method with one argument takes that argument's value, any other an object of its arguments by name. Enums are
numbers, binaries base64, a union is an object with one member, and a map whose keys no JSON object can have is a list
of pairs. A value of another type, an unknown field or a missing one is refused with its path.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from thriftwire.errors import EncodeError
from thriftwire.service import Method, Service
from thriftwire.thrift.table import (
    Kind,
    Mapped,
    Scalar,
    Sequence,
    Shape,
    Table,
    shape_of,
    table_of,
)
from thriftwire.thrift.types import DeclaredException

_PLACE: Final = re.compile(r"^(.*?)(?: - at `(?:key in )?\$(.*)`)?$", re.DOTALL)


class RequestReader:
    """Reads the requests of one method: a bare message on streams, the tuple of arguments otherwise."""

    def __init__(self, service: Service[Any], method: Method) -> None:
        self._streaming = method.mode.streaming
        self._alone = len(method.request_types) == 1
        self._names = [name for name, _ in method.request_types]
        self._type = method.request_types[0][1] if self._alone else _object_of(service, method)
        self._where = _name_of(self._type) if self._alone else method.name
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self._type)

    def text(self, text: str | bytes) -> Any:
        """What JSON text says. Raises EncodeError with the path."""
        return self._checked(lambda: self._decoder.decode(text))

    def value(self, value: Any) -> Any:
        """What a JSON value (dicts, lists, strings, …) says. Raises EncodeError with the path."""
        try:
            text = msgspec.json.encode(value)
        except (TypeError, ValueError) as error:
            raise EncodeError(str(error), self._where) from error
        return self.text(text)

    def _checked(self, read: Callable[[], Any]) -> Any:
        try:
            value = read()
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise _refused(error, self._where) from error
        if self._streaming:
            return value
        return (value,) if self._alone else tuple(getattr(value, f"_{name}") for name in self._names)


def _object_of(service: Service[Any], method: Method) -> type[msgspec.Struct]:
    """A struct whose fields are the method's arguments."""
    signature = inspect.signature(getattr(service.protocol, method.attribute))
    defaults = [parameter.default for parameter in list(signature.parameters.values())[1:]]
    fields: list[Any] = []
    for (name, hint), default in zip(method.request_types, defaults, strict=True):
        given = {} if default is inspect.Parameter.empty else {"default": default}
        fields.append((f"_{name}", hint, msgspec.field(name=name, **given)))
    return msgspec.defstruct(method.name, fields, kw_only=True, forbid_unknown_fields=True)


def _name_of(hint: Any) -> str:
    return str(shape_of(hint))


def _refused(error: Exception, where: str) -> EncodeError:
    match = _PLACE.match(str(error))
    message, place = (match[1], match[2] or "") if match else (str(error), "")
    return EncodeError(message.replace("`", ""), f"{where}{place}")


def to_json(value: Any) -> bytes:
    """A response, or an exception that a method declares, as JSON text."""
    if isinstance(value, DeclaredException):
        members = [(member, getattr(value, member.attribute)) for member in table_of(type(value)).members]
        return msgspec.json.encode({member.name: item for member, item in members if item is not None})
    return msgspec.json.encode(value)


def to_value(value: Any) -> Any:
    """The same as a JSON value."""
    return msgspec.json.decode(to_json(value))


def exception_from(cls: type[DeclaredException], values: Mapping[str, Any]) -> DeclaredException:
    """A declared exception from a JSON object of its fields. Raises EncodeError."""
    known = {member.name: member for member in table_of(cls).members}
    hints = inspect.get_annotations(cls, eval_str=True)
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise EncodeError(f"unknown field {name!r}", cls.__name__)
        attribute = known[name].attribute
        try:
            given[attribute] = msgspec.json.decode(msgspec.json.encode(value), type=hints[attribute])
        except msgspec.DecodeError as error:
            raise _refused(error, f"{cls.__name__}.{name}") from error
    try:
        return cls(**given)
    except TypeError as error:
        raise EncodeError(str(error), cls.__name__) from error


def response_from(method: Method, value: Any) -> Any:
    """A response from a JSON value. Raises EncodeError."""
    if method.response_type is None:
        return None
    try:
        return msgspec.json.decode(msgspec.json.encode(value), type=method.response_type)
    except msgspec.DecodeError as error:
        raise _refused(error, _name_of(method.response_type)) from error


def request_skeleton(method: Method) -> Any:
    """A request with every field in it, to be filled in."""
    values = {name: skeleton(_shape(hint)) for name, hint in method.request_types}
    return next(iter(values.values())) if len(values) == 1 else values


def response_skeleton(method: Method) -> Any:
    """A response likewise; None for void."""
    return None if method.response_type is None else skeleton(shape_of(method.response_type))


def _shape(hint: Any) -> Shape:
    """The shape of an argument, which may be absent."""
    given = [item for item in getattr(hint, "__args__", ()) if item is not type(None)]
    absent = type(None) in getattr(hint, "__args__", ())
    return shape_of(given[0] if absent and len(given) == 1 else hint)


def skeleton(shape: Shape, within: tuple[Table, ...] = ()) -> Any:
    """A value of the shape as a JSON value: one element in a list, and nothing where a struct would hold itself."""
    match shape:
        case Scalar():
            return _scalar_skeleton(shape)
        case Sequence():
            return [] if shape.element in within else [skeleton(shape.element, within)]
        case Mapped():
            return [] if shape.pairs else {}
        case Table():
            members = shape.members[:1] if shape.kind is Kind.UNION else shape.members
            within = (*within, shape)
            return {member.name: skeleton(member.shape, within) for member in members if member.shape not in within}


def _scalar_skeleton(shape: Scalar) -> Any:
    match shape.name:
        case "bool":
            return False
        case "double":
            return 0.0
        case "string" | "binary":
            return ""
        case "literal" | "enum":
            return next((getattr(value, "value", value) for value in shape.values.values()), 0)
        case "json":
            return None
        case _:
            return 0
