"""Thrift Binary, strict: generated structs to bytes and back.

The fast code is compiled per struct (`thriftwire.thrift.compile`) when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift import careful
from thriftwire.thrift.compile import Compiler
from thriftwire.thrift.table import Table, table_of

T = TypeVar("T")

MAX_MESSAGE_SIZE: Final = 16 * 1024 * 1024

_compiler: Final = Compiler()


def encode(value: Any) -> bytes:
    """A generated struct as Thrift Binary. Raises EncodeError with the path of what does not fit."""
    return encoder(table_of(type(value)))(value)


def decode(cls: type[T], data: bytes | bytearray | memoryview, *, max_size: int = MAX_MESSAGE_SIZE) -> T:
    """The struct in ``data``, which must hold nothing else. Raises DecodeError with the path of what is wrong."""
    return decoder(table_of(cls), max_size=max_size)(bytes(data))


def encoder(table: Table, compiler: Compiler = _compiler) -> Callable[[Any], bytes]:
    """A function that encodes values of ``table``."""
    write = compiler.writer(table)

    def encode(value: Any) -> bytes:
        pieces: list[bytes] = []
        try:
            write(value, pieces.append, 0)
        except Exception as error:  # whatever it was, the careful walk says it better
            careful.check(table, value, table.name)
            raise EncodeError(str(error) or type(error).__name__, table.name) from error
        return b"".join(pieces)

    return encode


def decoder(
    table: Table, compiler: Compiler = _compiler, *, max_size: int = MAX_MESSAGE_SIZE
) -> Callable[[bytes], Any]:
    """A function that decodes values of ``table``."""
    read = compiler.reader(table)

    def decode(data: bytes) -> Any:
        size = len(data)
        if size > max_size:
            raise DecodeError(f"a message of {size} bytes exceeds the limit of {max_size}", table.name)
        try:
            value, position = read(data, 0, size, 0)
            if position == size:
                return value
        except Exception:  # whatever it was, the careful walk says it better
            return careful.decode(table, data)
        return careful.decode(table, data)

    return decode
