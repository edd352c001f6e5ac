"""A reading goes on over any number of connections, each event once, and knows when to give up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptwire.api.message import Delta, Done, Event
from promptwire.client.errors import NotFound, RateLimited, UpstreamCut
from promptwire.client.reading import WAITS_S, Reading, Resume

DONE = b'id: 21\nevent: done\ndata: {"finish_reason":"stop","usage":{},"duration_ms":1}\n\n'
FRAMES = [b'id: %d\nevent: delta\ndata: {"text":"%d"}\n\n' % (number, number) for number in range(1, 21)] + [DONE]


@given(st.lists(st.integers(0, len(b"".join(FRAMES))), max_size=8))
def test_wherever_it_is_cut_every_event_comes_once_and_in_order(cuts: list[int]) -> None:
    reading = Reading(10.0)
    reading.opened("run_1")
    events: list[Event] = []
    for cut in [*cuts, None]:
        rest = b"".join(FRAMES[max(reading.last - 2, 0) :])  # a server may send again what was read before
        events += reading.feed(rest if cut is None else rest[:cut])
        if reading.ended:
            break
        assert reading.broken(EOFError(), 0.0).headers == {"last-event-id": str(reading.last)}
        reading.opened(None)
    assert [event.text for event in events if isinstance(event, Delta)] == [str(number) for number in range(1, 21)]
    assert isinstance(events[-1], Done)


def test_it_waits_longer_each_time_and_gives_up_when_the_run_is_no_longer_kept() -> None:
    reading = Reading(10.0)
    reading.opened("run_1")
    assert [reading.broken(OSError("down"), 1.0).wait_s for _ in range(8)] == [*WAITS_S, 2.0, 2.0]
    with pytest.raises(UpstreamCut, match="could not be read on within 10 s: down") as cut:
        reading.broken(OSError("down"), 11.5)
    assert (cut.value.phase, reading.ended) == ("first_packet", True)


def test_progress_begins_the_patience_anew() -> None:
    reading = Reading(10.0)
    reading.opened("run_1")
    reading.broken(OSError(), 0.0)
    list(reading.feed(FRAMES[0]))
    assert reading.broken(OSError(), 100.0) == Resume("/api/runs/run_1/stream", {"last-event-id": "1"}, 0.0)


def test_a_run_that_is_not_kept_is_cut_at_once() -> None:
    for reading in (Reading(), Reading(10.0)):  # the second has not heard what the run is called
        with pytest.raises(UpstreamCut, match="stopped before its end"):
            reading.broken(EOFError(), 0.0)
    kept = Reading(10.0)
    kept.opened("run_1")
    with pytest.raises(UpstreamCut, match="no longer kept: no run"):
        kept.broken(NotFound("not_found", "no run"), 0.0)


def test_the_runs_own_error_comes_after_what_came_before_it() -> None:
    reading = Reading(10.0)
    error = b'id: 2\nevent: error\ndata: {"code":42901,"class":"rate_limited","phase":"mid_stream","message":"m","retryable":true}\n\n'  # noqa: E501
    events: list[Event] = []
    with pytest.raises(RateLimited):
        events.extend(reading.feed(FRAMES[0] + error))
    assert reading.ended and reading.last == 2


def test_an_error_of_the_connection_alone_is_a_break() -> None:
    reading = Reading(10.0)
    list(reading.feed(FRAMES[0]))
    error = b'id: 1\nevent: error\ndata: {"code":50300,"class":"overloaded","phase":"mid_stream","message":"m","retryable":true}\n\n'  # noqa: E501
    assert list(reading.feed(error)) == [] and not reading.ended
