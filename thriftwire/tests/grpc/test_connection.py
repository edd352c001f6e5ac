"""Thrift over gRPC, machine against machine and against a bare HTTP/2 peer."""

from __future__ import annotations

from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
import pytest

from thriftwire.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError, ServerDraining
from thriftwire.events import BizStatus, End, Failure, Headers, Message, Open, Reset
from thriftwire.grpc.connection import GRPCMachine
from thriftwire.grpc.goaway import Goaway, GoawayFilter
from thriftwire.grpc.http2 import WINDOW
from thriftwire.grpc.messages import encode_prefix
from thriftwire.states import Role
from thriftwire.testing import Pair, checks, mutations, survive
from thriftwire.testing.samples import Check, opening, request

CLIENT, SERVER = Role.CLIENT, Role.SERVER
REQUEST = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/demo.EchoSvc/EchoBidi"),
    (":authority", "echo.server"),
    ("content-type", "application/grpc+thrift"),
    ("user-agent", "kitex/v0.16.3"),
    ("te", "trailers"),
]
RESPONSE = [(":status", "200"), ("content-type", "application/grpc+thrift")]
OK = [("grpc-status", "0"), ("grpc-message", "")]


def pair() -> Pair:
    made = Pair(GRPCMachine(CLIENT), GRPCMachine(SERVER))
    made.settle()
    return made


@pytest.mark.parametrize("check", checks(streaming=True), ids=lambda check: check.__name__)
def test_conformance(check: Check) -> None:
    check(pair)


class Peer:
    """A bare HTTP/2 peer of one machine."""

    def __init__(self, machine: GRPCMachine, *, client: bool) -> None:
        self.machine = machine
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=client, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.goaways: list[Goaway] = []
        self._filter = GoawayFilter(skip=0 if client else 24)
        self.exchange()

    def exchange(self) -> tuple[list[Any], list[Any]]:
        """Carry bytes both ways; returns the machine's events and the peer's."""
        ours: list[Any] = []
        theirs: list[Any] = []
        while True:
            inward, outward = self.h2.data_to_send(), self.machine.outgoing()
            if not inward and not outward:
                return ours, theirs
            ours += self.machine.receive(inward) if inward else []
            for piece in self._filter.feed(outward):
                if isinstance(piece, Goaway):
                    self.goaways.append(piece)
                else:
                    theirs += self.h2.receive_data(piece)

    def fields(self, kind: type[Any], events: list[Any]) -> dict[str, str]:
        (event,) = (event for event in events if isinstance(event, kind))
        return dict(event.headers)


def client_peer(**options: Any) -> Peer:
    """A bare client, and the server machine it talks to."""
    return Peer(GRPCMachine(SERVER, **options), client=True)


def server_peer() -> Peer:
    """A bare server, and a client machine that has opened stream 1."""
    peer = Peer(GRPCMachine(CLIENT, package="demo", authority="echo.server"), client=False)
    peer.machine.send(Open(call_id=1, service="EchoSvc", method="EchoBidi"))
    peer.exchange()
    return peer


def kinds(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


# The server


def test_a_kitex_request_is_served() -> None:
    peer = client_peer()
    peer.h2.send_headers(
        1, [*REQUEST, ("rpc-transit-tkey", "tval"), ("grpc-timeout", "4999724u"), ("source-service", "a")]
    )
    peer.h2.send_data(1, bytes.fromhex("00000000090b0001000000016100"), end_stream=True)
    seen, _ = peer.exchange()
    assert seen == [
        Open(
            call_id=1,
            service="EchoSvc",
            method="EchoBidi",
            streaming=None,
            transient={"TKEY": "tval"},
            caller="a",
            timeout_ms=5000,
        ),
        Message(1, bytes.fromhex("0b0001000000016100")),
        End(call_id=1),
    ]
    for event in (Headers(call_id=1, headers={"hk": "hv"}), Message(1, b"\x00"), End(call_id=1, trailers={"tk": "tv"})):
        peer.machine.send(event)
    _, seen = peer.exchange()
    assert peer.fields(h2.events.ResponseReceived, seen) == dict(RESPONSE) | {"hk": "hv"}
    assert peer.fields(h2.events.TrailersReceived, seen) == {"grpc-status": "0", "grpc-message": "", "tk": "tv"}
    assert "StreamReset" not in kinds(seen)
    assert peer.machine.live_calls == 0


def test_a_request_of_grpcio_is_answered_in_its_own_type() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, [*REQUEST[:4], ("content-type", "application/grpc"), ("te", "trailers")])
    peer.exchange()
    peer.machine.send(Headers(call_id=1))
    _, seen = peer.exchange()
    assert peer.fields(h2.events.ResponseReceived, seen)["content-type"] == "application/grpc"


