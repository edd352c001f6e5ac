"""Every class of error, in every phase it can happen in, is the same to every reader; and what of it is our own doing.

A vendor that is another Promptwire says any class at any time, in our own words: what it says must cross every hop.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final, cast

import pytest

from journeys.native import ask, connection, post, put, stream
from journeys.served import Served, eventually, serving
from journeys.test_limits import HELLO, SLOW, error, limit, sent
from journeys.test_matrix import READERS, Place, Reader, Told, native, openai_whole, place, whole
from promptwire.api.base import Phase
from promptwire.api.llm import LLM_SERVICE
from promptwire.errors import CLASSES

__all__ = ["place"]

CELLS: Final[list[tuple[str, Phase]]] = [(class_, phase) for class_, row in CLASSES.items() for phase in row.phases]
SAYS: Final = "said by the other"


class _Other(BaseHTTPRequestHandler):
    """Says the class and in the phase that the name of the model asks for."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        class_, _, phase = asked["model"].partition(".")
        row = CLASSES[class_]
        said = {"message": SAYS, "code": row.code, "class": class_, "phase": phase, "retry_after_s": 7}
        told = json.dumps({"error": said}).encode()
        if phase == "connect":
            self._head(row.http_status, "application/json")
            self.wfile.write(told)
            return
        self._head(200, "text/event-stream")
        if phase == "mid_stream":
            chunk = {"choices": [{"index": 0, "delta": {"content": "some "}, "finish_reason": None}]}
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: " + told + b"\n\n")

    def _head(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quietly."""


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    """The base URL of the vendor."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Other) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def told(place: Place, other: str) -> Place:
    """The Promptwire of the matrix, which knows the other."""
    put(place.served, "/api/providers", {"id": "other", "kind": "openai", "base_url": other})
    for class_, phase in CELLS:
        name = f"{class_}.{phase}"
        row = {"id": f"other/{name}", "provider": "other", "model": name, "attempts": 1, "breaker_failures": 0}
        assert put(place.served, "/api/models/rows", row)[0] == 200
    return place


def expected(class_: str, phase: Phase) -> str:
    """The class a reader is told: a vendor that speaks of input in the middle of its answer means that."""
    return "moderation_output" if class_ == "moderation_input" and phase != "connect" else class_


def wrong(place: Place, reader: Reader, class_: str, phase: Phase) -> list[str]:
    """What is wrong with what a reader is told."""
    asked = HELLO | {"model": f"other/{class_}.{phase}"}
    asked |= {"timeouts": {"first_token_s": 20}, "simulate": {}}
    got, reference = reader(place, asked), native(place, asked)
    row = CLASSES[cast("Any", expected(class_, phase))]
    wanted: dict[str, Any] = {"class": expected(class_, phase), "phase": phase, "code": row.code, "vendor": "other"}
    wanted |= {"retry_after_s": 7.0, "trace_id": got.error.get("trace_id")}
    found = [f"{key}: {got.error.get(key)!r}" for key, value in wanted.items() if got.error.get(key) != value]
    if {**got.error, "trace_id": ""} != {**reference.error, "trace_id": ""} or SAYS not in got.error["message"]:
        found.append(f"{got.error} is not {reference.error}")
    if got.text != ("some " if phase == "mid_stream" and reader not in (openai_whole, whole) else ""):
        found.append(f"text: {got.text!r}")
    if (got.status or row.http_status) != row.http_status or (phase != "mid_stream") != (reference.status is not None):
        found.append(f"status: {got.status}")
    return [f"{class_} in {phase}: {mistake}" for mistake in found]


@pytest.mark.parametrize("reader", [one for one in READERS if one.__name__ != "cli"], ids=lambda one: one.__name__)
def test_what_another_says_is_the_same_to_every_reader(told: Place, reader: Reader) -> None:
    method = LLM_SERVICE.methods["ChatStream"]
    _ = method.request.encode, method.response.decode  # compiled at first use, before threads may do it at once
    with ThreadPoolExecutor(8) as pool:
        cells = [pool.submit(wrong, told, reader, *cell) for cell in CELLS]
    assert [mistake for cell in cells for mistake in cell.result()] == []


def refusal(answer: Told | tuple[int, dict[str, str], bytes]) -> tuple[int | None, str, str]:
    """Status, class and phase."""
    status, said = (answer.status, answer.error) if isinstance(answer, Told) else (answer[0], error(answer))
    return status, said["class"], said["phase"]


def test_what_is_wrong_with_a_request_is_said_before_anything_is_asked(served: Served) -> None:
    assert refusal(sent(served, "/api/chat", HELLO | {"messages": []})) == (400, "invalid_request", "connect")
    assert refusal(sent(served, "/api/chat", HELLO | {"model": "x"})) == (404, "not_found", "connect")
    assert refusal(sent(served, "/api/prompts", {"key": "demo"})) == (409, "conflict", "connect")


def test_a_stranger_is_not_let_in(topology: list[str], tmp_path: Path) -> None:
    with serving(tmp_path / "own", *topology, PROMPTWIRE_API_KEYS="one") as served:
        for path, body in (("/api/chat", HELLO), ("/v1/chat/completions", HELLO)):
            assert refusal(sent(served, path, body)) == (401, "unauthenticated", "connect")
            assert refusal(sent(served, path, body, x_api_key="two")) == (401, "unauthenticated", "connect")


def test_our_own_limits_and_budgets_refuse_before_the_vendor_is_asked(own: Served) -> None:
    limit(own, "streams", "streams", 1)
    with closing(stream(own, "/api/chat", SLOW)) as first:
        next(first)
        assert refusal(sent(own, "/api/chat", HELLO)) == (429, "concurrency_limited", "connect")
    ask(own, "DELETE", "/api/limits/streams")
    limit(own, "tokens", "tokens", 50)
    refused = sent(own, "/api/chat", HELLO)
    assert refusal(refused) == (429, "token_limited", "connect")
    assert not error(refused)["retryable"] and "retry-after" not in refused[1]  # it never fits
    ask(own, "DELETE", "/api/limits/tokens")
    limit(own, "requests", "requests", 6, burst=0.2)
    assert sent(own, "/api/chat", HELLO)[0] == 200
    assert refusal(sent(own, "/api/chat", HELLO)) == (429, "rate_limited", "connect")
    ask(own, "DELETE", "/api/limits/requests")
    assert put(own, "/api/budgets/none", {"amount": 1, "period": "day"})[0] == 200
    assert put(own, "/api/providers", {"id": "far", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"})[0] == 200
    assert put(own, "/api/models/rows", {"id": "priceless", "provider": "far", "model": "m"})[0] == 200
    refused = sent(own, "/api/chat", HELLO | {"model": "priceless"})
    assert refusal(refused) == (429, "budget_exhausted", "connect")
    assert "has no price" in error(refused)["message"]
    assert sent(own, "/api/chat", HELLO)[0] == 200  # it is free


@pytest.mark.parametrize(("seen", "phase"), [(False, "first_packet"), (True, "mid_stream")])
def test_a_run_that_is_stopped_says_so_to_its_reader(served: Served, seen: bool, phase: str) -> None:
    pace = {"tokens": 1000, "interval_ms": 20, "first_ms": 0 if seen else 60_000}
    body = HELLO | {"resumable_s": 30, "simulate": pace, "timeouts": {"first_token_s": 90}}
    with closing(connection(served)) as begin:
        begin.request("POST", "/api/chat", json.dumps(body), {"prefer": "respond-async"})
        run = json.loads(begin.getresponse().read())["run_id"]

    def poll() -> tuple[int, dict[str, Any]]:
        return ask(served, "GET", f"/api/runs/{run}/events")

    eventually(lambda: bool(poll()[1]["events"]) is seen, "it has begun")
    assert post(served, f"/api/runs/{run}/cancel", {})[1] == {"cancelled": True}
    eventually(lambda: poll()[0] != 200 or poll()[1]["ended"], "it has ended")
    status, answer = poll()
    said = answer["error"] if status != 200 else answer["events"][-1]["data"]
    assert (said["class"], said["phase"], said["code"]) == ("cancelled", phase, 49900)
    assert status == (200 if seen else 499)


def test_a_service_that_is_not_there_is_overload(tmp_path: Path) -> None:
    with serving(tmp_path / "own", "--split") as inner:
        prompt = inner.role("prompt").net_connections("inet")
        [where] = {f"{one.laddr.ip}:{one.laddr.port}" for one in prompt if one.status == "LISTEN"}
        arguments = ["gateway", "--connect", f"prompt={where}", "--connect", "llm=127.0.0.1:9"]
        with serving(tmp_path / "outer", *arguments) as served:
            for path in ("/api/chat", "/v1/chat/completions"):
                assert refusal(sent(served, path, HELLO)) == (503, "overloaded", "connect")
            assert sent(served, "/api/prompts/demo/run", {"variables": {"topic": "x"}})[0] == 200


def test_a_mistake_of_ours_tells_nothing_but_its_trace(own: Served) -> None:
    with closing(sqlite3.connect(next(own.log.parent.glob("*.db")))) as database:
        database.execute("DROP TABLE prompts")
        database.commit()
    answer = sent(own, "/api/prompts/demo/run", {})
    assert refusal(answer)[:2] == (500, "internal")
    said = error(answer)
    assert said["message"] == "something went wrong on our side" and "prompts" not in json.dumps(said)
    eventually(
        lambda: said["trace_id"] in own.log.read_text() and "no such table" in own.log.read_text(), "it is logged"
    )
