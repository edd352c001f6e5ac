"""GOAWAY frames, cut out of what arrives."""

from __future__ import annotations

import pytest

from thriftwire.errors import RemoteProtocolError
from thriftwire.grpc.goaway import ALL_STREAMS, Goaway, GoawayFilter, encode_goaway

PING = bytes.fromhex("000008 06 00 00000000 0106010800030309")
DATA = bytes.fromhex("000003 00 00 00000001") + b"abc"
GRACEFUL = bytes.fromhex("000019 07 00 00000000 7fffffff 00000000") + b"graceful shutdown"


def split(data: bytes, chunk: int = 0, skip: int = 0) -> tuple[bytes, list[Goaway], GoawayFilter]:
    filtering = GoawayFilter(skip=skip)
    step = chunk or len(data)
    pieces = [piece for at in range(0, len(data), step) for piece in filtering.feed(data[at : at + step])]
    rest = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    return rest, [piece for piece in pieces if isinstance(piece, Goaway)], filtering


def test_we_write_what_kitex_writes() -> None:
    assert encode_goaway(Goaway(ALL_STREAMS, 0, b"graceful shutdown")) == GRACEFUL
    assert encode_goaway(Goaway(1, 0)) == bytes.fromhex("000008 07 00 00000000 00000001 00000000")


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
def test_only_goaway_is_taken_out_at_any_chunk_size(chunk: int) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    rest, goaways, filtering = split(preface + PING + GRACEFUL + DATA + GRACEFUL + PING, chunk, skip=24)
    assert rest == preface + PING + DATA + PING
    assert goaways == [Goaway(ALL_STREAMS, 0, b"graceful shutdown")] * 2
    assert not filtering.inside_frame


def test_order_is_kept() -> None:
    assert GoawayFilter().feed(PING + GRACEFUL + DATA) == [PING, Goaway(ALL_STREAMS, 0, b"graceful shutdown"), DATA]


@pytest.mark.parametrize("cut", [1, 8, 9, 11, len(DATA) - 1])
def test_the_end_may_lie_inside_a_frame(cut: int) -> None:
    assert split(PING + DATA[:cut])[2].inside_frame
    assert split(PING + GRACEFUL[:cut])[2].inside_frame


def test_bytes_of_a_large_frame_pass_as_they_come() -> None:
    filtering = GoawayFilter()
    assert filtering.feed(DATA[:10]) == [DATA[:10]]
    assert filtering.feed(DATA[10:] + PING) == [DATA[10:] + PING]


def test_the_reserved_bit_is_no_part_of_an_id() -> None:
    frame = bytes.fromhex("000008 07 00 00000000 80000005 00000002")
    assert GoawayFilter().feed(frame) == [Goaway(5, 2)]


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", bytes.fromhex("004001 00 00 00000001")])
def test_a_frame_larger_than_allowed_is_refused_by_its_head(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="exceeds 16384"):
        GoawayFilter().feed(data)


def test_a_goaway_too_short_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="a GOAWAY of 4 bytes"):
        GoawayFilter().feed(bytes.fromhex("000004 07 00 00000000 7fffffff"))
