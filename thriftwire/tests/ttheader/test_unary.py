"""Unary calls, machine against machine and against recorded bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.events import BizStatus, End, Failure, Headers, Message, Open, Reset
from thriftwire.states import Role
from thriftwire.testing import Pair, checks, mutations, survive
from thriftwire.testing.samples import STRUCT, Check, request
from thriftwire.ttheader.envelope import decode_envelope, encode_envelope, encode_exception
from thriftwire.ttheader.frames import Header
from thriftwire.ttheader.packets import Packet, PacketBuffer, Variant, encode_packet
from thriftwire.ttheader.unary import UnaryMachine

Vectors = Callable[[str], list[Any]]
CLIENT, SERVER = Role.CLIENT, Role.SERVER
PING_ARGS = bytes.fromhex("0c00010b00010000000268690000")
PING_RESULT = bytes.fromhex("0c00000b00010000000268690000")


def pair(variant: Variant) -> Pair:
    return Pair(
        UnaryMachine(CLIENT, variant=variant),
        UnaryMachine(SERVER),
        streaming=False,
        metadata=variant.has_header,
    )


def called(call_id: int = 1, variant: Variant = Variant.TTHEADER_FRAMED, **fields: Any) -> UnaryMachine:
    """A client that has called Ping and waits."""
    client = UnaryMachine(CLIENT, variant=variant, destination="echo.server")
    client.send(Open(call_id=call_id, service="EchoSvc", method="Ping", streaming=False, **fields))
    client.send(Message(call_id, PING_ARGS))
    client.send(End(call_id=call_id))
    return client


def packet(data: bytes) -> Packet:
    (found,) = PacketBuffer().feed(data)
    return found


def reply(message: bytes, **strings: str) -> bytes:
    header = Header(0, strings, {22: "2"})
    return encode_packet(Packet(variant=Variant.TTHEADER, seqid=1, header=header, message=message))


@pytest.mark.parametrize("check", checks(streaming=False), ids=lambda check: check.__name__)
@pytest.mark.parametrize("variant", Variant)
def test_conformance(variant: Variant, check: Check) -> None:
    check(partial(pair, variant))


# What Kitex recorded


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
@pytest.mark.parametrize("name", ["U1", "U3", "U4", "U8", "U10", "U11", "U12"])
def test_recorded_calls_at_a_server(vectors: Vectors, name: str, chunk: int) -> None:
    server = UnaryMachine(SERVER)
    data = vectors(name)[0].data
    step = chunk or len(data)
    opened, message, end = [event for at in range(0, len(data), step) for event in server.receive(data[at : at + step])]
    assert isinstance(opened, Open)
    assert not opened.streaming
    assert opened.method == ("Fire" if name == "U10" else "Ping")
    assert opened.oneway == (name == "U10")
    assert opened.service == ("EchoSvc" if name in ("U1", "U4", "U10") else "")
    assert opened.transient == {"U4": {"TKEY": "tval"}, "U11": {"gdpr-token": "tok"}}.get(name, {})
    assert opened.persistent == ({"PKEY": "pval"} if name == "U4" else {})
    assert message == Message(opened.call_id, PING_ARGS)
    assert end == End(call_id=opened.call_id)


def test_a_request_is_what_kitex_would_write(vectors: Vectors) -> None:
    client = called(caller="cli.svc")
    recorded = vectors("U1")[0].frame
    wrote = packet(client.outgoing())
    assert wrote.message == recorded.payload[4:]
    assert wrote.header.strings == recorded.header.strings
    assert wrote.header.ints == {key: value for key, value in recorded.header.ints.items() if value}


def test_the_smallest_requests_are_byte_for_byte_kitexs(vectors: Vectors) -> None:
    call, _ = vectors("U8")
    assert called(variant=Variant.FRAMED).outgoing() == call.data
    assert called(variant=Variant.BUFFERED).outgoing() == call.data[4:]


@pytest.mark.parametrize(
    ("name", "number", "events"),
    [
        ("U2", 0, [Headers(call_id=1, headers={"bk": "bv"}), Message(1, PING_RESULT), End(call_id=1)]),
        (
            "U5",
            0,
            [
                Headers(call_id=1, headers={"bk": "bv"}),
                End(call_id=1, biz=BizStatus(10001, "biz failed", {"k": "v"})),
            ],
        ),
        ("U6", 0, [Headers(call_id=1, headers={"bk": "bv"}), End(call_id=1, failure=Failure(6, "biz error: boom"))]),
        ("U8", 1, [Headers(call_id=1), Message(1, PING_RESULT), End(call_id=1)]),
    ],
)
def test_recorded_replies_at_a_client(vectors: Vectors, name: str, number: int, events: list[Any]) -> None:
    client = called()
    assert client.receive(vectors(name)[number].data) == events
    assert client.live_calls == 0
    assert client.accepts_calls


def test_a_declared_exception_is_a_result(vectors: Vectors) -> None:
    seen = called().receive(vectors("U7")[0].data)
    assert seen[1] == Message(1, bytes.fromhex("0c00010b0001000000086465636c617265640000"))


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("U5", End(call_id=1, biz=BizStatus(10001, "biz failed", {"k": "v"}))),
        ("U6", End(call_id=1, failure=Failure(6, "biz error: boom"))),
    ],
)
def test_failed_replies_are_what_kitex_would_write(vectors: Vectors, name: str, event: End) -> None:
    server = UnaryMachine(SERVER)
    server.receive(vectors("U1")[0].data)
    server.send(Headers(call_id=1, headers={"bk": "bv"}))
    server.send(event)
    wrote, recorded = packet(server.outgoing()), packet(vectors(name)[0].data)
    assert wrote == recorded


# Variants


def test_a_reply_comes_in_its_requests_variant() -> None:
    server = UnaryMachine(SERVER)
    for variant in (*Variant, *Variant):
        (opened, *_) = server.receive(called(variant=variant).outgoing())
        server.send(Headers(call_id=opened.call_id, headers={"k": "v"}))
        server.send(Message(opened.call_id, PING_RESULT))
        server.send(End(call_id=opened.call_id, trailers={"t": "u"}))
        wrote = packet(server.outgoing())
        assert wrote.variant is variant
        assert wrote.header.strings == ({"k": "v", "t": "u"} if variant.has_header else {})
        assert wrote.message == encode_envelope(2, "Ping", 1) + PING_RESULT


def test_sequence_ids_are_echoed_and_need_not_differ() -> None:
    server = UnaryMachine(SERVER)
    data = called(call_id=-7).outgoing()
    first, second = (event for event in server.receive(data + data) if isinstance(event, Open))
    assert first.call_id != second.call_id
    for opened in (second, first):
        server.send(End(call_id=opened.call_id, failure=Failure(6, str(opened.call_id))))
    wrote = list(PacketBuffer().feed(server.outgoing()))
    assert [decode_envelope(one.message).seqid for one in wrote] == [-7, -7]
    assert [one.seqid for one in wrote] == [-7, -7]


# The server's side


@pytest.mark.parametrize("kind", [2, 3, 9])
def test_a_server_takes_calls_only(kind: int) -> None:
    server = UnaryMachine(SERVER)
    message = encode_envelope(kind, "Ping", 1) + PING_ARGS
    with pytest.raises(RemoteProtocolError, match=f"type {kind} where a call belongs"):
        server.receive(encode_packet(Packet(variant=Variant.FRAMED, message=message)))
    assert server.closing


def test_the_old_envelope_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        UnaryMachine(SERVER).receive(bytes.fromhex("00000012 00000004 50696e67 01 00000001 00"))


def test_a_servers_reset_is_an_exception() -> None:
    both = pair(Variant.TTHEADER_FRAMED)
    mine, theirs = request(both)
    seen = both.send(SERVER, Reset(call_id=theirs, failure=Failure(12012, "gone")))
    assert seen == [Headers(call_id=mine), End(call_id=mine, failure=Failure(12012, "gone"))]


def test_after_shutdown_replies_ask_the_client_to_leave() -> None:
    both = pair(Variant.TTHEADER_FRAMED)
    mine, theirs = request(both)
    both.server.shutdown()
    assert not both.server.closing
    seen = both.send(SERVER, Headers(call_id=theirs), Message(theirs, STRUCT), End(call_id=theirs))
    assert seen == [Headers(call_id=mine), Message(mine, STRUCT), End(call_id=mine)]
    assert both.server.closing
    assert not both.client.accepts_calls
    assert both.client.closing


def test_an_idle_connection_closes_at_shutdown() -> None:
    server = UnaryMachine(SERVER)
    server.shutdown()
    assert server.closing


# The client's side


def test_a_client_is_busy_while_a_call_is_live() -> None:
    client = called()
    assert not client.accepts_calls
    client.receive(reply(encode_envelope(2, "Ping", 1) + PING_RESULT))
    assert client.accepts_calls


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (encode_envelope(2, "Ping", 2) + PING_RESULT, "answers no call"),
        (encode_envelope(2, "Pong", 1) + PING_RESULT, "a reply to 'Pong' where 'Ping' was called"),
        (encode_envelope(1, "Ping", 1) + PING_ARGS, "type 1 where a reply belongs"),
        (encode_envelope(3, "Ping", 1) + b"\x0b", "announced"),
    ],
)
def test_a_reply_that_fits_no_call_breaks_the_connection(message: bytes, reason: str) -> None:
    client = called()
    with pytest.raises(RemoteProtocolError, match=reason):
        client.receive(reply(message))
    assert client.closing


def test_an_exceptions_sequence_id_and_name_are_not_checked() -> None:
    client = called()
    seen = client.receive(reply(encode_exception(Failure(1, "unknown"), "", 0)))
    assert seen[-1] == End(call_id=1, failure=Failure(1, "unknown"))
    with pytest.raises(RemoteProtocolError, match="answers no call"):
        client.receive(reply(encode_exception(Failure(1, "unknown"), "", 0)))


def test_a_request_not_yet_written_cannot_be_answered() -> None:
    client = UnaryMachine(CLIENT)
    client.send(Open(call_id=1, service="S", method="Ping", streaming=False))
    with pytest.raises(RemoteProtocolError):
        client.receive(reply(encode_envelope(2, "Ping", 1) + PING_RESULT))


def test_an_exception_wins_over_a_business_status() -> None:
    seen = called().receive(reply(encode_exception(Failure(6, "boom"), "Ping", 1), **{"biz-status": "5"}))
    assert seen[-1] == End(call_id=1, failure=Failure(6, "boom"))


def test_a_malformed_business_status_is_a_failure() -> None:
    message = encode_envelope(2, "Ping", 1) + b"\x00"
    (_, end) = called().receive(reply(message, **{"biz-status": "5", "biz-extra": "{"}))
    assert isinstance(end, End)
    assert end.failure is not None
    assert end.failure.code == 12003


def test_a_business_status_of_zero_is_success() -> None:
    seen = called().receive(reply(encode_envelope(2, "Ping", 1) + PING_RESULT, **{"biz-status": "0"}))
    assert seen == [Headers(call_id=1), Message(1, PING_RESULT), End(call_id=1)]


def test_a_call_given_up_before_it_was_written_costs_nothing() -> None:
    client = UnaryMachine(CLIENT)
    client.send(Open(call_id=1, service="S", method="Ping", streaming=False))
    client.send(Reset(call_id=1, failure=Failure(12007, "gone")))
    assert client.outgoing() == b""
    assert client.accepts_calls


def test_a_given_up_call_does_not_disturb_the_one_behind_it() -> None:
    client = called(1)
    client.send(Open(call_id=2, service="S", method="Ping", streaming=False))
    client.send(Message(2, PING_ARGS))
    client.send(End(call_id=2))
    client.send(Reset(call_id=1, failure=Failure(12015, "late")))
    assert not client.closing
    seen = client.receive(
        reply(encode_envelope(2, "Ping", 1) + PING_RESULT) + reply(encode_envelope(2, "Ping", 2) + PING_RESULT)
    )
    assert seen == [Headers(call_id=2), Message(2, PING_RESULT), End(call_id=2)]
    assert client.closing


@pytest.mark.parametrize("variant", Variant)
def test_the_transport_type_is_named(variant: Variant) -> None:
    ints = packet(called(variant=variant).outgoing()).header.ints
    assert ints.get(1) == {Variant.TTHEADER: "unframed", Variant.TTHEADER_FRAMED: "framed"}.get(variant)


def test_a_oneway_call_says_so_twice(vectors: Vectors) -> None:
    wrote = packet(called(oneway=True).outgoing())
    assert wrote.header.ints[22] == "4"
    assert decode_envelope(wrote.message).type == 4


def test_what_does_not_fit_is_refused() -> None:
    client = UnaryMachine(CLIENT, max_message=10)
    client.send(Open(call_id=1, service="S", method="Ping", streaming=False))
    with pytest.raises(LocalProtocolError, match="exceeds the limit of 10"):
        client.send(Message(1, bytes(11)))
    with pytest.raises(LocalProtocolError, match="in use"):
        client.send(Open(call_id=1, service="S", method="Ping", streaming=False))
    with pytest.raises(LocalProtocolError, match="do not stream"):
        client.send(Open(call_id=2, service="S", method="Ping"))
    headers = {"k": "v" * 70000}
    client.send(Open(call_id=3, service="S", method="Ping", streaming=False, headers=headers))
    client.send(Message(3, b"\x00"))
    with pytest.raises(LocalProtocolError, match="65535"):
        client.send(End(call_id=3))
    assert client.outgoing() == b""


def test_ids_wrap_to_one() -> None:
    client = UnaryMachine(CLIENT, first_call_id=2**31 - 1)
    assert (client.new_call_id(), client.new_call_id()) == (2**31 - 1, 1)


def test_there_are_no_windows() -> None:
    client = called()
    client.outgoing()
    assert client.room(1) is None
    client.consumed(1, 100)
    assert client.outgoing() == b""


@pytest.mark.parametrize("role", Role)
def test_corrupted_recordings_raise_nothing_but_a_remote_mistake(vectors: Vectors, role: Role) -> None:
    seeds = [vector.data for number in range(1, 13) for vector in vectors(f"U{number}")]
    seeds += [data[4:] for data in seeds if data[4:6] == b"\x80\x01"]
    make = (lambda: UnaryMachine(SERVER)) if role is SERVER else called
    assert survive(make, mutations(seeds, 1000, seed=2)) > 0
