"""Spans are kept once, found by their trace, and forgotten by age and number."""

from __future__ import annotations

from msgspec import Raw, structs

from promptwire.api.trace import SpanEvent, TraceSpan
from promptwire.database import Database
from promptwire.trace.store import TraceStore


def span(id: str, started_us: int = 1, trace: str = "t") -> TraceSpan:
    event = SpanEvent(name="happened", at_us=started_us, attributes={"n": Raw(b"1")})
    attributes = {"gen_ai.request.model": Raw(b'"m"')}
    return TraceSpan(
        trace_id=trace,
        id=id,
        name="work",
        started_us=started_us,
        duration_us=1,
        attributes=attributes,
        events=[event],
    )


async def test_a_span_comes_back_as_it_was(database: Database) -> None:
    store = TraceStore(database)
    await store.add([span("a"), span("b", trace="other")])
    assert await store.spans("t") == [span("a")]


async def test_a_span_that_says_what_no_database_takes_is_kept(database: Database) -> None:
    store = TraceStore(database)
    await store.add([structs.replace(span("a"), name="run \0", message="\0")])
    assert [one.name for one in await store.spans("t")] == ["run \N{REPLACEMENT CHARACTER}"]


async def test_a_span_that_is_kept_already_stays(database: Database) -> None:
    store = TraceStore(database)
    await store.add([span("a")])
    await store.add([span("a", started_us=9), span("b", started_us=2)])
    assert [(one.id, one.started_us) for one in await store.spans("t")] == [("a", 1), ("b", 2)]


async def test_the_old_and_the_too_many_are_forgotten(database: Database) -> None:
    store = TraceStore(database)
    await store.add([span(f"s{at}", started_us=at) for at in range(1, 7)])
    assert await store.forget(before_us=3, most=100) == 2
    assert await store.forget(before_us=0, most=2) == 2
    assert [one.id for one in await store.spans("t")] == ["s5", "s6"]
