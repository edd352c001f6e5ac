"""The strict Thrift message envelope, and the exception that travels in one.

    u32 0x8001 00 type | u32 name length | name | i32 seqid | struct        types: 1 call 2 reply 3 exception 4 oneway

An exception's struct is ``{1: string message, 2: i32 type}`` (kitex-wire 1.8, 1.10).
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from thriftwire.errors import (
    INT32_MAX,
    INT32_MIN,
    LocalProtocolError,
    RemoteProtocolError,
)
from thriftwire.events import Failure

CALL: Final = 1
REPLY: Final = 2
EXCEPTION: Final = 3
ONEWAY: Final = 4
STRICT: Final = 0x8001

_I32 = struct.Struct(">i")
_FIXED_SIZES: Final = {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}
_MAX_NAME = 4096
_MAX_DEPTH = 64
_STRING, _STRUCT, _MAP, _SET, _LIST, _I32_TYPE = 11, 12, 13, 14, 15, 8


class Envelope(NamedTuple):
    """A message without its struct: ``type``, method ``name``, ``seqid``, and where the struct begins."""

    type: int
    name: str
    seqid: int
    body: int


def encode_envelope(type: int, name: str, seqid: int) -> bytes:
    """The bytes before a message's struct."""
    try:
        raw = name.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"a method name is not text: {name!r}") from error
    return struct.pack(">HBBI", STRICT, 0, type, len(raw)) + raw + _I32.pack(seqid)


def decode_envelope(data: bytes) -> Envelope:
    """Read a message's envelope. Raises RemoteProtocolError on anything but a whole strict one."""
    reader = _Reader(data)
    if reader.u16() != STRICT:
        raise RemoteProtocolError("not a strict Thrift message")
    kind = reader.u16() & 0xFF
    size = reader.i32()
    if size > _MAX_NAME:
        raise RemoteProtocolError(f"a method name of {size} bytes")
    name = reader.take(size).decode(errors="backslashreplace")
    return Envelope(kind, name, reader.i32(), reader.at)


def encode_exception(failure: Failure, name: str, seqid: int) -> bytes:
    """A whole exception message."""
    text = failure.message.encode(errors="backslashreplace")
    code = max(INT32_MIN, min(INT32_MAX, failure.code))
    return b"".join((
        encode_envelope(EXCEPTION, name, seqid),
        b"\x0b\x00\x01",
        _I32.pack(len(text)),
        text,
        b"\x08\x00\x02",
        _I32.pack(code),
        b"\x00",
    ))  # fmt: skip


def decode_exception_struct(data: bytes, at: int = 0) -> Failure:
    """The exception struct at ``at``; unknown fields are skipped. Raises RemoteProtocolError."""
    reader = _Reader(data, at)
    code, message = 0, ""
    while kind := reader.u8():
        field = reader.u16()
        if field == 1 and kind == _STRING:
            message = reader.take(reader.i32()).decode(errors="backslashreplace")
        elif field == 2 and kind == _I32_TYPE:
            code = reader.i32()
        else:
            reader.skip(kind, _MAX_DEPTH)
    return Failure(code, message)


def decode_exception(data: bytes) -> Failure:
    """A whole exception message. Raises RemoteProtocolError when it is another message or none."""
    envelope = decode_envelope(data)
    if envelope.type != EXCEPTION:
        raise RemoteProtocolError(f"a message of type {envelope.type} where an exception belongs")
    return decode_exception_struct(data, envelope.body)


class _Reader:
    """A cursor over Thrift Binary bytes; every read is checked against their end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self.at = at

    def take(self, size: int) -> bytes:
        self.advance(size)
        return self._data[self.at - size : self.at]

    def advance(self, size: int) -> None:
        if not 0 <= size <= len(self._data) - self.at:
            raise RemoteProtocolError(f"{size} bytes announced, {len(self._data) - self.at} there")
        self.at += size

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def i32(self) -> int:
        return int.from_bytes(self.take(4), "big", signed=True)

    def skip(self, kind: int, depth: int) -> None:
        """Pass over one value of a Thrift type."""
        if not depth:
            raise RemoteProtocolError(f"values nested deeper than {_MAX_DEPTH}")
        if size := _FIXED_SIZES.get(kind):
            self.advance(size)
        elif kind == _STRING:
            self.advance(self.i32())
        elif kind == _STRUCT:
            while field := self.u8():
                self.advance(2)
                self.skip(field, depth - 1)
        elif kind == _MAP:
            keys, values = self.u8(), self.u8()
            self._skip_each((keys, values), depth)
        elif kind in (_SET, _LIST):
            self._skip_each((self.u8(),), depth)
        else:
            raise RemoteProtocolError(f"{kind} is not a Thrift type")

    def _skip_each(self, kinds: tuple[int, ...], depth: int) -> None:
        count = self.i32()
        self.check_count(count)
        for _ in range(count):
            for kind in kinds:
                self.skip(kind, depth - 1)

    def check_count(self, count: int) -> None:
        """Every element takes at least one byte, so a count beyond the bytes left is a lie."""
        if not 0 <= count <= len(self._data) - self.at:
            raise RemoteProtocolError(f"{count} elements announced, {len(self._data) - self.at} bytes there")
