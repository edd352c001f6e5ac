"""The ways a unary message lies on a connection, told apart message by message (kitex-wire 1.11).

    buffered          message                           starts 80 01
    framed            length:u32 | message              bytes 4-5 are 80 01
    TTHeader          TTHeader frame around a message   bytes 4-5 are 10 00
    TTHeader+framed   TTHeader frame around a framed message

Kitex's mesh header (``FF AF``, a size and a string map before a buffered or framed message) is read, never written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

import msgspec

from thriftwire.errors import RemoteProtocolError
from thriftwire.ttheader.frames import (
    FLAG_STREAMING,
    HEAD_SIZE,
    MAX_MESSAGE,
    Frame,
    Header,
    check_head,
    decode_header,
    decode_strings,
    encode_frame,
    unpack_head,
)
from thriftwire.ttheader.scan import MessageScanner


class Variant(Enum):
    """How a message is wrapped. ``value`` is kitexcall's name for it."""

    BUFFERED = "Buffered"
    FRAMED = "Framed"
    TTHEADER = "TTHeader"
    TTHEADER_FRAMED = "TTHeaderFramed"

    @property
    def has_header(self) -> bool:
        """Metadata, deadlines and business status can travel."""
        return self in (Variant.TTHEADER, Variant.TTHEADER_FRAMED)

    @property
    def framed(self) -> bool:
        """The message has its own length before it."""
        return self in (Variant.FRAMED, Variant.TTHEADER_FRAMED)


class Packet(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it lay on the connection: ``message`` is a whole Thrift message, envelope included."""

    variant: Variant
    message: bytes
    seqid: int = 0  # of the TTHeader
    header: Header = Header()


_STRICT: Final = b"\x80\x01"
_TTHEADER: Final = b"\x10\x00"
_MESH: Final = b"\xff\xaf"
_MESH_HEAD = 4
_SNIFF_SIZE = 8  # no message is shorter: an envelope alone takes 12


def encode_packet(packet: Packet) -> bytes:
    """A packet's bytes."""
    message = packet.message
    if packet.variant.framed:
        message = len(message).to_bytes(4, "big") + message
    if packet.variant.has_header:
        message = encode_frame(Frame(0, packet.seqid, packet.header, message))
    return message


class PacketBuffer:
    """Bytes in, whole packets out; holds at most one incomplete packet."""

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max_message = max_message
        self._data = bytearray()
        self._need = _SNIFF_SIZE  # bytes without which nothing more can be said
        self._scanner: MessageScanner | None = None
        self._mesh: Mapping[str, str] = {}

    @property
    def pending(self) -> int:
        """Bytes of the incomplete packet."""
        return len(self._data)

    def clear(self) -> None:
        """Forget the incomplete packet."""
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that ``data`` completes; to be consumed whole. Raises RemoteProtocolError."""
        self._data += data
        while len(self._data) >= self._need:
            packet = self._next()
            if packet is not None:
                yield packet

    def _next(self) -> Packet | None:
        """One step: a packet, or None after having raised ``_need`` or passed a mesh header."""
        head = bytes(self._data[:_SNIFF_SIZE])
        if self._scanner is not None or head[:2] == _STRICT:
            return self._buffered()
        if head[4:6] == _TTHEADER:
            return self._ttheader()
        if head[:2] == _MESH:
            return self._mesh_header()
        if head[4:6] == _STRICT:
            return self._framed()
        raise RemoteProtocolError(f"no Thrift message begins with {head.hex()}")

    def _take(self, size: int) -> bytes | None:
        """The first ``size`` bytes, or None until they are there."""
        if len(self._data) < size:
            self._need = size
            return None
        data = bytes(self._data[:size])
        del self._data[:size]
        self._need = _SNIFF_SIZE
        return data

    def _finish(self, variant: Variant, message: bytes) -> Packet:
        header, self._mesh = Header(strings=self._mesh), {}
        return Packet(variant=variant, message=message, header=header)

    def _buffered(self) -> Packet | None:
        scanner = self._scanner or MessageScanner(self._max_message)
        end = scanner.scan(self._data)
        if end is None:
            self._scanner = scanner
            self._need = len(self._data) + 1
            return None
        self._scanner = None
        message = self._take(end)
        return None if message is None else self._finish(Variant.BUFFERED, message)

    def _framed(self) -> Packet | None:
        size = int.from_bytes(self._data[:4], "big")
        if size > self._max_message:
            raise RemoteProtocolError(f"a message of {size} bytes exceeds the limit of {self._max_message}")
        raw = self._take(4 + size)
        return None if raw is None else self._finish(Variant.FRAMED, raw[4:])

    def _mesh_header(self) -> None:
        raw = self._take(_MESH_HEAD + int.from_bytes(self._data[2:4], "big"))
        if raw is not None:
            self._mesh = decode_strings(raw[_MESH_HEAD:])

    def _ttheader(self) -> Packet | None:
        if len(self._data) < HEAD_SIZE:
            self._need = HEAD_SIZE
            return None
        length, magic, flags, seqid, words = unpack_head(self._data)
        # The inner frame's length belongs to the wrapping, not to the message.
        check_head(magic, length, words, self._max_message + 4)
        if flags & FLAG_STREAMING:
            raise RemoteProtocolError("a streaming frame on a unary connection")
        raw = self._take(4 + length)
        if raw is None:
            return None
        body = HEAD_SIZE + 4 * words
        variant, message = _unwrap(raw[body:])
        return Packet(variant=variant, message=message, seqid=seqid, header=decode_header(raw[HEAD_SIZE:body]))


def _unwrap(payload: bytes) -> tuple[Variant, bytes]:
    """What a TTHeader frame holds: a message, or a framed one."""
    if payload[:2] == _STRICT:
        return Variant.TTHEADER, payload
    if payload[4:6] == _STRICT and int.from_bytes(payload[:4], "big") == len(payload) - 4:
        return Variant.TTHEADER_FRAMED, payload[4:]
    raise RemoteProtocolError(f"no Thrift message begins with {payload[:_SNIFF_SIZE].hex()}")
