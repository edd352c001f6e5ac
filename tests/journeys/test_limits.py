"""Limits from the outside: who is refused, what they are told, who waits, and what is left when a process dies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from journeys.native import ask, connection, post, put, stream
from journeys.served import Served, eventually, serving

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
HELLO: dict[str, Any] = {"model": "simulated/echo", "messages": [{"role": "user", "content": "hello"}]}
SLOW: dict[str, Any] = HELLO | {"simulate": {"tokens": 100_000, "interval_ms": 20}}
FACES: dict[str, tuple[str, dict[str, Any]]] = {
    "native": ("/api/chat", HELLO),
    "kept": ("/api/chat", HELLO | {"resumable_s": 5}),
    "prompt": ("/api/prompts/demo/run", {"variables": {"topic": "x"}, "simulate": {"tokens": 3, "interval_ms": 0}}),
    "openai stream": ("/v1/chat/completions", HELLO | {"stream": True}),
    "openai whole": ("/v1/chat/completions", HELLO),
}


@pytest.fixture(autouse=True)
def nothing_left(served: Served) -> Iterator[None]:
    """What one test forbids, the next may do."""
    yield
    for limit in ask(served, "GET", "/api/limits")[1]["limits"]:
        ask(served, "DELETE", f"/api/limits/{limit['id']}")


def limit(served: Served, name: str, kind: str, amount: float, **fields: Any) -> None:
    """Put a limit, in force at once in the process that wrote it."""
    status, said = put(served, f"/api/limits/{name}", {"kind": kind, "amount": amount} | fields)
    assert status == 200, said


def sent(served: Served, path: str, body: dict[str, Any], **headers: str) -> Answer:
    """The status, the headers and the body of an answer."""
    with closing(connection(served)) as link:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request("POST", path, json.dumps(body), {"content-type": "application/json"} | named)
        with link.getresponse() as response:
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def error(answer: Answer) -> dict[str, Any]:
    """The error of a refusal."""
    return json.loads(answer[2])["error"]


def levels(served: Served) -> dict[str, dict[str, Any]]:
    """The gauges, by bucket."""
    return {level["bucket"]: level for level in ask(served, "GET", "/api/limits/levels")[1]["levels"]}


def used(served: Served) -> float:
    """What is taken of the limit of tokens."""
    return levels(served).get("tokens", {"used": 0.0})["used"]


@pytest.mark.parametrize("face", FACES)
def test_every_face_says_what_is_left_and_when_to_come_back(served: Served, face: str) -> None:
    path, body = FACES[face]
    limit(served, face.replace(" ", "-"), "requests", 6, burst=0.2)
    status, headers, _ = sent(served, path, body)
    assert status == 200
    assert (headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"]) == ("6", "0")
    assert 0 < float(headers["x-ratelimit-reset-requests"].removesuffix("s")) <= 12.5
    refused = sent(served, path, body)
    status, headers, _ = refused
    said = error(refused)
    assert (status, said["class"], said["phase"], said["code"]) == (429, "rate_limited", "connect", 42901)
    assert said["details"]["limit"] == face.replace(" ", "-")
    assert 0 <= int(headers["retry-after"]) - said["retry_after_s"] < 1
    assert (headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"]) == ("6", "0")


def test_each_scope_is_a_bucket_of_its_own(served: Served) -> None:
    for scope in ("workspace", "user", "scenario"):
        limit(served, scope, "requests", 6, burst=0.2, **{scope: "*"})
        one, other = ({f"x_promptwire_persist_{scope}": value} for value in ("one", "other"))
        assert sent(served, "/api/chat", HELLO, **one)[0] == 200
        assert error(sent(served, "/api/chat", HELLO, **one))["details"]["bucket"] == f"{scope}|{scope}=one"
        assert sent(served, "/api/chat", HELLO, **other)[0] == 200
        assert ask(served, "DELETE", f"/api/limits/{scope}")[0] == 200
    limit(served, "model", "requests", 6, burst=0.2, model="simulated/typewriter")
    assert [sent(served, "/api/chat", HELLO)[0] for _ in range(3)] == [200] * 3


def test_a_key_is_a_scope_that_nobody_can_claim(topology: list[str], tmp_path: Path) -> None:
    with serving(tmp_path / "own", *topology, PROMPTWIRE_API_KEYS="one two") as served:
        each = {"kind": "requests", "amount": 6, "burst": 0.2, "key": "*"}
        with closing(connection(served)) as link:
            link.request("PUT", "/api/limits/each", json.dumps(each), {"x-api-key": "one"})
            assert link.getresponse().status == 200
        assert [sent(served, "/api/chat", HELLO, x_api_key="one")[0] for _ in range(2)] == [200, 429]
        assert sent(served, "/api/chat", HELLO, x_api_key="two")[0] == 200
        claimed = sent(served, "/api/chat", HELLO, x_api_key="one", x_promptwire_persist_key="another")
        assert (claimed[0], error(claimed)["class"]) == (400, "invalid_request")


def test_streams_wait_in_a_queue_people_before_machines(served: Served) -> None:
    limit(served, "one", "streams", 1, max_queue=3, max_wait_s=20)
    order: list[str] = []
    with ThreadPoolExecutor(3) as pool:
        with closing(stream(served, "/api/chat", SLOW)) as first:
            next(first)

            def come(scenario: str) -> None:
                brief = HELLO | {"simulate": {"first_ms": 300}}  # longer than two threads need to say what they saw
                assert sent(served, "/api/chat", brief, x_promptwire_persist_scenario=scenario)[0] == 200
                order.append(scenario)

            waiting: list[Future[None]] = []
            for count, scenario in enumerate(("judge", "tuning", "debug"), start=1):
                waiting.append(pool.submit(come, scenario))
                eventually(lambda: levels(served)["one"]["queued"] == count, f"{count} wait")  # noqa: B023
            refused = sent(served, "/api/chat", HELLO)
            assert (refused[0], error(refused)["class"]) == (429, "concurrency_limited")
            assert "3 waiting" in error(refused)["message"] and int(refused[1]["retry-after"]) >= 1
        for one in waiting:
            one.result(30)
    assert order == ["debug", "judge", "tuning"]
    eventually(lambda: "one" not in levels(served), "every stream is given back")


def test_who_waits_too_long_is_told_when_to_come_back(served: Served) -> None:
    limit(served, "one", "streams", 1, max_queue=3, max_wait_s=0.3)
    with closing(stream(served, "/api/chat", SLOW)) as first:
        next(first)
        refused = sent(served, "/api/chat", HELLO)
        assert (refused[0], error(refused)["class"], refused[1]["retry-after"]) == (429, "concurrency_limited", "1")
        hurried = sent(served, "/api/chat", HELLO, x_promptwire_timeout_s="0.1")
        assert hurried[0] in (429, 504)


def test_what_is_reserved_is_what_this_prompt_lately_took(served: Served) -> None:
    limit(served, "tokens", "tokens", 1_000_000, window_s=1e9)
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "say"}]}
    for key in ("brief", "wordy"):
        assert post(served, "/api/prompts", {"key": key, "draft": draft})[0] in (200, 409)

    def reserved(key: str) -> float:
        """What a run of it holds before it has written anything."""
        with closing(connection(served)) as link:
            before = used(served)
            body = {"simulate": {"tokens": 3, "first_ms": 60_000}, "timeouts": {"first_token_s": 90}}
            link.request("POST", f"/api/prompts/{key}/run", json.dumps(body))
            eventually(lambda: used(served) > before + 4, "it is reserved")
            return used(served) - before

    if served.url not in LEARNED:
        assert 1000 < reserved("brief") < 1100  # nothing is known of it yet
    LEARNED.add(served.url)
    for key, tokens in (("brief", 20), ("wordy", 400)):
        for _ in range(5):
            events = list(stream(served, f"/api/prompts/{key}/run", {"simulate": {"tokens": tokens}}))
            assert events[-1].name == "done"
    assert 15 < reserved("brief") < 40
    assert 350 < reserved("wordy") < 420


LEARNED = set[str]()  # servers on which this was done before


def test_tokens_are_settled_however_a_run_ends(served: Served) -> None:
    limit(served, "tokens", "tokens", 1_000_000, window_s=1e9)
    limit(served, "streams", "streams", 50)
    begun = used(served)
    cut = HELLO | {"simulate": {"tokens": 40, "fault": {"kind": "cut", "at": 21}}}
    assert list(stream(served, "/api/chat", cut))[-1].name == "error"
    with closing(stream(served, "/api/chat", SLOW)) as left:
        for _ in range(10):
            next(left)
    stopped = HELLO | {"resumable_s": 30, "simulate": {"tokens": 1000, "interval_ms": 20}}
    with closing(connection(served)) as link:
        link.request("POST", "/api/chat", json.dumps(stopped))
        run = link.getresponse().getheader("x-run-id")
        assert post(served, f"/api/runs/{run}/cancel", {})[1] == {"cancelled": True}
    eventually(lambda: "streams" not in levels(served), "every stream is given back")
    eventually(lambda: used(served) < begun + 200, "what was reserved and not used comes back")
