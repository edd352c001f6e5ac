"""What every wire owes its shell."""

from __future__ import annotations

from thriftwire.errors import RemoteProtocolError
from thriftwire.events import BizStatus, End, Event, Failure, Headers, Message
from thriftwire.states import Role
from thriftwire.testing.mutation import mutations, survive
from thriftwire.testing.pair import Pair
from thriftwire.testing.samples import (
    CLIENT,
    SERVER,
    STRUCT,
    Check,
    MakePair,
    expect_empty,
    illegal_cells,
    opened,
    opening,
    reach,
    refused,
    request,
    sample,
)

CHUNKS = (1, 2, 3, 7, 0)


def what_the_tables_forbid_is_refused(make_pair: MakePair) -> None:
    """Each cell absent from `thriftwire.states.TRANSITIONS`, and the call's state survives the refusal."""
    for role, state, kind in illegal_cells():
        pair = make_pair()
        pair.settle()
        call_id = reach(pair, role, state)
        live = pair.machine(role).live_calls
        refused(pair, role, sample(kind, call_id, pair))
        assert pair.machine(role).live_calls == live, f"{role}, {state}, {kind}: the refusal cost a call"


def an_opening_arrives_as_it_was_sent(make_pair: MakePair) -> None:
    """Service, method, metadata, caller, deadline and headers."""
    pair = make_pair()
    event = opening(pair)
    first = opened(pair.send(CLIENT, event, Message(event.call_id, STRUCT), End(call_id=event.call_id)))
    assert first.method == event.method
    assert first.streaming in (event.streaming, None)
    if pair.metadata:
        for name in ("service", "transient", "upstream", "persistent", "caller", "headers"):
            sent, came = getattr(event, name), getattr(first, name)
            assert came == sent, f"{name}: sent {sent!r}, came {came!r}"
        assert first.timeout_ms is not None
        assert event.timeout_ms is not None
        assert 0 <= first.timeout_ms - event.timeout_ms <= 1


def a_failure_arrives_whole(make_pair: MakePair) -> None:
    """An exception's code and text, with any characters."""
    pair = make_pair()
    mine, theirs = request(pair)
    seen = pair.send(SERVER, End(call_id=theirs, failure=Failure(6, "Fehler: größer als 100 %\n✓")))
    assert seen[-1] == End(call_id=mine, failure=Failure(6, "Fehler: größer als 100 %\n✓")), seen
    expect_empty(pair)


def a_business_status_arrives_whole_or_is_refused(make_pair: MakePair) -> None:
    """Code, message and extra; where the wire cannot carry it, `send` refuses and the call can still fail."""
    pair = make_pair()
    mine, theirs = request(pair)
    end = End(call_id=theirs, biz=BizStatus(-10001, "zu viel ✓", {"k": 'v"✓'}))
    if not pair.metadata:
        refused(pair, SERVER, end)
        seen = pair.send(SERVER, End(call_id=theirs, failure=Failure(6, "business status lost")))
        assert seen[-1] == End(call_id=mine, failure=Failure(6, "business status lost"))
    else:
        seen = pair.send(SERVER, end)
        assert seen[-1] == End(call_id=mine, biz=end.biz), seen
    assert not any(isinstance(event, Message) for event in seen)
    expect_empty(pair)


def a_business_status_of_zero_is_refused(make_pair: MakePair) -> None:
    """0 means success on the wire and beyond int32 a Go client panics, so neither may be sent."""
    for code in (0, 2**31):
        pair = make_pair()
        theirs = request(pair)[1]
        refused(pair, SERVER, End(call_id=theirs, biz=BizStatus(code, "", {})))


