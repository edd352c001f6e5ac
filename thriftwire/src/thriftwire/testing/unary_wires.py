"""What a wire that carries requests and replies owes its shell."""

from __future__ import annotations

from thriftwire.events import End, Failure, Headers, Message, Reset
from thriftwire.testing.samples import (
    CLIENT,
    SERVER,
    STRUCT,
    Check,
    MakePair,
    expect_empty,
    opened,
    opening,
    refused,
    request,
)


def a_call_is_one_message_each_way(make_pair: MakePair) -> None:
    """And the reply's headers and trailers arrive before it, where they can travel at all."""
    pair = make_pair()
    mine, theirs = request(pair)
    assert pair.seen[SERVER][1:] == [Message(theirs, STRUCT), End(call_id=theirs)]
    headers = {"bk": "bv"} if pair.metadata else {}
    seen = pair.send(SERVER, Headers(call_id=theirs, headers=headers), Message(theirs, STRUCT), End(call_id=theirs))
    assert seen == [Headers(call_id=mine, headers=headers), Message(mine, STRUCT), End(call_id=mine)]
    expect_empty(pair)


def a_second_message_is_refused(make_pair: MakePair) -> None:
    """On both sides."""
    pair = make_pair()
    event = opening(pair)
    pair.send(CLIENT, event, Message(event.call_id, STRUCT))
    refused(pair, CLIENT, Message(event.call_id, STRUCT))
    theirs = opened(pair.send(CLIENT, End(call_id=event.call_id))).call_id
    pair.send(SERVER, Headers(call_id=theirs), Message(theirs, STRUCT))
    refused(pair, SERVER, Message(theirs, STRUCT))


def a_side_may_not_end_without_its_message(make_pair: MakePair) -> None:
    """A request needs its arguments; a reply needs a result, a failure or a business status."""
    pair = make_pair()
    event = opening(pair)
    pair.send(CLIENT, event)
    refused(pair, CLIENT, End(call_id=event.call_id))
    theirs = opened(pair.send(CLIENT, Message(event.call_id, STRUCT), End(call_id=event.call_id))).call_id
    refused(pair, SERVER, End(call_id=theirs))


def pipelined_requests_are_answered_in_order(make_pair: MakePair) -> None:
    """However the handlers finish; a oneway among them takes no turn."""
    pair = make_pair()
    first, their_first = request(pair)
    their_oneway = request(pair, oneway=True)[1]
    second, their_second = request(pair)
    for call_id in (their_second, their_oneway):
        assert pair.send(SERVER, Headers(call_id=call_id), Message(call_id, STRUCT), End(call_id=call_id)) == []
    seen = pair.send(SERVER, End(call_id=their_first, failure=Failure(6, "boom")))
    ends = [event for event in seen if isinstance(event, End)]
    assert ends == [End(call_id=first, failure=Failure(6, "boom")), End(call_id=second)]
    expect_empty(pair)


def a_oneway_call_has_no_reply(make_pair: MakePair) -> None:
    """The client is done at its own end; nothing the server does is written."""
    pair = make_pair()
    theirs = request(pair, oneway=True)[1]
    first = opened(pair.seen[SERVER])
    assert first.oneway
    assert pair.client.live_calls == 0
    assert pair.client.accepts_calls
    assert pair.send(SERVER, End(call_id=theirs, failure=Failure(6, "nobody hears"))) == []
    expect_empty(pair)


def a_client_that_gives_up_drops_the_reply(make_pair: MakePair) -> None:
    """The connection takes no further call, and closes."""
    pair = make_pair()
    mine, theirs = request(pair)
    assert pair.send(CLIENT, Reset(call_id=mine, failure=Failure(12015, "too late"))) == []
    assert not pair.client.accepts_calls
    assert pair.client.closing
    assert pair.send(SERVER, Headers(call_id=theirs), Message(theirs, STRUCT), End(call_id=theirs)) == []
    expect_empty(pair)


UNARY_WIRES: tuple[Check, ...] = (
    a_call_is_one_message_each_way,
    a_second_message_is_refused,
    a_side_may_not_end_without_its_message,
    pipelined_requests_are_answered_in_order,
    a_oneway_call_has_no_reply,
    a_client_that_gives_up_drops_the_reply,
)
