"""Unary messages as they lie on a connection."""

from __future__ import annotations

from typing import Any

import pytest

from thriftwire.errors import RemoteProtocolError
from thriftwire.ttheader.frames import Header
from thriftwire.ttheader.packets import Packet, PacketBuffer, Variant, encode_packet

MESSAGE = bytes.fromhex("800100010000000450696e67000000010c00010b00010000000268690000")
HEADER = Header(0, {"isn": "EchoSvc"}, {22: "1"})


def packets(data: bytes, chunk: int = 0, **options: int) -> list[Packet]:
    buffer = PacketBuffer(**options)
    step = chunk or len(data)
    found = [packet for at in range(0, len(data), step) for packet in buffer.feed(data[at : at + step])]
    assert not buffer.pending
    return found


def packet(variant: Variant) -> Packet:
    if variant.has_header:
        return Packet(variant=variant, message=MESSAGE, seqid=9, header=HEADER)
    return Packet(variant=variant, message=MESSAGE)


def test_every_recorded_message_is_unwrapped(unary: Any) -> None:
    (found,) = packets(unary.data)
    assert found.message[:2] == b"\x80\x01"
    assert packets(encode_packet(found)) == [found]
    if unary.frame is not None:
        assert (found.header, found.seqid) == (unary.frame.header, unary.frame.seqid)


@pytest.mark.parametrize(
    ("name", "variant"), [("U1", Variant.TTHEADER_FRAMED), ("U8", Variant.FRAMED), ("U12", Variant.TTHEADER)]
)
def test_the_variant_is_recognised(vectors: Any, name: str, variant: Variant) -> None:
    assert packets(vectors(name)[0].data)[0].variant is variant


def test_buffered_is_framed_without_its_length(vectors: Any) -> None:
    for vector in vectors("U8"):
        assert packets(vector.data[4:]) == [Packet(variant=Variant.BUFFERED, message=vector.data[4:])]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
def test_variants_may_alternate_on_one_connection(chunk: int) -> None:
    sent = [packet(variant) for variant in (*Variant, *Variant)]
    assert packets(b"".join(map(encode_packet, sent)), chunk) == sent


@pytest.mark.parametrize("chunk", [1, 3, 0])
def test_a_mesh_header_gives_its_entries_to_the_message_behind_it(chunk: int) -> None:
    mesh = bytes.fromhex("ffaf 0008 0001 0001 6b 0001 76")
    for variant in (Variant.FRAMED, Variant.BUFFERED):
        plain = packet(variant)
        marked = Packet(variant=variant, message=MESSAGE, header=Header(strings={"k": "v"}))
        assert packets(mesh + encode_packet(plain) + encode_packet(plain), chunk) == [marked, plain]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes.fromhex("0000001290010001") + bytes(20),  # Kitex protobuf
        bytes.fromhex("00000004 50696e67 01 00000001 00"),  # the old envelope
        bytes.fromhex("3fffffff 80010001"),  # a frame of 1 GiB
        bytes.fromhex("3fffffff 1000 0000 00000001 0001"),
        bytes.fromhex("ffaf ffff") + b"\x00" * 70000,  # a mesh header that is none
        bytes.fromhex("00000022100000020000000700061000100002001b000135000900084563686f426964690000"),  # a stream's
        bytes.fromhex("0000000e 1000 0000 00000001 0001 00000000"),  # an empty payload
        bytes.fromhex("00000012 1000 0000 00000001 0001 00000000 deadbeef"),
    ],
)
def test_anything_else_is_a_remote_mistake(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        packets(data)


def test_the_inner_frame_must_fill_the_outer_one() -> None:
    good = encode_packet(packet(Variant.TTHEADER_FRAMED))
    at = good.index(len(MESSAGE).to_bytes(4, "big") + b"\x80\x01")
    for wrong in (len(MESSAGE) - 1, len(MESSAGE) + 1):
        with pytest.raises(RemoteProtocolError):
            packets(good[:at] + wrong.to_bytes(4, "big") + good[at + 4 :])


@pytest.mark.parametrize("variant", Variant)
def test_the_limit_is_on_the_message_and_exact(variant: Variant) -> None:
    data = encode_packet(packet(variant))
    assert len(packets(data, max_message=len(MESSAGE))) == 1
    if variant is Variant.TTHEADER:  # four bytes of slack, an inner frame's length
        return
    with pytest.raises(RemoteProtocolError, match="exceeds the limit"):
        packets(data, max_message=len(MESSAGE) - 1)


def test_half_a_packet_waits_and_can_be_forgotten() -> None:
    buffer = PacketBuffer()
    assert list(buffer.feed(encode_packet(packet(Variant.FRAMED))[:-1])) == []
    assert buffer.pending == len(MESSAGE) + 3
    buffer.clear()
    assert buffer.pending == 0
