"""Finding the end of a message without a length."""

from __future__ import annotations

import pytest

from thriftwire.errors import RemoteProtocolError
from thriftwire.ttheader.scan import MessageScanner

ENVELOPE = bytes.fromhex("80010001 00000004 50696e67 00000001")
STRUCTS = {
    "empty": "00",
    "fixed": "02000101 03000202 040003 0000000000000000 060004 0001 080005 00000001 0a0006 0000000000000001 00",
    "string": "0b0001 00000003 616263 00",
    "nested": "0c0001 0c0001 0b0001 00000000 00 00 00",
    "list of fixed": "0f0001 08 00000002 00000001 00000002 00",
    "list of strings": "0f0001 0b 00000002 00000001 61 00000000 00",
    "list of structs": "0f0001 0c 00000002 080001 00000001 00 00 00",
    "empty list": "0f0001 0c 00000000 00",
    "set": "0e0001 03 00000003 010203 00",
    "map of fixed": "0d0001 08 03 00000002 00000001 01 00000002 02 00",
    "map": "0d0001 0b 0c 00000002 00000001 61 00 00000001 62 080001 00000001 00 00",
    "map of maps": "0d0001 03 0d 00000001 01 03 03 00000001 01 02 00",
}


def scan(data: bytes, chunk: int, max_message: int = 1000) -> int | None:
    scanner, buffer = MessageScanner(max_message), bytearray()
    end = None
    for at in range(0, len(data), chunk):
        buffer += data[at : at + chunk]
        end = scanner.scan(buffer)
        if end is not None:
            return end
    return end


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("struct", STRUCTS.values(), ids=STRUCTS)
def test_the_end_is_found_at_any_chunk_size(struct: str, chunk: int) -> None:
    message = ENVELOPE + bytes.fromhex(struct)
    assert scan(message + b"\x80\x01 the next one", chunk) == len(message)
    assert scan(message[:-1], chunk) is None


@pytest.mark.parametrize(
    "struct",
    [
        "0b0001 ffffffff",
        "0b0001 7fffffff 61",
        "0f0001 0c 7fffffff",
        "0f0001 0c ffffffff",
        "0f0001 0a 000000ff",  # 255 times 8 bytes is beyond the limit
        "110001",
        "0f0001 11 00000001",
    ],
)
def test_impossible_sizes_and_types_are_refused_at_once(struct: str) -> None:
    with pytest.raises(RemoteProtocolError):
        scan(ENVELOPE + bytes.fromhex(struct), 1)


def test_a_name_longer_than_a_message_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="exceeds the limit"):
        scan(bytes.fromhex("80010001 7fffffff"), 1)


def test_depth_is_bounded() -> None:
    assert scan(ENVELOPE + b"\x0c\x00\x01" * 63 + b"\x00" * 64, 100) is not None
    with pytest.raises(RemoteProtocolError, match="nested deeper than 64"):
        scan(ENVELOPE + b"\x0c\x00\x01" * 64, 100)


def test_a_message_that_never_ends_is_refused_at_the_limit() -> None:
    with pytest.raises(RemoteProtocolError, match="exceeds the limit of 1000"):
        scan(ENVELOPE + bytes.fromhex("020001 01") * 1000, 7)
