"""What a wire that carries streams owes its shell."""

from __future__ import annotations

from itertools import product

from thriftwire.events import End, Failure, Headers, Message, Reset
from thriftwire.states import Role
from thriftwire.testing.samples import CLIENT, SERVER, Check, MakePair, expect_empty, opening, refused, request


def both_sides_stream_at_will(make_pair: MakePair) -> None:
    """Messages both ways, interleaved; a half-close leaves the server free to go on."""
    pair = make_pair()
    event = opening(pair)
    call_id = event.call_id
    assert pair.send(CLIENT, event, Message(call_id, b"1"), Message(call_id, b""))[1:] == [
        Message(call_id, b"1"),
        Message(call_id, b""),
    ]
    assert pair.send(SERVER, Headers(call_id=call_id, headers={"hk": "hv"}), Message(call_id, b"2")) == [
        Headers(call_id=call_id, headers={"hk": "hv"}),
        Message(call_id, b"2"),
    ]
    assert pair.send(CLIENT, Message(call_id, b"3"), End(call_id=call_id)) == [
        Message(call_id, b"3"),
        End(call_id=call_id),
    ]
    end = End(call_id=call_id, trailers={"tk": "tv"})
    assert pair.send(SERVER, Message(call_id, b"4"), end) == [Message(call_id, b"4"), end]
    expect_empty(pair)


def calls_interleave(make_pair: MakePair) -> None:
    """Ten calls on one connection, answered in the opposite order."""
    pair = make_pair()
    ids: list[int] = []
    for _ in range(10):
        event = opening(pair)
        pair.send(CLIENT, event)
        ids.append(event.call_id)
    assert len(set(ids)) == 10
    for call_id in reversed(ids):
        text = str(call_id).encode()
        assert pair.send(SERVER, Headers(call_id=call_id), Message(call_id, text))[-1] == Message(call_id, text)
        assert pair.send(SERVER, End(call_id=call_id))[-1] == End(call_id=call_id)
    expect_empty(pair)


def a_servers_end_ends_both_sides(make_pair: MakePair) -> None:
    """A client that had not half-closed may send nothing more, and what it had on the way is dropped."""
    pair = make_pair()
    event = opening(pair)
    pair.send(CLIENT, event)
    pair.client.send(Message(event.call_id, b"on the way"))
    pair.server.send(End(call_id=event.call_id, failure=Failure(1, "unknown method")))
    pair.settle()
    assert pair.seen[CLIENT][-1] == End(call_id=event.call_id, failure=Failure(1, "unknown method"))
    refused(pair, CLIENT, Message(event.call_id, b"late"))
    expect_empty(pair)


def a_reset_ends_the_call_at_once(make_pair: MakePair) -> None:
    """From either side, before and after a half-close; the peer's frames that cross it are dropped."""
    for role, half_closed in product(Role, (False, True)):
        pair = make_pair()
        event = opening(pair)
        pair.send(CLIENT, event, *([End(call_id=event.call_id)] if half_closed else []))
        pair.server.send(Headers(call_id=event.call_id))
        if role is CLIENT:
            pair.server.send(Message(event.call_id, b"crossing"))
            pair.server.send(End(call_id=event.call_id))
        pair.machine(role).send(Reset(call_id=event.call_id, failure=Failure(12007, "gone")))
        if role is CLIENT:
            pair.deliver(CLIENT, pair.server.outgoing())
            assert not any(isinstance(seen, Message | End) for seen in pair.seen[CLIENT]), "a dead call spoke"
            pair.settle()
        else:
            pair.settle()
            assert isinstance(pair.seen[CLIENT][-1], Reset), pair.seen[CLIENT]
        expect_empty(pair)


def a_reset_tells_the_server(make_pair: MakePair) -> None:
    """The handler's call is cancelled."""
    pair = make_pair()
    event = opening(pair)
    pair.send(CLIENT, event)
    seen = pair.send(CLIENT, Reset(call_id=event.call_id, failure=Failure(12007, "gone"), path=("A", "B")))
    assert len(seen) == 1, seen
    assert isinstance(seen[0], Reset)
    assert seen[0].call_id == event.call_id
    expect_empty(pair)


def a_large_message_arrives_whole(make_pair: MakePair) -> None:
    """1 MiB each way, whatever windows the wire has."""
    pair = make_pair()
    event = opening(pair)
    call_id, payload = event.call_id, bytes(range(256)) * 4096
    assert pair.send(CLIENT, event, Message(call_id, payload), End(call_id=call_id))[1:] == [
        Message(call_id, payload),
        End(call_id=call_id),
    ]
    seen = pair.send(SERVER, Headers(call_id=call_id), Message(call_id, payload), End(call_id=call_id))
    assert seen == [Headers(call_id=call_id), Message(call_id, payload), End(call_id=call_id)]
    expect_empty(pair)


def a_server_may_end_without_headers(make_pair: MakePair) -> None:
    """A handler that sent nothing."""
    pair = make_pair()
    mine, theirs = request(pair)
    assert pair.send(SERVER, End(call_id=theirs))[-1] == End(call_id=mine)
    expect_empty(pair)


STREAMING_WIRES: tuple[Check, ...] = (
    both_sides_stream_at_will,
    calls_interleave,
    a_servers_end_ends_both_sides,
    a_reset_ends_the_call_at_once,
    a_reset_tells_the_server,
    a_large_message_arrives_whole,
    a_server_may_end_without_headers,
)
