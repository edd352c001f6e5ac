"""One call on a gRPC connection."""

from __future__ import annotations

import pytest

from thriftwire.events import End, Headers, Open
from thriftwire.grpc.calls import Call
from thriftwire.grpc.http2 import WINDOW, Http2, StreamEnded, StreamReset, TrailersReceived
from thriftwire.grpc.messages import MessageRefused, encode_prefix
from thriftwire.grpc.status import ResetCode
from thriftwire.states import Role

REQUEST = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/S/M"), (b":authority", b"a")]


class Wire:
    """A client and a server joined, with stream 1 open and a call on each side."""

    def __init__(self) -> None:
        self.client, self.server = Http2(Role.CLIENT, 100), Http2(Role.SERVER, 100)
        self.calling, self.serving = Call(Role.CLIENT, 1, 10**6), Call(Role.SERVER, 1, 10**6)
        self.settle()
        self.client.headers(1, REQUEST)
        self.calling.send(Open)
        self.serving.receive(Open)
        self.settle()

    def settle(self) -> list[type[object]]:
        """What the client and then the server saw."""
        seen: list[type[object]] = []
        while True:
            there, back = self.client.outgoing(), self.server.outgoing()
            if not there and not back:
                return seen
            seen += [type(event) for event in (*self.client.receive(back), *self.server.receive(there))]


def test_messages_are_told_from_their_bytes() -> None:
    call = Call(Role.SERVER, 1, 100)
    data = encode_prefix(3) + b"abc" + encode_prefix(0) + encode_prefix(9) + b"part"
    assert call.feed(data, len(data)) == [b"abc", b""]
    assert call.inside_message
    assert call.feed(b"12345", 5) == [b"part12345"]
    assert not call.inside_message
    with pytest.raises(MessageRefused):
        call.feed(encode_prefix(101), 5)


def test_the_end_of_a_client_rides_on_its_last_byte() -> None:
    wire = Wire()
    wire.calling.put(b"x")
    wire.calling.send(End)
    assert wire.calling.flush(wire.client)
    assert wire.calling.flush(wire.client)
    assert wire.calling.wrote_end
    assert wire.settle().count(StreamEnded) == 1


def test_an_end_without_messages_is_written_alone() -> None:
    wire = Wire()
    wire.calling.send(End)
    assert wire.calling.flush(wire.client)
    assert wire.settle().count(StreamEnded) == 1


def test_a_window_holds_messages_and_the_trailers_behind_them() -> None:
    wire = Wire()
    wire.server.headers(1, wire.serving.with_response([]))
    wire.serving.send(Headers)
    wire.serving.put(bytes(WINDOW))
    wire.serving.trailers = [(b"grpc-status", b"0")]
    assert not wire.serving.flush(wire.server)
    assert wire.serving.room(wire.server) == 0
    assert TrailersReceived not in wire.settle()
    wire.client.credit(1, 100)
    wire.settle()
    assert wire.serving.flush(wire.server)
    assert wire.serving.wrote_end
    assert TrailersReceived in wire.settle()


def test_credit_returns_for_parts_at_once_and_for_messages_when_consumed() -> None:
    wire = Wire()
    window = wire.client.window(1)
    half = encode_prefix(60_000) + bytes(39_995)
    queue = bytearray(half)
    wire.client.data(1, queue, end=False)
    wire.settle()
    wire.serving.feed(half, len(half))
    wire.serving.return_credit(wire.server)
    wire.settle()
    assert wire.client.window(1) == window
    rest = bytes(20_005) + encode_prefix(30_000) + bytes(30_000)
    wire.client.data(1, bytearray(rest), end=False)
    wire.settle()
    assert [len(payload) for payload in wire.serving.feed(rest, len(rest))] == [60_000, 30_000]
    wire.serving.return_credit(wire.server)
    wire.settle()
    assert wire.client.window(1) == window - len(rest)
    wire.serving.consumed(60_000)
    wire.serving.consumed(30_000)
    wire.serving.return_credit(wire.server)
    wire.settle()
    assert wire.client.window(1) == window


@pytest.mark.parametrize(("read", "wrote", "reset"), [(True, True, False), (True, False, True), (False, True, True)])
def test_a_stream_is_reset_unless_both_sides_have_ended_it(read: bool, wrote: bool, reset: bool) -> None:
    wire = Wire()
    wire.serving.read_end, wire.serving.wrote_end = read, wrote
    wire.serving.finish(wire.server, ResetCode.CANCEL)
    assert (StreamReset in wire.settle()) is reset