def test_an_end_before_headers_is_trailers_only() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST, end_stream=True)
    peer.exchange()
    peer.machine.send(End(call_id=1, biz=BizStatus(10001, "biz failed", {"k": "v"})))
    _, seen = peer.exchange()
    assert kinds(seen) == ["ResponseReceived", "StreamEnded"]
    assert peer.fields(h2.events.ResponseReceived, seen) == dict(RESPONSE) | {
        "grpc-status": "13",
        "grpc-message": "biz failed",
        "biz-status": "10001",
        "biz-extra": '{"k":"v"}',
    }


def test_ending_a_call_that_is_still_open_resets_its_stream_without_error() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    peer.machine.send(End(call_id=1))
    _, seen = peer.exchange()
    assert kinds(seen) == ["ResponseReceived", "StreamEnded", "StreamReset"]
    assert seen[-1].error_code == 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({":method": "GET"}, "405"),
        ({"content-type": "application/grpc+proto"}, "415"),
        ({"content-type": "text/plain"}, "415"),
    ],
)
def test_what_is_not_thrift_over_grpc_is_answered_as_http(changes: dict[str, str], status: str) -> None:
    peer = client_peer()
    peer.h2.send_headers(1, list((dict(REQUEST) | changes).items()), end_stream=True)
    ours, theirs = peer.exchange()
    assert ours == []
    assert peer.fields(h2.events.ResponseReceived, theirs)[":status"] == status
    assert peer.machine.live_calls == 0


def test_a_path_without_a_method_is_unimplemented() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, list((dict(REQUEST) | {":path": "/EchoSvc"}).items()))
    ours, theirs = peer.exchange()
    assert ours == []
    assert peer.fields(h2.events.ResponseReceived, theirs)["grpc-status"] == "12"


@pytest.mark.parametrize(
    ("data", "end", "status", "code"),
    [
        (b"\x01\x00\x00\x00\x01x", False, "12", 7),
        (b"\x00\x3f\xff\xff\xff", False, "8", LimitExceeded.code),
        (b"\x00\x00\x00\x00\x09x", True, "13", 12004),
    ],
    ids=["compressed", "too large", "cut"],
)
@pytest.mark.parametrize("answered", [False, True])
def test_a_message_that_cannot_be_taken_costs_its_call(
    data: bytes, end: bool, status: str, code: int, answered: bool
) -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST)
    peer.h2.send_headers(3, REQUEST)
    peer.exchange()
    if answered:
        peer.machine.send(Headers(call_id=1))
    peer.h2.send_data(1, data, end_stream=end)
    ours, theirs = peer.exchange()
    (reset,) = ours
    assert isinstance(reset, Reset)
    assert reset.failure.code == code
    last = h2.events.TrailersReceived if answered else h2.events.ResponseReceived
    assert peer.fields(last, theirs)["grpc-status"] == status
    assert peer.machine.live_calls == 1


@pytest.mark.parametrize(
    ("code", "failure"), [(8, 12010), (0, 12010), (1000, ServerDraining.code), (0x77777777, 12010)]
)
def test_a_reset_cancels_the_call(code: int, failure: int) -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    peer.h2.reset_stream(1, code)
    (reset,), _ = peer.exchange()
    assert isinstance(reset, Reset)
    assert reset.failure.code == failure
    assert peer.machine.live_calls == 0


@pytest.mark.parametrize(("code", "reset"), [(ServerDraining.code, 1000), (12015, 8), (6, 2)])
def test_a_servers_reset_has_the_code_that_says_it_best(code: int, reset: int) -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    peer.machine.send(Reset(call_id=1, failure=Failure(code, "x")))
    _, (event,) = peer.exchange()
    assert event.error_code == reset


