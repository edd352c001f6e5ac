"""Which wire a connection speaks, from its first bytes: decided once, in Kitex's order (kitex-wire 1.11)."""

from __future__ import annotations

from enum import Enum
from typing import Final

SNIFF_SIZE: Final = 8
"""Bytes that always suffice."""

_HTTP2: Final = b"PRI * HT"
_TTHEADER: Final = b"\x10\x00"
_STRICT_THRIFT: Final = b"\x80\x01"
_MESH_HEADER: Final = b"\xff\xaf"
_FLAG_STREAMING: Final = 0x02


class Wire(Enum):
    """What was recognised."""

    NEED_MORE = "need more"  # nothing is decided before `SNIFF_SIZE` bytes
    TTSTREAM = "ttstream"
    UNARY = "unary"  # buffered, framed, TTHeader, TTHeader+framed: told apart per message
    GRPC = "grpc"
    UNKNOWN = "unknown"  # close the connection without an answer


def sniff(data: bytes | bytearray) -> Wire:
    """The wire that ``data`` begins."""
    head = bytes(data[:SNIFF_SIZE])
    if len(head) < SNIFF_SIZE:
        return Wire.NEED_MORE
    if head == _HTTP2:
        return Wire.GRPC
    if head[4:6] == _TTHEADER:
        return Wire.TTSTREAM if head[7] & _FLAG_STREAMING else Wire.UNARY
    if head[:2] in (_STRICT_THRIFT, _MESH_HEADER) or head[4:6] == _STRICT_THRIFT:
        return Wire.UNARY
    return Wire.UNKNOWN
