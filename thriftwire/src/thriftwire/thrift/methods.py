"""Methods and services made from types: what generated files call to describe what they declare."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.service import Codec, Method, Mode, Service
from thriftwire.thrift import binary
from thriftwire.thrift.names import safe, snake_case
from thriftwire.thrift.table import Presence, Table, shape_of, tuple_table

P = TypeVar("P")

_Pair: TypeAlias = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


class LazyCodec(Codec):
    """A codec that is compiled when first used, so that importing a contract costs nothing."""

    __slots__ = ("_make",)

    _make: Callable[[], _Pair]

    def __init__(self, make: Callable[[], _Pair]) -> None:
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name: str) -> Any:
        if name not in ("encode", "decode"):
            raise AttributeError(name)
        encode, decode = self._make()
        object.__setattr__(self, "encode", encode)
        object.__setattr__(self, "decode", decode)
        return encode if name == "encode" else decode


def method(
    name: str,
    *,
    attribute: str = "",
    mode: Mode = Mode.PING_PONG,
    arguments: Mapping[int, tuple[Any, ...]] | None = None,
    returns: Any = None,
    throws: Mapping[int, tuple[str, type[Exception]]] | None = None,
    oneway: bool = False,
    annotations: Mapping[str, str] | None = None,
) -> Method:
    """Describe a method: ``arguments`` and ``throws`` by Thrift number, ``returns`` None for void.

    An argument is its name, its type and, if it has one, its default.
    """
    arguments, throws = arguments or {}, throws or {}
    if mode.streaming:
        ((_, message, *_),) = arguments.values()
        request, response = LazyCodec(lambda: _bare(message)), LazyCodec(lambda: _bare(returns))
    else:
        request = LazyCodec(lambda: _whole(tuple_table(name, arguments, Presence.DEFAULT)))
        response = LazyCodec(lambda: _result(name, returns, throws))
    return Method(
        name=name,
        attribute=attribute or safe(snake_case(name)),
        mode=mode,
        request=request,
        response=response,
        oneway=oneway,
        throws=tuple(error for _, error in throws.values()),
        request_types=tuple((label, hint) for label, hint, *_ in arguments.values()),
        response_type=returns,
        annotations=annotations or {},
    )


def service(
    protocol: type[P], *methods: Method, package: str = "", name: str = "", extends: Service[Any] | None = None
) -> Service[P]:
    """Describe a service by the Protocol of its Python face; documentation is taken from there."""
    inherited = dict(extends.methods) if extends is not None else {}
    return Service(
        name=name or protocol.__name__,
        package=package,
        methods={**inherited, **{item.name: _documented(item, protocol) for item in methods}},
        protocol=protocol,
        doc=inspect.cleandoc(protocol.__dict__["__doc__"] or ""),
    )


def _documented(item: Method, protocol: type[Any]) -> Method:
    return replace(item, doc=inspect.getdoc(getattr(protocol, item.attribute, None)) or "")


def _whole(table: Table) -> _Pair:
    return binary.encoder(table), binary.decoder(table)


def _bare(message: Any) -> _Pair:
    shape = shape_of(message)
    if not isinstance(shape, Table):
        raise TypeError(f"a stream carries structs, not {shape}")
    return _whole(shape)


def _result(name: str, returns: Any, throws: Mapping[int, tuple[str, type[Exception]]]) -> _Pair:
    """A result struct holds the value at 0, or a declared exception at its number, or nothing when it is void."""
    fields: dict[int, tuple[str, Any]] = {} if returns is None else {0: ("success", returns)}
    write, read = _whole(tuple_table(name, {**fields, **throws}, Presence.OPTIONAL))
    success = len(fields)
    size = success + len(throws)
    errors = tuple(cls for _, cls in throws.values())

    def encode(value: Any) -> bytes:
        if isinstance(value, Exception):
            index = success + _index(name, errors, value)
        elif (value is None) == (returns is not None):
            expected = "None" if returns is None else "a value"
            raise EncodeError(f"expected {expected}, not {type(value).__name__}", f"{name}.success")
        else:
            index = 0
        return write(tuple(value if position == index else None for position in range(size)))

    def decode(data: bytes) -> Any:
        given = next((value for value in reversed(read(data)) if value is not None), None)
        if given is None and returns is not None:
            raise DecodeError("missing", f"{name}.success")
        return given

    return encode, decode


def _index(name: str, errors: tuple[type[Exception], ...], value: Exception) -> int:
    for index, error in enumerate(errors):
        if isinstance(value, error):
            return index
    raise EncodeError(f"does not throw {type(value).__name__}", name)