def test_pings_are_answered_and_client_trailers_ignored() -> None:
    peer = client_peer()
    peer.h2.ping(bytes.fromhex("02041010090e0707"))
    _, theirs = peer.exchange()
    assert kinds(theirs) == ["PingAckReceived"]
    peer.h2.send_headers(1, REQUEST)
    peer.h2.send_headers(1, [("tk", "tv")], end_stream=True)
    ours, _ = peer.exchange()
    assert kinds(ours) == ["Open", "End"]


def test_more_streams_than_announced_break_the_connection() -> None:
    peer = client_peer(max_streams=1)
    assert peer.h2.remote_settings.max_concurrent_streams == 1
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    with pytest.raises(h2.exceptions.TooManyStreamsError):
        peer.h2.send_headers(3, REQUEST)


# Going away


def test_shutdown_is_kitexs() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    peer.machine.shutdown()
    first = peer.machine.outgoing()
    assert first.startswith(bytes.fromhex("000019 07 00 00000000 7fffffff 00000000") + b"graceful shutdown")
    assert bytes.fromhex("000008 06 00 00000000 0106010800030309") in first
    # The client opens one more before it hears.
    peer.h2.send_headers(3, REQUEST)
    peer.h2.receive_data(first[first.index(b"shutdown") + 8 :])
    ours, _ = peer.exchange()
    assert kinds(ours) == ["Open"]
    assert peer.goaways == [Goaway(3, 0)]
    assert not peer.machine.closing
    peer.h2.send_headers(5, REQUEST)
    ours, theirs = peer.exchange()
    assert ours == []
    assert [event.error_code for event in theirs] == [7]
    for call_id in (1, 3):
        peer.machine.send(End(call_id=call_id))
    assert not peer.machine.closing
    peer.exchange()
    assert peer.machine.closing


def test_an_idle_server_closes_once_the_ping_is_answered() -> None:
    peer = client_peer()
    peer.machine.shutdown()
    peer.machine.shutdown()
    assert not peer.machine.closing
    peer.exchange()
    assert len(peer.goaways) == 2
    assert peer.machine.closing
    with pytest.raises(LocalProtocolError, match="takes no more calls"):
        peer.machine.send(End(call_id=1))


def test_a_client_told_to_go_finishes_what_the_server_accepted() -> None:
    both = pair()
    first, their_first = request(both)
    both.client.send(opening(both))
    both.server.shutdown()
    refused = opening(both)
    both.deliver(CLIENT, both.server.outgoing())
    assert not both.client.accepts_calls
    with pytest.raises(LocalProtocolError, match="takes no more calls"):
        both.client.send(refused)
    both.settle()
    seen = both.send(SERVER, Headers(call_id=their_first), End(call_id=their_first))
    assert seen == [Headers(call_id=first), End(call_id=first)]
    assert not both.client.closing  # the call sent before it heard is served, too
    both.send(SERVER, End(call_id=3))
    assert both.client.closing
    assert both.server.closing


def test_calls_the_server_never_saw_are_reset_as_safe_to_try_elsewhere() -> None:
    machine = GRPCMachine(CLIENT)
    for call_id in (1, 3):
        machine.send(Open(call_id=call_id, service="S", method="M"))
    data = bytes.fromhex("000008 07 00 00000000 00000001 00000000")
    assert machine.receive(data) == [Reset(call_id=3, failure=Failure(ServerDraining.code, "the server is going away"))]
    assert machine.live_calls == 1
    assert not machine.closing


def test_a_clients_goaway_changes_nothing_for_a_server() -> None:
    both = pair()
    both.deliver(SERVER, bytes.fromhex("000008 07 00 00000000 00000000 00000000"))
    mine, theirs = request(both)
    assert both.send(SERVER, End(call_id=theirs)) == [End(call_id=mine)]


# The client


def test_a_request_is_what_kitex_would_write() -> None:
    peer = Peer(GRPCMachine(CLIENT, package="demo", authority="echo.server", scheme="https"), client=False)
    peer.machine.send(Open(call_id=1, service="EchoSvc", method="EchoBidi", streaming=False))
    peer.machine.send(Message(1, b"\x00"))
    peer.machine.send(End(call_id=1))
    _, seen = peer.exchange()
    assert kinds(seen) == ["RequestReceived", "DataReceived", "StreamEnded"]  # END_STREAM on the single DATA frame
    wanted = dict(REQUEST) | {":scheme": "https", "user-agent": "thriftwire"}
    assert peer.fields(h2.events.RequestReceived, seen) == wanted


