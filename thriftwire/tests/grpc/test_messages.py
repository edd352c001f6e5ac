"""gRPC's message framing."""

from __future__ import annotations

import pytest

from thriftwire.errors import RemoteProtocolError
from thriftwire.grpc.messages import MessageBuffer, MessageRefused, encode_prefix
from thriftwire.grpc.status import Status

G1 = bytes.fromhex("00 00000009 0b0001000000016100")  # a streaming message of Kitex
G2 = bytes.fromhex("00 0000000e 0c00010b00010000000268690000")  # a unary one


def payloads(data: bytes, chunk: int = 0) -> list[bytes]:
    buffer = MessageBuffer()
    step = chunk or len(data)
    found = [payload for at in range(0, len(data), step) for payload in buffer.feed(data[at : at + step])]
    assert not buffer.pending
    return found


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
def test_recorded_messages_come_whole_at_any_chunk_size(chunk: int) -> None:
    assert payloads(G1 + G2 + G1, chunk) == [G1[5:], G2[5:], G1[5:]]


def test_we_write_what_kitex_writes() -> None:
    assert encode_prefix(9) + G1[5:] == G1
    assert payloads(encode_prefix(0)) == [b""]


@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        ("01 00000009", Status.UNIMPLEMENTED, "compressed messages are not taken"),
        ("02 00000009", Status.UNIMPLEMENTED, "unknown message flag 0x02"),
        ("00 3fffffff", Status.RESOURCE_EXHAUSTED, "exceeds the limit"),
    ],
)
def test_a_message_is_refused_by_its_first_five_bytes(head: str, status: Status, reason: str) -> None:
    with pytest.raises(MessageRefused, match=reason) as caught:
        list(MessageBuffer().feed(bytes.fromhex(head)))
    assert isinstance(caught.value, RemoteProtocolError)
    assert caught.value.status is status


def test_the_limit_is_exact() -> None:
    assert list(MessageBuffer(9).feed(G1)) == [G1[5:]]
    with pytest.raises(MessageRefused):
        list(MessageBuffer(8).feed(G1))
