"""First bytes of every wire, and of none."""

from __future__ import annotations

from typing import Any

import pytest

from thriftwire.sniff import SNIFF_SIZE, Wire, sniff


def test_every_recorded_frame_is_recognised(vector: Any) -> None:
    expected = Wire.TTSTREAM if vector.name.startswith("S") else Wire.UNARY
    assert sniff(vector.data) is expected
    assert sniff(vector.data[:SNIFF_SIZE]) is expected


def test_nothing_is_decided_before_eight_bytes(vector: Any) -> None:
    for size in range(SNIFF_SIZE):
        assert sniff(vector.data[:size]) is Wire.NEED_MORE


@pytest.mark.parametrize(
    ("data", "wire"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Wire.GRPC),
        (b"GET / HTTP/1.1\r\n", Wire.UNKNOWN),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", Wire.UNKNOWN),  # a TLS hello
        (bytes.fromhex("0000001290010001"), Wire.UNKNOWN),  # Kitex protobuf
        (bytes.fromhex("ffaf0002000080010001"), Wire.UNARY),  # a mesh header
        (bytes.fromhex("8001000100000004"), Wire.UNARY),  # buffered, as in U9
        (bytes.fromhex("00000022100000010000"), Wire.UNARY),  # TTHeader whose peer takes replies out of order
        (bytes.fromhex("00000022100000030000"), Wire.TTSTREAM),
        (bytearray(b"PRI * HTTP/2.0"), Wire.GRPC),
        (b"", Wire.NEED_MORE),
    ],
)
def test_first_bytes(data: bytes | bytearray, wire: Wire) -> None:
    assert sniff(data) is wire
