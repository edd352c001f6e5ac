"""The native event stream becomes api events, and a stream without an end is a failure."""

import pytest

from promptwire.api.message import Delta, Done, Event, Start, Usage
from promptwire.client.reading import Reading
from promptwire.client.sse import Frames, ServerEvent, run_event, server_events
from promptwire.errors import Failure

START = b'id: 1\nevent: start\ndata: {"run_id":"r","model":"m","trace_id":"t"}\n\n'
DELTA = b'id: 2\nevent: delta\ndata: {"text":"a\\nb"}\n\n'
DONE = b'id: 3\nevent: done\ndata: {"finish_reason":"stop","usage":{},"duration_ms":1.5}\n\n'


def lines(*pieces: bytes) -> list[bytes]:
    return b"".join(pieces).splitlines(keepends=True)


def read(*pieces: bytes) -> tuple[list[Event], Failure | None]:
    """What a run's reader gets, whose connection ends after these."""
    events: list[Event] = []
    reading = Reading()
    try:
        for piece in pieces:
            events.extend(reading.feed(piece))
        if not reading.ended:
            reading.broken(EOFError(), 0.0)
    except Failure as failure:
        return events, failure
    return events, None


def test_events_keep_their_id_name_and_data() -> None:
    assert list(server_events(lines(b": heartbeat\n\n", b"data: x\r\n\r\n", DELTA))) == [
        ServerEvent("", "message", b"x"),
        ServerEvent("2", "delta", b'{"text":"a\\nb"}'),
    ]


def test_a_whole_run_is_read_to_its_end_and_no_further() -> None:
    events, failure = read(b": heartbeat\n\n", START, DELTA, DONE, b"event: delta\ndata: {}\n\n")
    assert events == [
        Start(run_id="r", model="m", trace_id="t"),
        Delta(text="a\nb"),
        Done(finish_reason="stop", usage=Usage(), duration_ms=1.5),
    ]
    assert failure is None


def test_an_event_of_a_later_version_is_skipped() -> None:
    events, failure = read(b"event: confetti\ndata: {}\n\n", DONE)
    assert (len(events), failure) == (1, None)


def test_an_error_event_is_the_failure_it_carries() -> None:
    error = (
        b'event: error\ndata: {"code":42901,"class":"rate_limited","phase":"mid_stream","message":"slow down",'
        b'"retryable":true,"retry_after_s":1.5,"vendor":"v","trace_id":"t"}\n\n'
    )
    events, failure = read(START, DELTA, error)
    assert len(events) == 2
    assert failure is not None
    assert (failure.class_, failure.phase, failure.message) == ("rate_limited", "mid_stream", "slow down")
    assert (failure.retry_after_s, failure.vendor, failure.trace_id) == (1.5, "v", "t")


@pytest.mark.parametrize("end", [b"", DELTA[:-1], b"event: done\ndata: {}"])
def test_a_stream_without_an_end_is_cut(end: bytes) -> None:
    events, failure = read(START, DELTA, end)
    assert len(events) == 2
    assert failure is not None
    assert (failure.class_, failure.phase) == ("upstream_cut", "mid_stream")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_bytes_may_come_in_any_pieces(size: int) -> None:
    data = b": heartbeat\n\n" + START.replace(b"\n", b"\r\n") + DELTA + DONE
    frames = Frames()
    found = [event for at in range(0, len(data), size) for event in frames.feed(data[at : at + size])]
    assert [event.name for event in found] == ["start", "delta", "done"]
    assert run_event(found[1]) == Delta(text="a\nb")


@pytest.mark.parametrize("frame", [b"event: delta\ndata: {}\n\n", b'event: error\ndata: {"class": "new"}\n\n'])
def test_what_is_not_understood_is_an_error_of_the_sdk(frame: bytes) -> None:
    _, failure = read(START, frame)
    assert failure is not None and failure.class_ == "upstream_error" and "not understood" in failure.message
