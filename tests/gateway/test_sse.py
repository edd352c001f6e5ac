"""A run is told event by event, ends exactly once, waits for its reader, and ends when they leave."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from typing import Any

import psutil
import pytest

from gateway.typist import DONE, START, Host, Typist, Wire, eventually, hosted, pieces, soon, typed, words
from promptwire.api.message import Delta, Event, Reasoning, ToolCallDelta, Usage
from promptwire.errors import Failure
from thriftwire.errors import ConnectError, TransportError

CHAT: dict[str, Any] = {"model": "test/model", "messages": [{"role": "user", "content": "x"}]}
LATE_S = 0.2  # a reader that left must be noticed within this


async def endless(_: object = None) -> AsyncGenerator[Event, None]:
    """As fast as it is taken, for ever."""
    yield START
    text = "x" * 100
    while True:
        yield Delta(text=text)


async def silent_before_its_start(_: object = None) -> AsyncGenerator[Event, None]:
    """Nothing."""
    await asyncio.Event().wait()
    yield START


async def silent(_: object = None) -> AsyncGenerator[Event, None]:
    """One word, and then nothing."""
    yield START
    yield Delta(text="so far")
    await asyncio.Event().wait()


async def speechless(_: object = None) -> AsyncGenerator[Event, None]:
    """Nothing at all."""
    await asyncio.Event().wait()
    yield START


async def test_events_are_numbered_named_and_on_one_line_each(host: Host, typist: Typist) -> None:
    said = [
        START,
        Reasoning(text="hm\nhm"),
        Delta(text="Grüße\n\n世界"),
        ToolCallDelta(index=0, id="c", name="f", arguments="{"),
        Usage(input_tokens=1),
        DONE,
    ]
    typist.answer = lambda _: typed(*said)
    answer = await host.post("/api/chat", CHAT)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.body.decode().split("\n\n")[1:4] == [
        'id: 2\nevent: reasoning\ndata: {"text":"hm\\nhm"}',
        'id: 3\nevent: delta\ndata: {"text":"Grüße\\n\\n世界"}',
        'id: 4\nevent: tool_call\ndata: {"index":0,"id":"c","name":"f","arguments":"{"}',
    ]
    assert [event.name for event in answer.events] == ["start", "reasoning", "delta", "tool_call", "usage", "done"]
    assert [event.id for event in answer.events] == list("123456")


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [
        (Failure("invalid_request", "no"), 400, None),
        (Failure("rate_limited", "slow down", retry_after_s=1.2), 429, "2"),
        (Failure("moderation_input", "not that"), 451, None),
        (Failure("timeout_first_token", "late", phase="first_packet"), 504, None),
        (ConnectError("nobody there"), 503, None),
    ],
)
async def test_a_failure_before_the_first_event_is_a_status(
    host: Host, typist: Typist, failure: Exception, status: int, retry_after: str | None
) -> None:
    typist.answer = lambda _: typed(failure)
    answer = await host.post("/api/chat", CHAT)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("retry-after") == retry_after
    assert answer.error["trace_id"] == answer.headers["x-trace-id"]
    if isinstance(failure, Failure):
        assert (answer.error["class"], answer.error["phase"]) == (failure.class_, failure.phase)
        assert answer.error["message"] == failure.message
        assert answer.headers["x-should-retry"] == ("true" if failure.retryable else "false")


async def test_a_failure_after_the_first_event_is_the_last_event(host: Host, typist: Typist) -> None:
    failure = Failure(
        "rate_limited", "slow down", phase="mid_stream", retry_after_s=7, vendor="acme", vendor_status=429
    )
    typist.answer = lambda _: typed(START, Delta(text="so"), failure)
    answer = await host.post("/api/chat", CHAT)
    assert answer.status == 200
    *rest, last = answer.events
    assert [event.name for event in rest] == ["start", "delta"]
    assert (last.name, last.id) == ("error", "3")
    error = json.loads(last.data)
    assert error.pop("trace_id") == answer.headers["x-trace-id"]
    assert error == {
        "code": 42901,
        "class": "rate_limited",
        "phase": "mid_stream",
        "message": "slow down",
        "retryable": True,
        "retry_after_s": 7.0,
        "vendor": "acme",
        "vendor_status": 429,
    }


@pytest.mark.parametrize("begun", [False, True])
async def test_a_stream_without_an_end_was_cut(host: Host, typist: Typist, begun: bool) -> None:
    typist.answer = lambda _: typed(*([START, Delta(text="so")] if begun else []))
    answer = await host.post("/api/chat", CHAT)
    error = json.loads(answer.events[-1].data) if begun else answer.error
    assert answer.status == (200 if begun else 502)
    assert (error["class"], error["phase"]) == ("upstream_cut", "mid_stream" if begun else "first_packet")


async def test_a_lost_connection_to_a_service_is_a_cut(host: Host, typist: Typist) -> None:
    typist.answer = lambda _: typed(START, Delta(text="so"), TransportError("gone"))
    last = (await host.post("/api/chat", CHAT)).events[-1]
    assert last.name == "error"
    assert json.loads(last.data)["class"] == "upstream_cut"


@pytest.mark.parametrize("begun", [False, True])
async def test_what_nobody_foresaw_is_internal_and_keeps_its_words(
    host: Host, typist: Typist, caplog: pytest.LogCaptureFixture, begun: bool
) -> None:
    typist.answer = lambda _: typed(*([START] if begun else []), RuntimeError("the password is 1234"))
    with caplog.at_level(logging.ERROR):
        answer = await host.post("/api/chat", CHAT)
    assert b"1234" not in answer.body
    error = json.loads(answer.events[-1].data) if begun else answer.error
    assert error["class"] == "internal"
    assert "1234" in caplog.text
    assert error["trace_id"] in caplog.text


async def test_nothing_follows_the_end(host: Host, typist: Typist) -> None:
    typist.answer = lambda _: typed(*words("a"), Delta(text="b"), DONE, Failure("internal", "late"))
    assert [event.name for event in (await host.post("/api/chat", CHAT)).events] == ["start", "delta", "done"]


async def test_the_service_is_left_to_finish_after_its_last_event(host: Host, typist: Typist) -> None:
    settled: list[str] = []

    async def answer(_: object) -> AsyncGenerator[Event, None]:
        for event in words("a"):
            yield event
        await asyncio.sleep(0)
        settled.append("settled")

    typist.answer = answer
    await host.post("/api/chat", CHAT)
    assert settled == ["settled"]


async def test_silence_is_filled_with_heartbeats(typist: Typist) -> None:
    beat = asyncio.Event()

    async def answer(_: object) -> AsyncGenerator[Event, None]:
        yield START
        await beat.wait()
        yield DONE

    typist.answer = answer
    async with hosted(typist, heartbeat_s=0.02) as host:
        wire = await Wire.to(host)
        await wire.post("/api/chat", CHAT)
        await wire.until(b"event: start")
        await wire.until(b"3\r\n:\n\n\r\n")
        beat.set()
        seen = await wire.until(b"0\r\n\r\n")
        wire.leave()
    assert b"id: 2\nevent: done" in seen


async def test_a_failure_after_a_heartbeat_is_an_event_of_its_phase(typist: Typist) -> None:
    fail = asyncio.Event()

    async def answer(_: object) -> AsyncGenerator[Event, None]:
        await fail.wait()
        raise Failure("timeout_first_token", "late", phase="first_packet")
        yield START

    typist.answer = answer
    async with hosted(typist, heartbeat_s=0.02) as host:
        wire = await Wire.to(host)
        await wire.post("/api/chat", CHAT)
        seen = await wire.until(b":\n\n")
        assert seen.startswith(b"HTTP/1.1 200")
        fail.set()
        seen = await wire.until(b"0\r\n\r\n")
        wire.leave()
    assert b'event: error\ndata: {"code":50402,"class":"timeout_first_token","phase":"first_packet"' in seen


@pytest.mark.parametrize("answer", [endless, silent, speechless])
async def test_a_reader_that_leaves_ends_the_run_at_once(host: Host, typist: Typist, answer: Any) -> None:
    typist.answer = answer
    wire = await Wire.to(host)
    await wire.post("/api/chat", CHAT)
    if answer is speechless:
        await soon(typist.begun)
    else:
        await wire.until(b"event: delta")
    assert typist.running == 1
    wire.leave()
    await soon(typist.left, LATE_S)


async def test_many_readers_that_leave_at_once_leave_nothing(host: Host, typist: Typist) -> None:
    typist.answer = silent
    before = len(asyncio.all_tasks())
    wires = [await Wire.to(host) for _ in range(100)]
    for wire in wires:
        await wire.post("/api/chat", CHAT)
    for wire in wires:
        await wire.until(b"so far")
    assert typist.running == 100
    for wire in wires:
        wire.leave()
    await eventually(lambda: not (typist.running or host.site.server_state.connections))
    await eventually(lambda: len(asyncio.all_tasks()) == before)


async def test_a_reader_that_reads_nothing_holds_the_run_back(host: Host, typist: Typist) -> None:
    typist.answer = endless
    wire = await Wire.to(host)
    wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
    process = psutil.Process()
    await wire.post("/api/chat", CHAT)
    await soon(typist.begun)
    before, taken = process.memory_info().rss, -1
    while taken != typist.yielded:  # until it is asked for nothing more
        taken = typist.yielded
        for _ in range(20):  # others are served meanwhile
            assert (await host.post("/api/prompts", {"key": "meanwhile"})).status == 200
    assert taken > 100
    assert process.memory_info().rss - before < 8 * 1024 * 1024  # the kernel takes some megabytes, we do not
    wire.leave()
    await soon(typist.left, LATE_S)


async def test_readers_learn_that_the_server_stops(typist: Typist) -> None:
    typist.answer = silent
    async with hosted(typist) as host:
        wire = await Wire.to(host)
        await wire.post("/api/chat", CHAT)
        await wire.until(b"so far")
    seen = await wire.rest()
    wire.leave()
    assert b'event: error\ndata: {"code":50300,"class":"overloaded","phase":"mid_stream"' in seen
    assert seen.endswith(b"0\r\n\r\n")
    assert typist.running == 0


async def test_a_reader_that_takes_nothing_does_not_hold_up_the_end(typist: Typist) -> None:
    typist.answer = endless
    async with asyncio.timeout(10), hosted(typist) as host:
        wire = await Wire.to(host)
        wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await wire.post("/api/chat", CHAT)
        await soon(typist.begun)
    assert typist.running == 0
    wire.leave()


async def test_a_connection_is_used_again(host: Host, typist: Typist) -> None:
    wire = await Wire.to(host)
    for _ in range(3):
        wire.seen = b""
        await wire.post("/api/chat", CHAT)
        seen = await wire.until(b"0\r\n\r\n")
        assert b"event: done" in seen
    wire.leave()


async def test_a_long_answer_arrives_whole(host: Host, typist: Typist) -> None:
    text = [f"{number} " for number in range(20_000)]
    typist.answer = lambda _: typed(*words(*text))
    answer = await host.post("/api/chat", CHAT)
    assert pieces(answer.events) == "".join(text)
    assert [int(event.id) for event in answer.events] == list(range(1, len(text) + 3))
