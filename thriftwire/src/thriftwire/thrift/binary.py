"""Thrift Binary, strict: generated structs to bytes and back.

The fast code is compiled per struct (`thriftwire.thrift.compile`) when it is first used. What no schema can say is
decided so: a number that an enum does not have is kept (`thriftwire.thrift.types.Enum`); a word outside a closed set
(``py.values``) and text that is no JSON (``py.type = "json"``) are refused, on both sides; a union has exactly one
field, and one whose only field is unknown is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift import careful
from thriftwire.thrift.compile import Compiler
from thriftwire.thrift.table import Table, table_of

T = TypeVar("T")

MAX_MESSAGE_SIZE: Final = 16 * 1024 * 1024

_compiler: Final = Compiler()


def encode(value: Any) -> bytes:
    """A generated struct as Thrift Binary. Raises EncodeError with the path of what does not fit."""
    return encoder(table_of(cast("type[Any]", type(value))))(value)


def decode(cls: type[T], data: bytes | bytearray | memoryview, *, max_size: int = MAX_MESSAGE_SIZE) -> T:
    """The struct in ``data``, which must hold nothing else. Raises DecodeError with the path of what is wrong."""
    if (size := memoryview(data).nbytes) > max_size:
        raise DecodeError(f"a message of {size} bytes exceeds the limit of {max_size}", cls.__name__)
    return decoder(table_of(cls))(bytes(data))


def encoder(table: Table, compiler: Compiler = _compiler) -> Callable[[Any], bytes]:
    """A function that encodes values of ``table``."""
    write = compiler.writer(table)

    def encode(value: Any) -> bytes:
        pieces: list[bytes] = []
        try:
            write(value, pieces.append, 0)
        except Exception as error:
            careful.check(table, value, table.name)
            raise EncodeError(str(error) or type(error).__name__, table.name) from error
        return b"".join(pieces)

    return encode


def decoder(table: Table, compiler: Compiler = _compiler) -> Callable[[bytes], Any]:
    """A function that decodes values of ``table``. It does not bound the size of what it is given; wires do."""
    read = compiler.reader(table)

    def decode(data: bytes) -> Any:
        try:
            value, position = read(data, 0, len(data), 0)
        except Exception:  # noqa: BLE001 - whatever it was, the careful walk says it better
            return careful.decode(table, data)
        return value if position == len(data) else careful.decode(table, data)

    return decode
