"""A run outlives its reader's connection: cut twenty times, polled, read twice, begun now and read later, or whole."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from browser.vendor import Vendor, vending
from journeys.native import ask, connection, post
from journeys.served import Served, eventually, serving
from journeys.test_limits import HELLO, error, sent
from promptwire.client.sse import server_events

CUTS = 20
WORDS = 400
LONG: dict[str, Any] = {
    "model": "openai/echo",
    "messages": [{"role": "user", "content": "Grüße, 世界 🙂 and on "}],
    "simulate": {"tokens": WORDS, "interval_ms": 2},
    "resumable_s": 30,
}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with vending() as vendor:
        yield vendor


@pytest.fixture(scope="module")
def served(vendor: Vendor, topology: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Promptwire that knows a vendor which counts its calls."""
    data = tmp_path_factory.mktemp("runs")
    with serving(data, *topology, PROMPTWIRE_OPENAI_BASE_URL=vendor.url) as served:
        yield served


def read(served: Served, verb: str, path: str, body: Any, last: int, enough: int) -> tuple[str, bytes, bool]:
    """What comes after event ``last`` until the socket is cut behind event number ``enough``, and whether all came."""
    came = b""
    with closing(connection(served)) as link:
        headers = {"content-type": "application/json"} | ({"last-event-id": str(last)} if last else {})
        link.request(verb, path, None if body is None else json.dumps(body), headers)
        response = link.getresponse()
        assert response.status == 200, response.read()
        run = response.getheader("x-run-id") or ""
        for line in response:
            came += line
            if line == b"\n" and number(came) >= enough:
                return run, came, False
    return run, came, True


def number(events: bytes) -> int:
    """The number of the last whole event."""
    whole = events[: events.rfind(b"\n\n") + 2]
    ids = [line for line in whole.split(b"\n") if line.startswith(b"id: ")]
    return int(ids[-1][4:]) if ids else 0


def test_a_reader_cut_twenty_times_gets_the_same_bytes_of_one_call(served: Served, vendor: Vendor) -> None:
    asked = vendor.requests
    run, came, over = read(served, "POST", "/api/chat", LONG, 0, WORDS // CUTS)
    for cut in range(2, CUTS + 1):
        assert not over
        enough = cut * WORDS // CUTS
        _, more, over = read(served, "GET", f"/api/runs/{run}/stream", None, number(came), enough)
        came += more
    _, more, over = read(served, "GET", f"/api/runs/{run}/stream", None, number(came), 2 * WORDS)
    came += more
    _, again, _ = read(served, "GET", f"/api/runs/{run}/stream", None, 0, 2 * WORDS)
    assert over and came == again  # a second reader, from the beginning
    events = list(server_events(came.splitlines(keepends=True)))
    assert [event.name for event in events].count("done") == 1 and events[-1].name == "done"
    assert len([event for event in events if event.name == "delta"]) == WORDS
    assert vendor.requests == asked + 1


def test_who_cannot_stream_begins_a_run_and_polls_it(served: Served, vendor: Vendor) -> None:
    asked = vendor.requests
    status, headers, answer = sent(served, "/api/chat", LONG, prefer="respond-async")
    run = json.loads(answer)["run_id"]
    assert (status, headers["location"]) == (202, f"/api/runs/{run}/events")
    assert headers["preference-applied"] == "respond-async"
    polled: list[dict[str, Any]] = []
    end = time.monotonic() + 30
    while not polled or polled[-1]["event"] != "done":
        assert time.monotonic() < end
        after = polled[-1]["id"] if polled else 0
        polled += ask(served, "GET", f"{headers['location']}?after={after}&wait_s=5")[1]["events"]
    assert [event["id"] for event in polled] == list(range(1, len(polled) + 1))
    _, streamed, _ = read(served, "GET", f"/api/runs/{run}/stream", None, 0, 2 * WORDS)
    events = list(server_events(streamed.splitlines(keepends=True)))
    assert [(event.name, json.loads(event.data)) for event in events] == [(one["event"], one["data"]) for one in polled]
    assert vendor.requests == asked + 1


def test_what_is_answered_later_must_be_kept(served: Served) -> None:
    refused = sent(served, "/api/chat", HELLO, prefer="respond-async")
    assert refused[0] == 400 and "say resumable_s" in error(refused)["message"]


@pytest.mark.parametrize("path", ["/api/chat", "/api/prompts/demo/run"])
def test_who_accepts_json_gets_the_whole_answer(served: Served, path: str) -> None:
    body = HELLO if path == "/api/chat" else {"variables": {"topic": "looms"}, "simulate": {"interval_ms": 0}}
    status, headers, answer = sent(served, path, body, accept="application/json; q=1")
    whole = json.loads(answer)
    assert (status, headers["content-type"], headers["x-run-id"]) == (200, "application/json", whole["start"]["run_id"])
    assert ("hello" if path == "/api/chat" else "looms") in whole["message"]["content"]
    assert whole["done"]["finish_reason"] == "stop" and whole["done"]["usage"]["output_tokens"] > 0


def test_a_reader_who_leaves_a_whole_answer_stops_the_vendor(served: Served, vendor: Vendor) -> None:
    told = vendor.told_to_stop
    slow = {name: value for name, value in LONG.items() if name != "resumable_s"} | {"simulate": {"tokens": 10_000}}
    slow["simulate"] |= {"interval_ms": 20}
    with closing(connection(served)) as link:
        link.request("POST", "/api/chat", json.dumps(slow), {"accept": "application/json"})
        vendor.until_active()
    vendor.stopped_at()
    assert vendor.told_to_stop == told + 1


def test_stop_by_name_reaches_the_vendor_and_a_lonely_run_ends(served: Served, vendor: Vendor) -> None:
    endless = LONG | {"simulate": {"tokens": 100_000, "interval_ms": 20}}
    for resumable_s, stop in ((30, True), (0.2, False)):
        told = vendor.told_to_stop
        run, _, _ = read(served, "POST", "/api/chat", endless | {"resumable_s": resumable_s}, 0, 3)
        if stop:
            assert post(served, f"/api/runs/{run}/cancel", {})[1] == {"cancelled": True}
        vendor.stopped_at()
        assert vendor.told_to_stop == told + 1


def test_another_gateway_says_that_it_does_not_know_the_run(served: Served, tmp_path: Path) -> None:
    run, _, _ = read(served, "POST", "/api/chat", LONG, 0, 3)
    with serving(tmp_path / "another") as another:
        for verb, path in (("GET", "stream"), ("GET", "events"), ("POST", "cancel")):
            status, answer = ask(another, verb, f"/api/runs/{run}/{path}")
            assert (status, answer["error"]["class"]) == (404, "not_found")
            assert "known only to the gateway that began it" in answer["error"]["message"]
    assert post(served, f"/api/runs/{run}/cancel", {})[0] == 200


def test_many_readers_of_one_run_read_the_same(served: Served, vendor: Vendor) -> None:
    asked = vendor.requests
    run, _, _ = read(served, "POST", "/api/chat", LONG, 0, 3)
    with ThreadPoolExecutor(5) as pool:
        path = f"/api/runs/{run}/stream"
        reads = [pool.submit(read, served, "GET", path, None, 0, 2 * WORDS) for _ in range(5)]
        assert len({one.result(60)[1] for one in reads}) == 1
    assert vendor.requests == asked + 1
    eventually(lambda: ask(served, "GET", f"/api/runs/{run}/events?after=3")[1]["events"] != [], "it can be polled too")
