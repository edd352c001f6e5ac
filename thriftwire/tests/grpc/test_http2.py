"""HTTP/2 as calls need it."""

from __future__ import annotations

import importlib
import sys

import pytest

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.grpc.goaway import Goaway
from thriftwire.grpc.http2 import WINDOW, DataReceived, Http2, RequestReceived, StreamEnded, StreamReset
from thriftwire.states import Role

REQUEST = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/S/M"), (b":authority", b"a")]


def joined() -> tuple[Http2, Http2]:
    client, server = Http2(Role.CLIENT, 100), Http2(Role.SERVER, 7)
    settle(client, server)
    return client, server


def settle(client: Http2, server: Http2) -> list[object]:
    """Carry bytes both ways; what the server saw."""
    seen: list[object] = []
    while True:
        there, back = client.outgoing(), server.outgoing()
        if not there and not back:
            return seen
        seen += list(server.receive(there))
        list(client.receive(back))


def test_the_servers_limit_of_streams_is_heard() -> None:
    client, server = Http2(Role.CLIENT, 100), Http2(Role.SERVER, 7)
    assert client.allowed_streams == 100
    settle(client, server)
    assert client.allowed_streams == 7


def test_a_stream_opens_carries_and_ends() -> None:
    client, server = joined()
    client.headers(1, REQUEST)
    queue = bytearray(b"hello")
    assert client.data(1, queue, end=True)
    assert not queue
    assert [type(event) for event in settle(client, server)] == [RequestReceived, DataReceived, StreamEnded]


def test_a_window_stops_what_does_not_fit_and_credit_lets_it_go() -> None:
    client, server = joined()
    client.headers(1, REQUEST)
    queue = bytearray(WINDOW + 10)
    assert not client.data(1, queue, end=True)
    assert len(queue) == 10
    assert client.window(1) == 0
    settle(client, server)
    server.credit(1, 100)
    settle(client, server)
    assert client.window(1) == 100
    assert client.data(1, queue, end=True)
    assert StreamEnded in [type(event) for event in settle(client, server)]


def test_resets_and_credit_for_streams_that_are_gone_are_nothing() -> None:
    client, server = joined()
    client.headers(1, REQUEST)
    client.reset(1, 8)
    assert [type(event) for event in settle(client, server)] == [RequestReceived, StreamReset]
    for stream_id in (1, 99):
        server.reset(stream_id, 8)
        server.credit(stream_id, 10)
    list(client.receive(server.outgoing()))


def test_what_http2_does_not_allow_is_our_mistake() -> None:
    client, server = joined()
    with pytest.raises(LocalProtocolError, match="HTTP/2 does not allow it"):
        server.headers(1, [(b":status", b"200")])
    client.headers(3, REQUEST)
    with pytest.raises(LocalProtocolError):
        client.headers(1, REQUEST)


def test_a_goaway_stands_behind_what_is_written_already() -> None:
    client, server = joined()
    server.ping(b"12345678")
    server.goaway(Goaway(5, 0))
    server.ping(b"87654321")
    data = server.outgoing()
    assert data.index(b"12345678") < data.index(bytes.fromhex("0000000500000000")) < data.index(b"87654321")
    assert Goaway(5, 0) in list(client.receive(data))


def test_the_end_inside_a_frame_is_seen() -> None:
    client, server = joined()
    client.headers(1, REQUEST)
    data = client.outgoing()
    list(server.receive(data[:-1]))
    assert server.inside_frame
    list(server.receive(data[-1:]))
    assert not server.inside_frame


def test_a_peers_mistake_is_told_by_name() -> None:
    with pytest.raises(RemoteProtocolError, match="ProtocolError: Invalid HTTP/2 preamble"):
        list(Http2(Role.SERVER, 1).receive(b"PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n"))


def test_without_h2_the_import_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "h2" or name.startswith("h2.")]:
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("http2", "calls", "connection"):
        monkeypatch.delitem(sys.modules, f"thriftwire.grpc.{name}", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'thriftwire\[grpc\]'"):
        importlib.import_module("thriftwire.grpc.connection")
