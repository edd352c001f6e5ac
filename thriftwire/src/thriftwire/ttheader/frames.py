"""The TTHeader frame: bytes to header maps and payload, and back; it knows nothing of calls.

    length:u32 | magic 0x1000 | flags:u16 | seqid:i32 | header words:u16 | header, padded to words | payload
    header = protocol id:u8 | transforms:u8 | transform ids | info blocks

``length`` counts everything after itself. Info blocks (kitex-wire 1.2): ``01`` string map, ``10`` integer map (its
values are strings too), ``11`` the ACL token, ``00`` padding, which may stand anywhere.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from thriftwire.errors import LocalProtocolError, RemoteProtocolError

MAGIC: Final = 0x1000
FLAG_STREAMING: Final = 0x0002
THRIFT_BINARY: Final = 0x00  # the protocol id of unary frames
THRIFT_STRUCT: Final = 0x10  # the protocol id of streaming frames
ACCEPTED_PROTOCOLS: Final = frozenset({0x00, 0x03, 0x04, 0x10, 0x11})  # kitex-wire 1.5: not used to pick a codec
MAX_HEADER: Final = 0xFFFF * 4
MAX_MESSAGE: Final = 16 * 1024 * 1024  # the default limit; the wire itself has none
HEAD_SIZE: Final = 14

_PADDING, _STRINGS, _INTS, _ACL = 0x00, 0x01, 0x10, 0x11
_HEAD = struct.Struct(">IHHiH")
_AFTER_LENGTH = struct.Struct(">HHiH")
_LENGTH = struct.Struct(">I")
_U16 = struct.Struct(">H")
_NO_STRINGS: Final[Mapping[str, str]] = {}
_NO_INTS: Final[Mapping[int, str]] = {}
_CACHED_HEADERS = 128  # headers remembered by a connection
_CACHED_HEADER_SIZE = 256


class Header(msgspec.Struct, frozen=True):
    """A decoded variable header. The maps are shared between frames: never change them."""

    protocol_id: int = THRIFT_BINARY
    strings: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    ints: Mapping[int, str] = msgspec.field(default_factory=dict[int, str])
    acl: str | None = None


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame. ``seqid`` is a sequence id on unary calls and the stream id on streams."""

    flags: int
    seqid: int
    header: Header
    payload: bytes


def _str16(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"a header entry is not text: {text!r}") from error
    if len(data) > 0xFFFF:
        raise LocalProtocolError(f"a header entry of {len(data)} bytes exceeds 65535")
    return _U16.pack(len(data)) + data


def encode_header(header: Header) -> bytes:
    """The variable header with its padding. Raises LocalProtocolError when an entry or the whole is too long."""
    parts = [bytes((header.protocol_id, 0))]
    if header.acl is not None:
        parts.append(b"\x11" + _str16(header.acl))
    if header.strings:
        _check_count(len(header.strings))
        parts.append(b"\x01" + _U16.pack(len(header.strings)))
        parts.extend(_str16(key) + _str16(value) for key, value in header.strings.items())
    if header.ints:
        parts.append(b"\x10" + _U16.pack(len(header.ints)))
        parts.extend(_U16.pack(key) + _str16(value) for key, value in header.ints.items())
    data = b"".join(parts)
    if len(data) > MAX_HEADER:
        raise LocalProtocolError(f"a header of {len(data)} bytes exceeds {MAX_HEADER}")
    return data + bytes(-len(data) % 4)


def _check_count(count: int) -> None:
    if count > 0xFFFF:
        raise LocalProtocolError(f"{count} header entries exceed 65535")