def test_messages_sent_together_share_a_frame() -> None:
    peer = server_peer()
    for text in (b"a", b"b", b"c"):
        peer.machine.send(Message(1, text))
    _, (data,) = peer.exchange()
    assert bytes(data.data) == b"".join(encode_prefix(1) + text for text in (b"a", b"b", b"c"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([(":status", "503")], 12004),
        ([(":status", "200"), ("content-type", "text/html")], 12004),
    ],
)
def test_an_answer_that_is_not_grpc_fails_the_call(fields: list[tuple[str, str]], code: int) -> None:
    peer = server_peer()
    peer.h2.send_headers(1, fields)
    (end,), theirs = peer.exchange()
    assert isinstance(end, End)
    assert end.failure is not None
    assert end.failure.code == code
    assert kinds(theirs) == ["StreamReset"]
    assert peer.machine.live_calls == 0


def test_a_status_without_grpc_headers_around_it_still_counts() -> None:
    peer = server_peer()
    peer.h2.send_headers(
        1, [(":status", "200"), ("grpc-status", "20"), ("grpc-message", "unknown service X")], end_stream=True
    )
    (end,), _ = peer.exchange()
    assert end == End(call_id=1, failure=Failure(20, "unknown service X"))


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "without trailers"), (b"\x00\x00\x00\x00\x09x", "inside a message")]
)
def test_an_end_without_trailers_is_a_loss(data: bytes, reason: str) -> None:
    peer = server_peer()
    peer.h2.send_headers(1, RESPONSE)
    peer.h2.send_data(1, data, end_stream=True)
    (headers, end), _ = peer.exchange()
    assert isinstance(headers, Headers)
    assert isinstance(end, End)
    assert end.failure is not None
    assert end.failure.code == 12004
    assert reason in end.failure.message


def test_trailers_inside_a_message_do_not_hide_the_status() -> None:
    peer = server_peer()
    peer.h2.send_headers(1, RESPONSE)
    peer.h2.send_headers(1, [("grpc-status", "13"), ("grpc-message", "boom")], end_stream=True)
    ours, theirs = peer.exchange()
    assert ours[-1] == End(call_id=1, failure=Failure(6, "boom"))
    assert kinds(theirs) == ["StreamReset"]
    assert theirs[0].error_code == 0


@pytest.mark.parametrize("data", [b"\x01\x00\x00\x00\x01x", b"\x00\x3f\xff\xff\xff"])
def test_an_answer_that_cannot_be_taken_cancels_the_stream(data: bytes) -> None:
    peer = server_peer()
    peer.h2.send_headers(1, RESPONSE)
    peer.h2.send_data(1, data)
    (_, end), (reset,) = peer.exchange()
    assert isinstance(end, End)
    assert end.failure is not None
    assert reset.error_code == 8


def test_a_client_waits_for_the_servers_limit_of_streams() -> None:
    both = Pair(GRPCMachine(CLIENT), GRPCMachine(SERVER, max_streams=2))
    both.settle()
    for _ in range(2):
        assert both.client.accepts_calls
        both.send(CLIENT, opening(both))
    assert not both.client.accepts_calls
    with pytest.raises(LocalProtocolError):
        both.client.send(opening(both))
    both.send(SERVER, End(call_id=1))
    assert both.client.accepts_calls


def test_a_client_assumes_a_hundred_streams_until_told() -> None:
    machine = GRPCMachine(CLIENT)
    for _ in range(100):
        assert machine.accepts_calls
        machine.send(Open(call_id=machine.new_call_id(), service="S", method="M"))
    assert not machine.accepts_calls


def test_openings_the_wire_cannot_carry_are_refused() -> None:
    machine = GRPCMachine(CLIENT)
    for event in (
        Open(call_id=1, service="S", method="M", oneway=True, streaming=False),
        Open(call_id=2, service="S", method="M"),
        Open(call_id=1, service="S", method="M", headers={"te": "x"}),
    ):
        with pytest.raises(LocalProtocolError):
            machine.send(event)
    machine.send(Open(call_id=3, service="S", method="M"))
    with pytest.raises(LocalProtocolError):
        machine.send(Open(call_id=1, service="S", method="M"))
    assert machine.new_call_id() == 5


