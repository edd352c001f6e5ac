"""Going away without cutting calls."""

from __future__ import annotations

from thriftwire.grpc.draining import Draining
from thriftwire.grpc.goaway import ALL_STREAMS, Goaway
from thriftwire.grpc.http2 import Http2, PingAnswered
from thriftwire.states import Role


def joined() -> tuple[Http2, Http2]:
    client, server = Http2(Role.CLIENT, 100), Http2(Role.SERVER, 100)
    carry(client, server)
    return client, server


def carry(client: Http2, server: Http2) -> tuple[list[object], list[object]]:
    """What the client and what the server saw."""
    seen: tuple[list[object], list[object]] = ([], [])
    while True:
        there, back = client.outgoing(), server.outgoing()
        if not there and not back:
            return seen
        seen[0].extend(client.receive(back))
        seen[1].extend(server.receive(there))


def test_a_server_goes_in_two_steps() -> None:
    client, server = joined()
    going = Draining(Role.SERVER, server)
    going.begin()
    going.begin()
    assert going.begun
    assert not going.takes_no_more
    heard, (answer,) = carry(client, server)
    assert [event for event in heard if isinstance(event, Goaway)] == [Goaway(ALL_STREAMS, 0, b"graceful shutdown")]
    assert isinstance(answer, PingAnswered)
    going.last_stream = 5
    going.answered(b"12345678")
    assert not going.takes_no_more
    going.answered(answer.ping_data)
    going.answered(answer.ping_data)
    assert going.takes_no_more
    assert [going.refuses(stream_id) for stream_id in (3, 5, 7)] == [False, False, True]
    heard, _ = carry(client, server)
    assert heard == [Goaway(5, 0)]


def test_an_answer_to_no_question_is_nothing() -> None:
    _, server = joined()
    going = Draining(Role.SERVER, server)
    going.answered(bytes.fromhex("0106010800030309"))
    assert not going.takes_no_more
    assert server.outgoing() == b""


def test_a_client_says_nothing_and_opens_nothing() -> None:
    client, _ = joined()
    going = Draining(Role.CLIENT, client)
    going.begin()
    assert going.takes_no_more
    assert client.outgoing() == b""
    assert not going.refuses(1)


def test_a_client_hears_its_server_and_a_server_no_client() -> None:
    client, server = joined()
    going = Draining(Role.CLIENT, client)
    going.hear(Goaway(3, 0))
    assert going.begun
    assert going.takes_no_more
    assert [going.refuses(stream_id) for stream_id in (3, 5)] == [False, True]
    deaf = Draining(Role.SERVER, server)
    deaf.hear(Goaway(0, 0))
    assert not deaf.begun
    assert not deaf.refuses(1)