def frame_prefix(flags: int, seqid: int, header: bytes) -> bytes:
    """What stands between a frame's length and its payload: for frames that repeat, made once."""
    return _AFTER_LENGTH.pack(MAGIC, flags, seqid, len(header) // 4) + header


def frame_length(prefix: bytes, payload_size: int) -> bytes:
    """The length field of the frame made of ``prefix`` and a payload."""
    return _LENGTH.pack(len(prefix) + payload_size)


def encode_frame(frame: Frame) -> bytes:
    """A whole frame."""
    prefix = frame_prefix(frame.flags, frame.seqid, encode_header(frame.header))
    return frame_length(prefix, len(frame.payload)) + prefix + frame.payload


class _HeaderReader:
    """A cursor over one variable header; every read is checked against its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise RemoteProtocolError(f"a header entry of {size} bytes runs over the header's end")
        self._at += size
        return self._data[self._at - size : self._at]

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def text(self) -> str:
        # Go strings may hold any bytes; one odd entry must not cost strangers their streams.
        return self.take(self.u16()).decode(errors="backslashreplace")

    def strings(self) -> dict[str, str]:
        entries: dict[str, str] = {}
        for _ in range(self.u16()):
            key = self.text()
            entries[key] = self.text()
        return entries


def unpack_head(data: bytes | bytearray, at: int = 0) -> tuple[int, int, int, int, int]:
    """The fixed part of a frame: length, magic, flags, seqid, header words."""
    return _HEAD.unpack_from(data, at)


def decode_strings(data: bytes) -> dict[str, str]:
    """A string map without its block id, as a mesh header holds it. Raises RemoteProtocolError."""
    return _HeaderReader(data).strings()


def decode_header(data: bytes) -> Header:
    """The maps of a variable header. Raises RemoteProtocolError."""
    reader = _HeaderReader(data)
    protocol_id = reader.u8()
    if protocol_id not in ACCEPTED_PROTOCOLS:
        raise RemoteProtocolError(f"protocol id {protocol_id:#04x} is not one of Kitex's")
    reader.take(reader.u8())  # transforms: Kitex skips them too, applying none
    strings: dict[str, str] = {}
    ints: dict[int, str] = {}
    acl = None
    while reader.left:
        match reader.u8():
            case 0x00:
                continue
            case 0x01:
                strings |= reader.strings()
            case 0x10:
                for _ in range(reader.u16()):
                    number = reader.u16()
                    ints[number] = reader.text()
            case 0x11:
                acl = reader.text()
            case unknown:
                raise RemoteProtocolError(f"unknown header block {unknown:#04x}")
    return Header(protocol_id, strings or _NO_STRINGS, ints or _NO_INTS, acl)


def check_head(magic: int, length: int, words: int, max_message: int) -> None:
    """Refuse a frame by its first 14 bytes, before anything is kept for it."""
    if magic != MAGIC:
        raise RemoteProtocolError(f"not a TTHeader frame: magic {magic:#06x}")
    if not words:
        raise RemoteProtocolError("a TTHeader frame without a header")
    payload = length + 4 - HEAD_SIZE - 4 * words
    if payload < 0:
        raise RemoteProtocolError(f"a header of {4 * words} bytes in a frame of {length + 4}")
    if payload > max_message:
        raise RemoteProtocolError(f"a message of {payload} bytes exceeds the limit of {max_message}")


class FrameBuffer:
    """Bytes in, whole frames out; holds at most one incomplete frame.

    Headers that repeat (those of data frames) are decoded once and then found by their bytes.
    """

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max_message = max_message
        self._tail = bytearray()
        self._need = HEAD_SIZE  # bytes without which the tail can yield nothing
        self._headers: dict[bytes, Header] = {}

    @property
    def pending(self) -> int:
        """Bytes of the incomplete frame."""
        return len(self._tail)

    def clear(self) -> None:
        """Forget the incomplete frame."""
        self._tail = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that ``data`` completes; to be consumed whole. Raises RemoteProtocolError."""
        if self._tail:
            self._tail += data
            if len(self._tail) < self._need:
                return
            data = bytes(self._tail)
            self._tail = bytearray()
        at, size, headers = 0, len(data), self._headers
        need = HEAD_SIZE
        while size - at >= HEAD_SIZE:
            length, magic, flags, seqid, words = _HEAD.unpack_from(data, at)
            body = at + HEAD_SIZE + 4 * words
            end = at + 4 + length
            if magic != MAGIC or not words or not body <= end <= body + self._max_message:
                check_head(magic, length, words, self._max_message)
            if end > size:
                need = end - at
                break
            header = headers.get(raw := data[at + HEAD_SIZE : body]) or self._decode(raw)
            yield Frame(flags, seqid, header, data[body:end])
            at = end
        self._need = need
        if at < size:
            self._tail += data[at:] if at else data

    def _decode(self, raw: bytes) -> Header:
        header = decode_header(raw)
        if not header.strings and len(raw) <= _CACHED_HEADER_SIZE:
            if len(self._headers) >= _CACHED_HEADERS:
                self._headers.clear()
            self._headers[raw] = header
        return header