# Windows


def test_what_does_not_fit_a_window_waits_for_credit() -> None:
    both = pair()
    both.consuming = False
    event = opening(both)
    both.send(CLIENT, event)
    call_id, payload = event.call_id, bytes(995)
    assert both.client.room(call_id) == WINDOW
    assert len(both.send(CLIENT, *[Message(call_id, payload)] * 65)) == 65
    assert both.client.room(call_id) == WINDOW - 65_000
    assert both.send(CLIENT, Message(call_id, payload)) == []  # half of it has left
    assert both.client.room(call_id) == 0
    for _ in range(40):
        both.server.consumed(call_id, 995)
    both.settle()
    assert both.seen[SERVER][-1] == Message(call_id, payload)
    room = both.client.room(call_id)
    assert room is not None
    assert WINDOW // 2 < room + 1000 < 40_000  # credit returns in batches of half a window


def test_a_reader_that_reads_nothing_holds_one_window() -> None:
    both = pair()
    both.consuming = False
    event = opening(both)
    both.send(CLIENT, event)
    for _ in range(1000):
        both.client.send(Message(event.call_id, bytes(1000)))
    both.settle()
    received = sum(len(seen.payload) + 5 for seen in both.seen[SERVER] if isinstance(seen, Message))
    assert received <= WINDOW
    assert both.client.room(event.call_id) == 0


def test_a_client_may_ask_for_small_windows() -> None:
    both = Pair(GRPCMachine(CLIENT, window=1000), GRPCMachine(SERVER))
    both.consuming = False
    event = opening(both)
    both.send(CLIENT, event)
    both.send(SERVER, Headers(call_id=event.call_id, headers={}))
    for _ in range(20):
        both.server.send(Message(event.call_id, bytes(95)))
    both.settle()
    came = [seen for seen in both.seen[CLIENT] if isinstance(seen, Message)]
    assert len(came) == 10
    assert both.server.room(event.call_id) == 0
    for _ in range(10):
        both.client.consumed(event.call_id, 95)
    both.settle()
    assert len([seen for seen in both.seen[CLIENT] if isinstance(seen, Message)]) == 20


def test_a_slow_stream_does_not_hold_up_the_others() -> None:
    both = pair()
    both.consuming = False
    slow, quick = opening(both), opening(both)
    both.send(CLIENT, slow)
    both.send(CLIENT, quick)
    for _ in range(100):
        both.client.send(Message(slow.call_id, bytes(1000)))
    both.settle()
    assert both.send(CLIENT, Message(quick.call_id, b"x")) == [Message(quick.call_id, b"x")]


def test_credit_is_not_returned_twice() -> None:
    both = pair()
    event = opening(both)
    both.send(CLIENT, event)
    for size in (1, 5000, 100_000, 0, 70_000, 65_530):
        for _ in range(5):
            both.send(CLIENT, Message(event.call_id, bytes(size)))
            room = both.client.room(event.call_id)
            assert room is not None
            assert WINDOW // 2 <= room <= WINDOW


def test_the_connections_window_is_topped_up() -> None:
    both = pair()
    event = opening(both)
    both.send(CLIENT, event)
    for _ in range(40):
        both.send(CLIENT, Message(event.call_id, bytes(100_000)))
    assert both.client._http._h2.outbound_flow_control_window > 2**30 - 2**21  # type: ignore[attr-defined]


def test_an_end_waits_behind_its_messages() -> None:
    both = pair()
    both.consuming = False
    mine, theirs = request(both)
    payload = bytes(100_000)
    both.send(SERVER, Headers(call_id=theirs), Message(theirs, payload), End(call_id=theirs, trailers={"tk": "tv"}))
    both.settle()
    assert both.seen[CLIENT][-2:] == [Message(mine, payload), End(call_id=mine, trailers={"tk": "tv"})]
    assert both.server.live_calls == 0


