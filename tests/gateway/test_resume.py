"""A kept run is asked once, read by anybody any number of times byte for byte, and ends without readers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import psutil
import pytest

import thriftwire.call
from gateway.test_sse import CHAT, LATE_S, endless, silent, silent_before_its_start
from gateway.typist import DONE, START, Host, Typist, Wire, eventually, hosted, pieces, soon, typed, words
from promptwire.api.message import Delta, Event
from promptwire.client.sse import server_events
from promptwire.errors import Failure
from promptwire.gateway.answers import native
from promptwire.gateway.caller import caller_of
from promptwire.gateway.resume import KEPT, Runs

KEEP = CHAT | {"resumable_s": 30}


class Hand:
    """Types one word each time it is told to."""

    def __init__(self, typist: Typist) -> None:
        self._words = asyncio.Queue[str | None]()
        typist.answer = self._answer

    async def _answer(self, _: object) -> AsyncGenerator[Event, None]:
        yield START
        while (word := await self._words.get()) is not None:
            yield Delta(text=word)
        yield DONE

    def type(self, *words: str | None) -> None:
        for word in words:
            self._words.put_nowait(word)


def body_of(seen: bytes) -> bytes:
    """The body of a chunked answer, as far as it came."""
    _, _, rest = seen.partition(b"\r\n\r\n")
    body = b""
    while b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


def whole(body: bytes) -> bytes:
    """The whole events in ``body``."""
    return body[: body.rfind(b"\n\n") + 2]


def run_id(seen: bytes) -> str:
    return seen.partition(b"x-run-id: ")[2].partition(b"\r\n")[0].decode()


async def begun(host: Host, mark: bytes = b"event: start", body: Any = KEEP) -> tuple[Wire, str]:
    """A kept run whose first event was read, and what it is called."""
    wire = await Wire.to(host)
    await wire.post("/api/chat", body)
    seen = await wire.until(mark)
    return wire, run_id(seen)


async def get(host: Host, path: str, *headers: str) -> Wire:
    wire = await Wire.to(host)
    await wire.write("\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers]).encode() + b"\r\n\r\n")
    return wire


async def test_a_run_is_named_by_the_gateway(host: Host, typist: Typist) -> None:
    named: list[str] = []

    async def answer(_: object) -> AsyncGenerator[Event, None]:
        call = thriftwire.call.current()
        assert call is not None
        named.append(call.metadata.persistent["run-id"])
        for event in words("a"):
            yield event

    typist.answer = answer
    for path, body in (("/api/chat", CHAT), ("/api/chat", KEEP), ("/v1/chat/completions", CHAT | {"stream": True})):
        said = await host.post(path, body)
        assert said.headers["x-run-id"] == named[-1]
    assert len(set(named)) == 3


async def test_services_do_not_see_that_a_run_is_kept(host: Host, typist: Typist) -> None:
    await host.post("/api/chat", KEEP)
    assert typist.asked[0].resumable_s is None


async def test_a_reader_cut_twenty_times_reads_the_same_bytes_and_the_model_is_asked_once(
    host: Host, typist: Typist
) -> None:
    hand = Hand(typist)
    wire, run = await begun(host)
    read = b""
    for cut in range(20):
        hand.type(f"wörd {cut} ", "and ", "more ")
        seen = await wire.until(f"wörd {cut} ".encode())
        wire.leave()
        read += whole(body_of(seen))
        last = int(read.rpartition(b"id: ")[2].split(b"\n")[0])
        wire = await get(host, f"/api/runs/{run}/stream", f"last-event-id: {last}")
        wire.seen = b""
    hand.type(None)
    read += whole(body_of(await wire.until(b"0\r\n\r\n")))
    wire.leave()
    again = await host.ask("GET", f"/api/runs/{run}/stream")
    assert read == again.body
    assert len(typist.asked) == 1
    assert pieces(again.events) == "".join(f"wörd {cut} and more " for cut in range(20))
    assert [event.name for event in again.events][-1] == "done"
    assert [int(event.id) for event in again.events] == list(range(1, 63))


async def test_a_second_reader_reads_along(host: Host, typist: Typist) -> None:
    hand = Hand(typist)
    first, run = await begun(host)
    second = await get(host, f"/api/runs/{run}/stream")
    hand.type("one")
    await first.until(b"one")
    await second.until(b"one")
    hand.type("two", None)
    seen = [body_of(await wire.until(b"0\r\n\r\n")) for wire in (first, second)]
    assert seen[0] == seen[1]
    for wire in (first, second):
        wire.leave()
    assert len(typist.asked) == 1


async def test_a_run_goes_on_without_its_reader(host: Host, typist: Typist) -> None:
    hand = Hand(typist)
    wire, run = await begun(host)
    wire.leave()
    hand.type("alone", None)
    await soon(typist.left)
    said = await host.ask("GET", f"/api/runs/{run}/stream?after=1")
    assert [event.name for event in said.events] == ["delta", "done"]


async def test_a_run_waits_for_the_reader_who_began_it(typist: Typist) -> None:
    """However long the server is busy with others before it looks at the run again."""
    runs, much_later = Runs(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, much_later.set)
    caller = caller_of({"method": "POST", "path": "/api/chat", "headers": []}, native)
    caller.name_run()

    async def answer() -> AsyncGenerator[Event, None]:
        yield START
        await much_later.wait()
        yield DONE

    reading = runs.keep(caller, answer, {type(START): "start", type(DONE): "done"}, 0.001)
    await much_later.wait()
    assert [frame.data.split()[3] async for frame in reading] == [b"start", b"done"]
    await runs.close()


async def test_a_run_for_later_ends_when_nobody_comes(host: Host, typist: Typist) -> None:
    typist.answer = silent
    said = await host.post("/api/chat", CHAT | {"resumable_s": 0.05}, prefer="respond-async")
    assert said.status == 202
    await soon(typist.left)


async def test_a_run_for_later_goes_on_before_anybody_reads(host: Host, typist: Typist) -> None:
    typist.answer = lambda _: typed(*words(*["x" * 1000] * 100))
    said = await host.post("/api/chat", KEEP, prefer="respond-async")
    await soon(typist.left)
    page = await host.ask("GET", f"/api/runs/{said.headers['x-run-id']}/events")
    assert page.json["ended"]


async def test_a_run_whose_reader_left_before_it_answered_ends_at_once(host: Host, typist: Typist) -> None:
    typist.answer = silent_before_its_start
    wire = await Wire.to(host)
    await wire.post("/api/chat", KEEP)
    await soon(typist.begun)
    wire.leave()
    await soon(typist.left)


async def test_a_run_can_be_stopped_by_the_name_of_its_request(host: Host, typist: Typist) -> None:
    typist.answer = silent_before_its_start
    asking = asyncio.create_task(host.post("/api/chat", KEEP, x_request_id="req_mine"))
    await soon(typist.begun)
    assert (await host.ask("POST", "/api/runs/req_other/cancel")).status == 404
    assert (await host.ask("POST", "/api/runs/req_mine/cancel")).json == {"cancelled": True}
    await soon(typist.left)
    assert (await asking).error["class"] == "cancelled"


async def test_a_run_ends_when_nobody_reads_it_any_more(host: Host, typist: Typist) -> None:
    typist.answer = silent
    wire, run = await begun(host, body=CHAT | {"resumable_s": 0.05})
    wire.leave()
    await soon(typist.left)
    said = await host.ask("GET", f"/api/runs/{run}/stream")
    assert (said.status, said.error["class"]) == (404, "not_found")


async def test_a_run_lasts_while_it_is_read(host: Host, typist: Typist) -> None:
    hand = Hand(typist)
    wire, run = await begun(host, body=CHAT | {"resumable_s": 0.05})
    first = await host.ask("GET", f"/api/runs/{run}/events?after=1&wait_s=0.2")  # longer than it would be kept alone
    assert first.json == {"events": [], "ended": False}
    hand.type("still here", None)
    await wire.until(b"event: done")
    wire.leave()


async def test_a_kept_run_that_fails_at_once_is_a_status(host: Host, typist: Typist) -> None:
    typist.answer = lambda _: typed(Failure("rate_limited", "later", retry_after_s=2))
    said = await host.post("/api/chat", KEEP)
    assert (said.status, said.headers["retry-after"], said.error["class"]) == (429, "2", "rate_limited")
    again = await host.ask("GET", f"/api/runs/{said.headers['x-run-id']}/stream")
    assert (again.status, again.error["class"]) == (429, "rate_limited")


@pytest.mark.parametrize(
    ("end", "class_"),
    [
        ([Failure("upstream_error", "no", phase="mid_stream")], "upstream_error"),
        ([], "upstream_cut"),
        ([RuntimeError("secret")], "internal"),
    ],
)
async def test_a_kept_run_ends_with_its_error_for_every_reader(
    host: Host, typist: Typist, end: list[Any], class_: str
) -> None:
    typist.answer = lambda _: typed(START, Delta(text="so"), *end)
    said = await host.post("/api/chat", KEEP)
    again = await host.ask("GET", f"/api/runs/{said.headers['x-run-id']}/stream")
    assert said.body == again.body
    assert [event.name for event in said.events] == ["start", "delta", "error"]
    error = json.loads(said.events[-1].data)
    assert (error["class"], error["phase"], error["trace_id"]) == (class_, "mid_stream", said.headers["x-trace-id"])


async def test_events_can_be_polled(host: Host, typist: Typist) -> None:
    hand = Hand(typist)
    wire, run = await begun(host)
    path = f"/api/runs/{run}/events"
    first = (await host.ask("GET", path)).json
    assert [event["event"] for event in first["events"]] == ["start"]
    assert not first["ended"]
    assert (await host.ask("GET", f"{path}?after=1")).json == {"events": [], "ended": False}
    waiting = asyncio.create_task(host.ask("GET", f"{path}?after=1&wait_s=10"))
    hand.type("x")
    assert (await waiting).json["events"] == [{"id": 2, "event": "delta", "data": {"text": "x"}}]
    hand.type(None)
    await wire.until(b"0\r\n\r\n")
    wire.leave()
    last = (await host.ask("GET", f"{path}?after=2")).json
    assert ([event["event"] for event in last["events"]], last["ended"]) == (["done"], True)
    assert (await host.ask("GET", f"{path}?after=3")).json == {"events": [], "ended": True}


async def test_what_is_polled_is_what_is_streamed(host: Host, typist: Typist) -> None:
    typist.answer = lambda _: typed(*words(*(f"{number} é\n" for number in range(500))))
    said = await host.post("/api/chat", KEEP)
    after, polled = 0, b""
    while True:
        answer = await host.ask("GET", f"/api/runs/{said.headers['x-run-id']}/events?after={after}")
        for event in answer.json["events"]:
            data = json.dumps(event["data"], separators=(",", ":"), ensure_ascii=False)
            polled += f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
            after = event["id"]
        if answer.json["ended"]:
            break
    assert polled == said.body


@pytest.mark.parametrize("body", [CHAT, KEEP])
@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
async def test_a_run_can_be_stopped_by_its_name(host: Host, typist: Typist, path: str, body: dict[str, Any]) -> None:
    if path.startswith("/v1"):
        body = CHAT | {"stream": True}
    typist.answer = silent
    wire = await Wire.to(host)
    await wire.post(path, body)
    seen = await wire.until(b"so far")
    said = await host.ask("POST", f"/api/runs/{run_id(seen)}/cancel")
    assert (said.status, said.json) == (200, {"cancelled": True})
    await soon(typist.left, LATE_S)
    seen = await wire.until(b"0\r\n\r\n")
    wire.leave()
    assert b'"code":49900,"class":"cancelled","phase":"mid_stream"' in seen
    assert b"[DONE]" not in seen


async def test_a_run_that_has_ended_cannot_be_stopped(host: Host) -> None:
    kept = (await host.post("/api/chat", KEEP)).headers["x-run-id"]
    gone = (await host.post("/api/chat", CHAT)).headers["x-run-id"]
    assert (await host.ask("POST", f"/api/runs/{kept}/cancel")).json == {"cancelled": False}
    assert (await host.ask("POST", f"/api/runs/{gone}/cancel")).status == 404


async def test_who_has_read_everything_is_told_not_to_come_back(host: Host) -> None:
    said = await host.post("/api/chat", KEEP)
    again = await host.ask("GET", f"/api/runs/{said.headers['x-run-id']}/stream", last_event_id="4")
    assert (again.status, again.body) == (204, b"")


@pytest.mark.parametrize("verb", ["stream", "events", "cancel"])
async def test_a_run_is_its_owners(typist: Typist, verb: str) -> None:
    async with hosted(typist, api_keys=["one", "two"]) as host:
        said = await host.post("/api/chat", KEEP, x_api_key="one")
        path = f"/api/runs/{said.headers['x-run-id']}/{verb}"
        how = "POST" if verb == "cancel" else "GET"
        assert (await host.ask(how, path, x_api_key="two")).status == 404
        assert (await host.ask(how, path, x_api_key="one")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/runs/run_0/stream", 404, "run_0"),
        ("/api/runs/{run}/stream?after=9", 400, "there is no event number 9"),
        ("/api/runs/{run}/stream?after=-1", 400, "numbered from 1"),
        ("/api/runs/{run}/events?after=x", 400, "after"),
        ("/api/runs/{run}/events?wait_s=61", 400, "wait_s"),
    ],
)
async def test_what_cannot_be_read_says_so(host: Host, path: str, status: int, said: str) -> None:
    run = (await host.post("/api/chat", KEEP)).headers["x-run-id"]
    answer = await host.ask("GET", path.format(run=run))
    assert answer.status == status
    assert said in answer.error["message"]


@pytest.mark.parametrize("resumable_s", [0, -1, 4000])
async def test_a_run_is_kept_for_a_sensible_time(host: Host, typist: Typist, resumable_s: float) -> None:
    answer = await host.post("/api/chat", CHAT | {"resumable_s": resumable_s})
    assert (answer.status, typist.asked) == (400, [])


async def test_a_long_run_keeps_its_latest_part(host: Host, typist: Typist) -> None:
    count = 80
    typist.answer = lambda _: typed(*words(*("x" * 100_000 for _ in range(count))))
    said = await host.post("/api/chat", KEEP)
    assert len(said.events) == count + 2
    path = f"/api/runs/{said.headers['x-run-id']}/stream"
    refused = await host.ask("GET", f"{path}?after=3")
    assert (refused.status, refused.error["class"]) == (409, "conflict")
    rest = await host.ask("GET", f"{path}?after={count - 5}")
    assert said.body.endswith(rest.body)
    assert len(rest.events) == 7


async def test_a_run_without_readers_waits_when_it_is_kept_full(host: Host, typist: Typist) -> None:
    typist.answer = endless
    wire, run = await begun(host)
    wire.leave()
    taken = -1
    while taken != typist.yielded:
        taken = typist.yielded
        for _ in range(100):
            await asyncio.sleep(0)
    assert 0 < typist.yielded < 2 * KEPT / 100
    assert (await host.ask("POST", f"/api/runs/{run}/cancel")).json == {"cancelled": True}
    await soon(typist.left, LATE_S)


@pytest.mark.parametrize("body", [CHAT, KEEP])  # what a kept run has sent it still holds
async def test_three_hundred_readers_that_read_nothing_hold_little(typist: Typist, body: dict[str, Any]) -> None:
    typist.answer = endless
    async with hosted(typist) as host:
        wires = [await Wire.to(host) for _ in range(301)]
        for wire in wires:
            wire.reader._transport.pause_reading()  # type: ignore[attr-defined]
        process = psutil.Process()
        await wires[0].post("/api/chat", body)
        await soon(typist.begun)
        before = process.memory_info().rss
        for wire in wires[1:]:
            await wire.post("/api/chat", body)
        await eventually(lambda: typist.running == len(wires))
        taken = -1
        while taken != typist.yielded:
            taken = typist.yielded
            assert (await host.ask("GET", "/api/models")).status == 200
        held = (process.memory_info().rss - before) / (len(wires) - 1)
        for wire in wires:
            wire.leave()
    assert held < 256 * 1024


async def test_the_servers_end_ends_kept_runs(typist: Typist) -> None:
    typist.answer = silent
    async with hosted(typist) as host:
        wire, _ = await begun(host)
        wire.leave()
        await eventually(lambda: not host.site.server_state.connections)
        assert typist.running == 1
    assert typist.running == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_events_are_read_back_as_they_were_written() -> None:
    body = b'id: 1\nevent: delta\ndata: {"text":"a: b"}\n\n'
    assert [event.data for event in server_events([body])] == [b'{"text":"a: b"}']
