"""TTHeader frames, bytes against bytes."""

from __future__ import annotations

from typing import Any

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.ttheader.frames import (
    FLAG_STREAMING,
    MAX_HEADER,
    MAX_MESSAGE,
    THRIFT_STRUCT,
    Frame,
    FrameBuffer,
    Header,
    check_head,
    decode_header,
    decode_strings,
    encode_frame,
    encode_header,
    frame_length,
    frame_prefix,
    unpack_head,
)

DATA = bytes.fromhex("0000002b100000020000000100061000100002001b000133000900084563686f4269646900000b0001000000016100")


def frames(data: bytes, *, chunk: int = 0, max_message: int = MAX_MESSAGE) -> list[Frame]:
    buffer = FrameBuffer(max_message)
    step = chunk or len(data) or 1
    found = [frame for at in range(0, len(data), step) for frame in buffer.feed(data[at : at + step])]
    assert not buffer.pending
    return found


def test_every_recorded_frame_decodes_to_what_kitex_meant(framed: Any) -> None:
    assert frames(framed.data) == [framed.frame]


def test_what_we_encode_decodes_to_the_same_maps(framed: Any) -> None:
    encoded = encode_frame(framed.frame)
    assert len(encoded) == len(framed.data)
    assert frames(encoded) == [framed.frame]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 0])
def test_frames_come_whole_at_any_chunk_size(chunk: int) -> None:
    assert [frame.payload for frame in frames(DATA * 5, chunk=chunk)] == [bytes.fromhex("0b0001000000016100")] * 5


def test_a_repeated_header_is_decoded_once() -> None:
    first, second = frames(DATA * 2)
    assert first.header is second.header


def test_headers_with_entries_of_the_application_are_not_kept() -> None:
    data = encode_frame(Frame(FLAG_STREAMING, 1, Header(THRIFT_STRUCT, {"k": "v"}, {27: "2"}), b""))
    first, second = frames(data * 2)
    assert first.header == second.header
    assert first.header is not second.header


def test_the_remembered_headers_are_bounded() -> None:
    buffer = FrameBuffer()
    for number in range(1000):
        (frame,) = buffer.feed(encode_frame(Frame(2, 1, Header(THRIFT_STRUCT, {}, {9: str(number)}), b"")))
        assert frame.header.ints == {9: str(number)}
    assert len(buffer._headers) <= 128


def test_a_prefix_made_once_gives_the_same_frame() -> None:
    header = Header(THRIFT_STRUCT, {}, {27: "3", 9: "EchoBidi"})
    prefix = frame_prefix(FLAG_STREAMING, 1, encode_header(header))
    assert frame_length(prefix, 9) + prefix + DATA[-9:] == encode_frame(Frame(FLAG_STREAMING, 1, header, DATA[-9:]))
    assert unpack_head(DATA) == (0x2B, 0x1000, 2, 1, 6)


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        ("1000", Header(0x10)),
        ("00000000", Header(0)),
        ("0002aabb", Header(0)),  # transforms are passed over, never applied
        ("0000 11 0003746f6b 00", Header(0, acl="tok")),
        ("0000 01 0001 00016b 000176 00 00 10 0001 0009 00016d", Header(0, {"k": "v"}, {9: "m"})),  # padding between
        ("0000 01 0001 00016b 000176 01 0001 00016b 000177", Header(0, {"k": "w"})),  # blocks merge, later keys win
        ("0000 01 0001 00016b 0001ff", Header(0, {"k": "\\xff"})),  # Go strings may hold any bytes
    ],
)
def test_headers_are_read_as_kitex_reads_them(raw: str, header: Header) -> None:
    assert decode_header(bytes.fromhex(raw)) == header


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "10",
        "0200",  # compact
        "0500",
        "0004aabb",  # transforms over the end
        "000002",  # unknown block
        "000001",  # a block without its count
        "0000010001000161",  # a key without its value
        "000001ffff",
        "00001000010009ffff",
        "000011ffff61",
    ],
)
def test_a_header_that_lies_is_a_remote_mistake(raw: str) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_header(bytes.fromhex(raw))


def test_the_string_map_of_a_mesh_header() -> None:
    assert decode_strings(bytes.fromhex("000100016b000176")) == {"k": "v"}


@pytest.mark.parametrize("protocol_id", [0x00, 0x03, 0x04, 0x10, 0x11])
def test_protocol_ids_kitex_accepts(protocol_id: int) -> None:
    assert decode_header(bytes((protocol_id, 0))).protocol_id == protocol_id


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("3fffffff 1000 0002 00000001 0001", "exceeds the limit"),  # 1 GiB, refused by its first 14 bytes
        ("ffffffff 1000 0002 00000001 0001", "exceeds the limit"),
        ("00000022 1001 0002 00000001 0006", "magic 0x1001"),
        ("00000022 0fff 0000 00000001 0006", "magic 0x0fff"),  # Apache's THeader
        ("0000000a 1000 0002 00000001 0000", "without a header"),
        ("00000022 1000 0002 00000001 0007", "a header of 28 bytes in a frame of 38"),
        ("00000000 1000 0002 00000001 0001", "in a frame of 4"),
    ],
)
def test_a_frame_is_refused_by_its_first_bytes(head: str, reason: str) -> None:
    buffer = FrameBuffer()
    with pytest.raises(RemoteProtocolError, match=reason):
        list(buffer.feed(bytes.fromhex(head)))
    assert buffer.pending == 0


@pytest.mark.parametrize(("size", "fits"), [(100, True), (101, False)])
def test_the_limit_is_on_the_payload_and_exact(size: int, fits: bool) -> None:
    frame = Frame(2, 1, Header(THRIFT_STRUCT, {"k": "v" * 1000}), bytes(size))
    if fits:
        assert frames(encode_frame(frame), max_message=100) == [frame]
    else:
        with pytest.raises(RemoteProtocolError, match="exceeds the limit of 100"):
            frames(encode_frame(frame), max_message=100)


def test_check_head_lets_a_good_frame_pass() -> None:
    check_head(0x1000, 0x2B, 6, MAX_MESSAGE)


def test_a_header_as_large_as_the_wire_allows() -> None:
    strings = {str(number): "v" * 60_000 for number in range(4)}
    strings["pad"] = "v" * (MAX_HEADER - len(encode_header(Header(0, strings))) - 7)
    frame = Frame(0, 1, Header(0, strings), b"")
    assert len(encode_header(frame.header)) == MAX_HEADER
    assert frames(encode_frame(frame), chunk=50_000) == [frame]


@pytest.mark.parametrize(
    "header",
    [
        Header(0, {"k": "v" * 65536}),
        Header(0, {"k" * 65536: "v"}),
        Header(0, {str(number): "v" * 60_000 for number in range(5)}),
        Header(0, {str(number): "" for number in range(65536)}),
        Header(0, {"k": "\ud800"}),
        Header(0, {}, {9: "v" * 65536}),
        Header(0, acl="v" * 65536),
    ],
    ids=["value", "key", "whole", "count", "not text", "int value", "acl"],
)
def test_a_header_that_does_not_fit_is_our_mistake(header: Header) -> None:
    with pytest.raises(LocalProtocolError):
        encode_header(header)


def test_clear_forgets_half_a_frame() -> None:
    buffer = FrameBuffer()
    assert list(buffer.feed(DATA[:20])) == []
    assert buffer.pending == 20
    buffer.clear()
    assert len(list(buffer.feed(DATA))) == 1