def test_a_call_that_ends_while_blocked_is_forgotten_when_the_peer_resets() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, REQUEST, end_stream=True)
    peer.exchange()
    for event in (Headers(call_id=1), Message(1, bytes(100_000)), End(call_id=1)):
        peer.machine.send(event)
    peer.exchange()
    assert peer.machine.live_calls == 1
    with pytest.raises(LocalProtocolError):
        peer.machine.send(Message(1, b"late"))
    peer.h2.reset_stream(1, 8)
    ours, _ = peer.exchange()
    assert ours == []
    assert peer.machine.live_calls == 0
    assert peer.machine.outgoing() == b""


def test_a_smaller_initial_window_holds_writers_and_a_larger_one_lets_them_go() -> None:
    peer = client_peer()
    peer.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10})
    peer.exchange()
    peer.h2.send_headers(1, REQUEST)
    peer.exchange()
    peer.machine.send(Headers(call_id=1))
    peer.machine.send(Message(1, bytes(20)))
    _, seen = peer.exchange()
    assert sum(len(event.data) for event in seen if isinstance(event, h2.events.DataReceived)) == 10
    peer.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1000})
    _, seen = peer.exchange()
    assert sum(len(event.data) for event in seen if isinstance(event, h2.events.DataReceived)) == 15


def test_no_room_for_calls_that_are_over() -> None:
    assert pair().client.room(1) == 0


# What breaks a connection


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("000004 08 00 00000000 00000000"),  # a window update of nothing
        bytes.fromhex("000001 00 00 00000063 00"),  # data on a stream that never was
        bytes.fromhex("000003 01 04 00000001 ffffff"),  # headers HPACK cannot read
        bytes.fromhex("000004 07 00 00000000 00000000"),
        bytes.fromhex("ffffff 00 00 00000001"),
    ],
)
def test_a_broken_rule_costs_the_connection_and_says_so(data: bytes) -> None:
    both = pair()
    request(both)
    with pytest.raises(RemoteProtocolError) as first:
        both.server.receive(bytes.fromhex("000008 06 00 00000000 0000000000000000") + data)
    assert both.server.closing
    assert both.server.live_calls == 0
    with pytest.raises(RemoteProtocolError) as second:
        both.server.receive(b"")
    assert str(first.value) == str(second.value)
    with pytest.raises(LocalProtocolError, match="the connection is closed"):
        both.server.send(End(call_id=1))


def test_what_does_not_fit_is_refused_and_the_call_goes_on() -> None:
    both = Pair(GRPCMachine(CLIENT), GRPCMachine(SERVER, max_message=10))
    event = opening(both)
    both.send(CLIENT, event)
    theirs = event.call_id
    both.server.send(Headers(call_id=theirs))
    with pytest.raises(LocalProtocolError, match="exceeds the limit of 10"):
        both.server.send(Message(theirs, bytes(11)))
    with pytest.raises(LocalProtocolError, match="carries no header"):
        both.server.send(End(call_id=theirs, trailers={"grpc-status": "0"}))
    assert both.send(SERVER, Message(theirs, bytes(10)), End(call_id=theirs))[-2:] == [
        Message(theirs, bytes(10)),
        End(call_id=theirs),
    ]


@pytest.mark.parametrize("role", Role)
def test_corrupted_conversations_raise_nothing_but_a_remote_mistake(role: Role) -> None:
    both = pair()
    mine, theirs = request(both)
    both.send(SERVER, Headers(call_id=theirs, headers={"hk": "hv"}), Message(theirs, b"x" * 100), End(call_id=theirs))
    request(both)
    seeds = [bytes(both.written[role.peer]), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]

    def make() -> GRPCMachine:
        machine = GRPCMachine(role)
        if role is CLIENT:
            for call_id in (mine, mine + 2):
                machine.send(Open(call_id=call_id, service="S", method="M"))
            machine.outgoing()
        return machine

    assert survive(make, mutations(seeds, 500, seed=3)) > 0


def test_a_refused_request_may_be_reset_in_the_same_breath() -> None:
    peer = client_peer()
    peer.h2.send_headers(1, list((dict(REQUEST) | {"content-type": "text/plain"}).items()))
    peer.h2.reset_stream(1, 8)
    ours, theirs = peer.exchange()
    assert (kinds(ours), theirs) == (["Reset"], [])
    assert peer.machine.live_calls == 0
    assert not peer.machine.closing
