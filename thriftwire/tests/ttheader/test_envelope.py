"""Message envelopes and the exceptions inside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.events import Failure
from thriftwire.ttheader.envelope import (
    CALL,
    EXCEPTION,
    decode_envelope,
    decode_exception,
    decode_exception_struct,
    encode_envelope,
    encode_exception,
)

Vectors = Callable[[str], list[Any]]


def test_a_call_as_kitex_writes_it(vectors: Vectors) -> None:
    message = vectors("U12")[0].frame.payload
    envelope = decode_envelope(message)
    assert (envelope.type, envelope.name, envelope.seqid) == (CALL, "Ping", 5)
    assert encode_envelope(CALL, "Ping", 5) == message[: envelope.body]


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("S6", Failure(6, "biz error: boom")),
        ("S8", Failure(12014, "stream Recv timeout, timeout config={Timeout:300ms DisableCancelRemote:false}")),
        ("S9", Failure(12015, "stream timeout, timeout in ctx: 1.499874467s")),
        ("S13", Failure(4242, "why")),
    ],
)
def test_an_exception_as_kitex_writes_it(vectors: Vectors, name: str, failure: Failure) -> None:
    frame = vectors(name)[0].frame
    assert decode_exception(frame.payload) == failure
    assert encode_exception(failure, "EchoBidi", frame.seqid) == frame.payload


def test_unknown_fields_of_an_exception_are_skipped() -> None:
    struct = bytes.fromhex(
        "02 0009 01"  # bool
        "0a 0008 0000000000000001"
        "0d 0007 0b 08 00000001 00000001 61 00000005"  # map<string, i32>
        "0f 0006 0c 00000002 0b0001 00000000 00 00"  # list of two structs
        "0e 0005 03 00000003 010203"  # set<byte>
        "08 0001 00000007"  # the message with another type
        "0b 0001 00000002 6869"
        "08 0002 00000006"
        "00"
    )
    assert decode_exception_struct(struct) == Failure(6, "hi")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x01\x00",
        bytes.fromhex("00000004 50696e67 01 00000001"),  # the old envelope, which Kitex refuses too
        bytes.fromhex("80010003 ffffffff"),
        bytes.fromhex("80010003 7fffffff"),
        bytes.fromhex("80010003 00001001") + b"x" * 5000,  # a name of 4097 bytes
        bytes.fromhex("80010001 00000000 00000001 00"),  # a call
        bytes.fromhex("80010003 00000000 00000001"),  # no struct
        bytes.fromhex("80010003 00000000 00000001 0b0001 ffffffff"),
        bytes.fromhex("80010003 00000000 00000001 0b0001 00000005 61"),
        bytes.fromhex("80010003 00000000 00000001 110009"),  # no such type
        bytes.fromhex("80010003 00000000 00000001 0f0009 0c 7fffffff"),
        bytes.fromhex("80010003 00000000 00000001 0f0009 0c ffffffff"),
        bytes.fromhex("80010003 00000000 00000001") + b"\x0c\x00\x01" * 100,  # too deep
    ],
)
def test_anything_else_is_a_remote_mistake(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_exception(data)


def test_a_code_beyond_int32_is_held_to_it() -> None:
    assert decode_exception(encode_exception(Failure(2**40, "x"), "M", 1)).code == 2**31 - 1


def test_text_that_is_not_text_still_travels() -> None:
    assert decode_exception(encode_exception(Failure(6, "bad \ud800"), "M", 1)).message == "bad \\ud800"


def test_a_method_name_that_is_not_text_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        encode_envelope(EXCEPTION, "\ud800", 1)