def the_end_of_the_peer_ends_every_call(make_pair: MakePair) -> None:
    """At a frame's edge silently, inside one with RemoteProtocolError; then nothing may be sent."""
    pair = make_pair()
    event = opening(pair)
    pair.client.send(event)
    pair.client.send(Message(event.call_id, STRUCT))
    pair.client.send(End(call_id=event.call_id))
    data = pair.client.outgoing()
    for cut, broken in ((len(data) - 1, True), (len(data), False)):
        other = make_pair()
        other.deliver(SERVER, data[:cut])
        try:
            other.server.receive_eof()
        except RemoteProtocolError:
            assert broken, "an end at a frame's edge is no mistake"
        else:
            assert not broken, "half a frame went unnoticed"
        assert other.server.live_calls == 0
        assert other.server.closing


def garbage_is_a_remote_protocol_error(make_pair: MakePair) -> None:
    """It poisons the connection: the reason stays, no call survives."""
    pair = make_pair()
    request(pair)
    errors: list[str] = []
    for _ in range(2):
        try:
            pair.server.receive(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n" * 4)
        except RemoteProtocolError as error:
            errors.append(str(error))
    assert len(errors) == 2, "garbage was accepted"
    assert errors[0] == errors[1]
    assert pair.server.live_calls == 0
    assert pair.server.closing
    assert not pair.server.accepts_calls


def corrupted_bytes_raise_nothing_else(make_pair: MakePair) -> None:
    """500 seeded mutations of a conversation, whole and in threes, to both roles."""
    pair = make_pair()
    _talk(pair)
    for role in Role:
        good = bytes(pair.written[role.peer])
        for chunk in (0, 3):
            survive(lambda role=role: make_pair().machine(role), mutations([good], 250, seed=chunk), chunk=chunk)


def any_chunk_size_gives_the_same_events(make_pair: MakePair) -> None:
    """1, 2, 3 and 7 bytes at a time, and whole."""
    outcomes: list[dict[Role, list[Event]]] = []
    for chunk in CHUNKS:
        pair = make_pair()
        pair.chunk = chunk
        _talk(pair)
        expect_empty(pair)
        outcomes.append(pair.seen)
    for chunk, outcome in zip(CHUNKS, outcomes, strict=True):
        assert outcome == outcomes[-1], f"chunks of {chunk} changed what was seen"


def _talk(pair: Pair) -> None:
    """A call that succeeds and, where one may follow, a call that fails."""
    theirs = request(pair)[1]
    pair.send(SERVER, Headers(call_id=theirs, headers={"a": "b"} if pair.metadata else {}))
    pair.send(SERVER, Message(theirs, STRUCT), End(call_id=theirs))
    theirs = request(pair)[1]
    pair.send(SERVER, End(call_id=theirs, failure=Failure(6, "boom")))


def after_shutdown_a_server_finishes_what_is_live(make_pair: MakePair) -> None:
    """The live call goes on to its end."""
    pair = make_pair()
    mine, theirs = request(pair)
    pair.server.shutdown()
    pair.settle()
    seen = pair.send(SERVER, Headers(call_id=theirs), Message(theirs, STRUCT), End(call_id=theirs))
    assert Message(mine, STRUCT) in seen
    assert seen[-1] == End(call_id=mine)
    expect_empty(pair)


def after_shutdown_a_client_opens_nothing(make_pair: MakePair) -> None:
    """`accepts_calls` says so, and `send` agrees."""
    pair = make_pair()
    assert pair.client.accepts_calls
    pair.client.shutdown()
    assert not pair.client.accepts_calls
    pair.settle()
    refused(pair, CLIENT, opening(pair))


EVERY_WIRE: tuple[Check, ...] = (
    what_the_tables_forbid_is_refused,
    an_opening_arrives_as_it_was_sent,
    a_failure_arrives_whole,
    a_business_status_arrives_whole_or_is_refused,
    a_business_status_of_zero_is_refused,
    the_end_of_the_peer_ends_every_call,
    garbage_is_a_remote_protocol_error,
    corrupted_bytes_raise_nothing_else,
    any_chunk_size_gives_the_same_events,
    after_shutdown_a_server_finishes_what_is_live,
    after_shutdown_a_client_opens_nothing,
)
