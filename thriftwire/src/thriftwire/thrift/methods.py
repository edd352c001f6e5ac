"""Methods and services made from types: what generated files call to describe what they declare."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.service import Codec, Method, Mode, Service
from thriftwire.thrift import binary
from thriftwire.thrift.names import safe, snake_case
from thriftwire.thrift.table import Presence, Table, shape_of, tuple_table

P = TypeVar("P")


class LazyCodec(Codec):
    """A codec that is compiled when first used, so that importing a contract costs nothing."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], tuple[Callable[[Any], bytes], Callable[[bytes], Any]]]) -> None:
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
    mode: Mode = Mode.PING_PONG,
    arguments: Mapping[int, tuple[str, Any]] | None = None,
    returns: Any = None,
    throws: Mapping[int, tuple[str, type[Exception]]] | None = None,
    oneway: bool = False,
    annotations: Mapping[str, str] | None = None,
) -> Method:
    """Describe a method: ``arguments`` and ``throws`` by Thrift number, ``returns`` None for void."""
    arguments, throws = arguments or {}, throws or {}
    if mode.streaming:
        ((_, message),) = arguments.values()
        request, response = LazyCodec(lambda: _bare(message)), LazyCodec(lambda: _bare(returns))
    else:
        request = LazyCodec(lambda: _whole(tuple_table(name, arguments, Presence.DEFAULT)))
        response = LazyCodec(lambda: _result(name, returns, throws))
    return Method(
        name=name,
        attribute=safe(snake_case(name)),
        mode=mode,
        request=request,
        response=response,
        oneway=oneway,
        throws=tuple(error for _, error in throws.values()),
        request_types=tuple(arguments.values()),
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
        doc=inspect.getdoc(protocol) or "",
    )


def _documented(item: Method, protocol: type[Any]) -> Method:
    from dataclasses import replace

    return replace(item, doc=inspect.getdoc(getattr(protocol, item.attribute, None)) or "")


_Pair = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


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
    fields |= throws
    table = tuple_table(name, fields, Presence.OPTIONAL)
    write, read = _whole(table)
    positions = {cls: index for index, (_, cls) in enumerate(fields.values()) if index or returns is None}
    blank = (None,) * len(fields)

    def encode(value: Any) -> bytes:
        if isinstance(value, Exception):
            index = next((index for cls, index in positions.items() if isinstance(value, cls)), None)
            if index is None:
                raise EncodeError(f"does not throw {type(value).__name__}", name)
            return write((*blank[:index], value, *blank[index + 1 :]))
        if returns is None:
            if value is not None:
                raise EncodeError(f"expected None, not {type(value).__name__}", name)
            return write(blank)
        if value is None:
            raise EncodeError(f"expected {table.members[0].shape}, not None", f"{name}.success")
        return write((value, *blank[1:]))

    def decode(data: bytes) -> Any:
        for value in reversed(values := read(data)):
            if value is not None:
                return value
        if returns is None:
            return None
        raise DecodeError("missing", f"{name}.success" if values else name)

    return encode, decode
