"""TTHeader Streaming, machine against machine and against recorded bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from thriftwire.errors import INT32_MAX, LocalProtocolError, RemoteProtocolError
from thriftwire.events import BizStatus, End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.states import Role
from thriftwire.testing import Pair, checks, mutations, survive
from thriftwire.testing.samples import Check, opening
from thriftwire.ttheader.envelope import encode_envelope, encode_exception
from thriftwire.ttheader.frames import FLAG_STREAMING, THRIFT_STRUCT, Frame, FrameBuffer, Header, encode_frame
from thriftwire.ttheader.streaming import StreamingMachine

Vectors = Callable[[str], list[Any]]
CLIENT, SERVER = Role.CLIENT, Role.SERVER


def pair() -> Pair:
    return Pair(StreamingMachine(CLIENT), StreamingMachine(SERVER))


def frame(kind: str, call_id: int = 1, *, strings: dict[str, str] | None = None, payload: bytes = b"") -> bytes:
    header = Header(THRIFT_STRUCT, strings or {}, {27: kind, 9: "EchoBidi"})
    return encode_frame(Frame(FLAG_STREAMING, call_id, header, payload))


def decoded(data: bytes) -> list[Frame]:
    return list(FrameBuffer().feed(data))


def open_client(call_id: int = 1, method: str = "EchoBidi", **fields: Any) -> StreamingMachine:
    client = StreamingMachine(CLIENT)
    client.send(Open(call_id=call_id, service="EchoSvc", method=method, **fields))
    client.outgoing()
    return client


def open_server(call_id: int = 1) -> StreamingMachine:
    server = StreamingMachine(SERVER)
    server.receive(frame("2", call_id))
    return server


@pytest.mark.parametrize("check", checks(streaming=True), ids=lambda check: check.__name__)
def test_conformance(check: Check) -> None:
    check(pair)


# What Kitex recorded


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
def test_a_recorded_call_replays_at_the_server(vectors: Vectors, chunk: int) -> None:
    server = StreamingMachine(SERVER)
    data = b"".join(vector.data for vector in vectors("S11") if vector.sender == "client")
    step = chunk or len(data)
    seen = [event for at in range(0, len(data), step) for event in server.receive(data[at : at + step])]
    assert seen == [
        Open(call_id=1, service="EchoSvc", method="EchoServer"),
        Message(1, bytes.fromhex("0b0001000000017100")),
        End(call_id=1),
    ]
    for event in (
        Headers(call_id=1),
        Message(1, bytes.fromhex("0b000100000003712d3000")),
        Message(1, bytes.fromhex("0b000100000003712d3100")),
        End(call_id=1),
    ):
        server.send(event)
    wrote = decoded(server.outgoing())
    recorded = [vector.frame for vector in vectors("S11") if vector.sender == "server"]
    assert wrote[:-1] == recorded[:-1]
    assert wrote[-1].header.strings == {"biz-status": "0"}  # so that Kitex's Trailer() has something to return
    assert server.live_calls == 0


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 0])
def test_a_recorded_call_replays_at_the_client(vectors: Vectors, chunk: int) -> None:
    client = StreamingMachine(CLIENT)
    for event in (
        Open(call_id=client.new_call_id(), service="EchoSvc", method="EchoServer"),
        Message(1, bytes.fromhex("0b0001000000017100")),
        End(call_id=1),
    ):
        client.send(event)
    assert decoded(client.outgoing()) == [vector.frame for vector in vectors("S11") if vector.sender == "client"]
    data = b"".join(vector.data for vector in vectors("S11") if vector.sender == "server")
    step = chunk or len(data)
    seen = [event for at in range(0, len(data), step) for event in client.receive(data[at : at + step])]
    assert seen == [
        Headers(call_id=1),
        Message(1, bytes.fromhex("0b000100000003712d3000")),
        Message(1, bytes.fromhex("0b000100000003712d3100")),
        End(call_id=1),
    ]
    assert client.live_calls == 0


@pytest.mark.parametrize(
    ("name", "number", "call_id", "event"),
    [
        ("S2", 0, 1, Message(1, bytes.fromhex("0b0001000000016100"))),
        ("S3", 0, 1, End(call_id=1)),
        ("S4", 0, 1, Headers(call_id=1, headers={"hk": "hv"})),
        ("S4", 1, 1, End(call_id=1, trailers={"tk": "tv"})),
        ("S5", 0, 1, End(call_id=1, trailers={"tk": "tv"}, biz=BizStatus(10001, "biz failed", {"k": "v"}))),
        ("S6", 0, 1, End(call_id=1, trailers={"tk": "tv"}, failure=Failure(6, "biz error: boom"))),
        ("S12", 0, 7, Reset(call_id=7, failure=Failure(13, "rst"))),
        ("S13", 0, 7, Reset(call_id=7, failure=Failure(4242, "why"), path=("A", "B"))),
        ("S15", 0, -3, End(call_id=-3)),
    ],
)
def test_recorded_frames_at_a_client(vectors: Vectors, name: str, number: int, call_id: int, event: Event) -> None:
    assert open_client(call_id).receive(vectors(name)[number].data) == [event]


@pytest.mark.parametrize(
    ("name", "code", "path"),
    [("S7", 12007, ("cli.svc",)), ("S8", 12014, ("cli.svc",)), ("S9", 12015, ("cli.svc", "b.server"))],
)
def test_recorded_resets_at_a_server(vectors: Vectors, name: str, code: int, path: tuple[str, ...]) -> None:
    (event,) = open_server().receive(vectors(name)[0].data)
    assert isinstance(event, Reset)
    assert (event.failure.code, event.path) == (code, path)


def test_a_reset_is_written_as_kitex_writes_it(vectors: Vectors) -> None:
    client = open_client()
    (recorded,) = decoded(vectors("S9")[0].data)
    failure = Failure(12015, "stream timeout, timeout in ctx: 1.499874467s")
    client.send(Reset(call_id=1, failure=failure, path=("cli.svc", "b.server")))
    assert decoded(client.outgoing()) == [recorded]


def test_a_recorded_open_with_metadata_and_with_a_caller(vectors: Vectors) -> None:
    (event,) = StreamingMachine(SERVER).receive(vectors("S10")[0].data)
    assert event == Open(
        call_id=1, service="EchoSvc", method="EchoBidi", transient={"TKEY": "tval"}, persistent={"PKEY": "pval"}
    )
    (event,) = StreamingMachine(SERVER).receive(vectors("S16")[0].data)
    assert event == Open(call_id=7, service="EchoSvc", method="EchoBidi", caller="py.client")


def test_meta_frames_are_ignored_by_both(vectors: Vectors) -> None:
    assert open_client(7).receive(vectors("S14")[0].data) == []
    assert StreamingMachine(SERVER).receive(vectors("S14")[0].data) == []


# What is forgiven


def test_data_before_headers_is_taken_and_headers_may_still_come() -> None:
    client = open_client()
    assert client.receive(frame("3", payload=b"x") + frame("2") + frame("3", payload=b"y")) == [
        Message(1, b"x"),
        Headers(call_id=1),
        Message(1, b"y"),
    ]


def test_a_trailer_alone_ends_a_call() -> None:
    client = open_client()
    assert client.receive(frame("4")) == [End(call_id=1)]
    assert client.live_calls == 0


def test_what_a_client_sends_after_its_half_close_is_dropped() -> None:
    server = open_server()
    assert server.receive(frame("4") + frame("3", payload=b"late") + frame("4")) == [End(call_id=1)]
    assert server.live_calls == 1


@pytest.mark.parametrize("kind", ["3", "4", "5"])
@pytest.mark.parametrize("role", Role)
def test_frames_for_calls_that_never_were_are_dropped(role: Role, kind: str) -> None:
    assert StreamingMachine(role).receive(frame(kind, 99)) == []


def test_headers_for_a_call_that_is_over_are_dropped() -> None:
    client = open_client()
    client.send(Reset(call_id=1, failure=Failure(12007, "gone")))
    assert client.receive(frame("2") + frame("3") + frame("4")) == []


@pytest.mark.parametrize("call_id", [0, -1, -(2**31)])
def test_a_server_takes_any_id(call_id: int) -> None:
    server = StreamingMachine(SERVER)
    (event,) = server.receive(frame("2", call_id))
    assert event.call_id == call_id
    server.send(End(call_id=call_id))
    assert {wrote.seqid for wrote in decoded(server.outgoing())} == {call_id}


def test_frames_without_a_method_are_taken() -> None:
    bare = Header(THRIFT_STRUCT, {}, {27: "3"})
    assert open_client().receive(encode_frame(Frame(FLAG_STREAMING, 1, bare, b"x"))) == [Message(1, b"x")]
    opening_frame = encode_frame(Frame(FLAG_STREAMING, 1, Header(THRIFT_STRUCT, {}, {27: "2"}), b""))
    (event,) = StreamingMachine(SERVER).receive(opening_frame)
    assert event == Open(call_id=1, service="", method="")


@pytest.mark.parametrize("protocol_id", [0x00, 0x03, 0x04, 0x10, 0x11])
def test_the_protocol_id_does_not_pick_a_codec(protocol_id: int) -> None:
    header = Header(protocol_id, {}, {27: "3"})
    assert open_client().receive(encode_frame(Frame(FLAG_STREAMING, 1, header, b"x"))) == [Message(1, b"x")]


def test_a_client_may_end_with_an_exception() -> None:
    failure = Failure(6, "boom")
    (event,) = open_server().receive(frame("4", payload=encode_exception(failure, "EchoBidi", 1)))
    assert event == End(call_id=1, failure=failure)


# What breaks a connection


@pytest.mark.parametrize(
    "data",
    [
        frame("2") + frame("2"),  # a second header
        frame("2") + frame("3") + frame("2"),
        frame("6"),
        frame(""),
        encode_frame(Frame(FLAG_STREAMING, 1, Header(THRIFT_STRUCT), b"")),  # no type at all
        encode_frame(Frame(0, 1, Header(THRIFT_STRUCT, {}, {27: "3"}), b"")),  # no streaming flag
        encode_frame(Frame(FLAG_STREAMING, 1, Header(0x02, {}, {27: "3"}), b"")),  # compact
        b"\x00\x00\x00\x22\x10\x01" + bytes(40),
        bytes.fromhex("3fffffff 1000 0002 00000001 0001"),
    ],
)
def test_a_broken_rule_costs_the_connection(data: bytes) -> None:
    client = open_client()
    with pytest.raises(RemoteProtocolError) as first:
        client.receive(data)
    assert client.closing
    assert client.live_calls == 0
    assert not client.accepts_calls
    with pytest.raises(RemoteProtocolError) as second:
        client.receive(frame("4"))
    assert str(first.value) == str(second.value)
    with pytest.raises(LocalProtocolError, match="the connection is closed"):
        client.send(Open(call_id=2, service="S", method="M"))
    with pytest.raises(LocalProtocolError):
        client.send(Message(1, b""))


# What costs one call only


@pytest.mark.parametrize(
    "payload",
    [b"\x00", b"\x80\x01\x00\x03", encode_envelope(2, "EchoBidi", 1) + b"\x00"],
    ids=["garbage", "half", "a reply"],
)
def test_a_trailer_that_does_not_decode_costs_its_call(payload: bytes) -> None:
    client = open_client()
    (event,) = client.receive(frame("4", payload=payload))
    assert isinstance(event, End)
    assert event.failure is not None
    assert event.failure.code == 12004
    assert not client.closing


def test_a_business_status_that_does_not_parse_costs_its_call() -> None:
    (event,) = open_client().receive(frame("4", strings={"biz-status": "5", "biz-extra": "[]"}))
    assert isinstance(event, End)
    assert event.failure is not None
    assert event.failure.code == 12003


def test_an_exception_wins_over_a_business_status() -> None:
    payload = encode_exception(Failure(6, "boom"), "EchoBidi", 1)
    (event,) = open_client().receive(frame("4", strings={"biz-status": "5"}, payload=payload))
    assert event == End(call_id=1, failure=Failure(6, "boom"))


def test_an_open_with_a_live_id_costs_that_call_and_no_other() -> None:
    server = open_server()
    server.receive(frame("2", 2))
    (event,) = server.receive(frame("2", 1))
    assert isinstance(event, Reset)
    assert (event.call_id, event.failure.code) == (1, 12002)
    (trailer,) = decoded(server.outgoing())
    assert (trailer.seqid, trailer.header.ints[27]) == (1, "4")
    assert open_client().receive(encode_frame(trailer)) == [
        End(call_id=1, failure=Failure(7, "the stream id is in use"))
    ]
    assert server.live_calls == 1
    assert server.receive(frame("3", 1)) == []


# What is written


def test_a_server_that_sent_nothing_writes_headers_and_a_trailer() -> None:
    server = open_server()
    server.send(End(call_id=1))
    assert [wrote.header.ints[27] for wrote in decoded(server.outgoing())] == ["2", "4"]


def test_a_failure_is_written_without_a_business_status() -> None:
    server = open_server()
    server.send(End(call_id=1, failure=Failure(6, "boom"), biz=BizStatus(5, "m", {})))
    trailer = decoded(server.outgoing())[-1]
    assert trailer.payload
    assert trailer.header.strings == {"biz-status": "0"}


def test_a_client_half_close_carries_nothing() -> None:
    client = open_client()
    client.send(End(call_id=1))
    (trailer,) = decoded(client.outgoing())
    assert (trailer.header.strings, trailer.payload) == ({}, b"")


def test_every_frame_has_the_streaming_flag_and_the_method() -> None:
    both = pair()
    event = opening(both)
    both.send(CLIENT, event, Message(event.call_id, b"x"), End(call_id=event.call_id))
    both.send(SERVER, Headers(call_id=event.call_id), Message(event.call_id, b"x"), End(call_id=event.call_id))
    wrote = decoded(bytes(both.written[CLIENT])) + decoded(bytes(both.written[SERVER]))
    assert {(one.flags, one.header.protocol_id, one.header.ints[9]) for one in wrote} == {(2, 0x10, "Say")}


def test_what_does_not_fit_is_refused_and_the_call_goes_on() -> None:
    client = StreamingMachine(CLIENT, max_message=10)
    client.send(Open(call_id=1, service="S", method="M"))
    client.outgoing()
    with pytest.raises(LocalProtocolError, match="exceeds the limit of 10"):
        client.send(Message(1, bytes(11)))
    client.send(Message(1, bytes(10)))
    server = open_server()
    with pytest.raises(LocalProtocolError, match="65535"):
        server.send(Headers(call_id=1, headers={"k": "v" * 70000}))
    server.send(Headers(call_id=1, headers={"k": "v"}))
    with pytest.raises(LocalProtocolError, match="65535"):
        server.send(End(call_id=1, trailers={"k": "v" * 70000}))
    server.send(End(call_id=1))
    assert server.live_calls == 0


def test_a_peers_message_beyond_the_limit_breaks_the_connection() -> None:
    server = StreamingMachine(SERVER, max_message=10)
    with pytest.raises(RemoteProtocolError, match="a message of 11 bytes exceeds the limit of 10"):
        server.receive(frame("2") + frame("3", payload=bytes(11)))


@pytest.mark.parametrize("changes", [{"streaming": False}, {"oneway": True}, {"call_id": 0}])
def test_openings_the_wire_cannot_carry_are_refused(changes: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"call_id": 1, "service": "S", "method": "M"}
    with pytest.raises(LocalProtocolError):
        StreamingMachine(CLIENT).send(Open(**(fields | changes)))


def test_ids_are_positive_and_wrap_past_the_live_ones() -> None:
    client = StreamingMachine(CLIENT, first_call_id=INT32_MAX - 1)
    taken = [client.new_call_id() for _ in range(3)]
    assert taken == [INT32_MAX - 1, INT32_MAX, 1]
    client.send(Open(call_id=2, service="S", method="M"))
    assert client.new_call_id() == 3
    with pytest.raises(LocalProtocolError, match="in use"):
        client.send(Open(call_id=2, service="S", method="M"))


def test_after_shutdown_new_streams_are_answered_with_an_exception() -> None:
    server = open_server()
    server.shutdown()
    assert server.receive(frame("2", 2) + frame("3", 2) + frame("4", 2) + frame("4", 1)) == [End(call_id=1)]
    client = open_client(2)
    headers, end = client.receive(server.outgoing())
    assert headers == Headers(call_id=2)
    assert end == End(call_id=2, failure=Failure(12503, "the server is shutting down"))
    assert server.live_calls == 1


def test_there_are_no_windows() -> None:
    client = open_client()
    assert client.room(1) is None
    client.consumed(1, 100)
    assert client.outgoing() == b""


@pytest.mark.parametrize("role", Role)
def test_corrupted_recordings_raise_nothing_but_a_remote_mistake(vectors: Vectors, role: Role) -> None:
    numbers = [f"S{number}" for number in range(1, 17)]
    seeds = [vector.data for name in numbers for vector in vectors(name)]
    whole = b"".join(vector.data for vector in vectors("S11"))
    make = (lambda: StreamingMachine(SERVER)) if role is SERVER else open_client
    assert survive(make, mutations([*seeds, whole], 1000, seed=1)) > 0
