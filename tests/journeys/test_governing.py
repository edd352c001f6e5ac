"""Budgets and moderation from the outside: on every route, and while a stream is under way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.request import urlopen

import pytest

from journeys.native import ask, post, put, stream
from journeys.served import Served, simulating
from journeys.test_limits import HELLO, error, sent
from promptwire.client.sse import ServerEvent

DEAR = "dear"  # a model that costs a dollar a token
TEXT = [{"role": "user", "content": "an apple"}]
ROUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/api/chat", {"model": DEAR, "messages": TEXT}),
    "prompt": ("/api/prompts/costly/run", {}),
    "openai model": ("/v1/chat/completions", {"model": DEAR, "messages": TEXT}),
    "openai model stream": ("/v1/chat/completions", {"model": DEAR, "messages": TEXT, "stream": True}),
    "openai prompt": ("/v1/chat/completions", {"model": "prompt/costly", "messages": []}),
}
DEMO = "/api/prompts/demo/run", {"variables": {"topic": "x"}, "simulate": {"tokens": 3, "interval_ms": 0}}


@pytest.fixture(scope="module")
def vendor() -> Iterator[str]:
    """The base URL of a vendor that is asked for money."""
    with simulating() as url:
        yield url


@pytest.fixture
def dear(served: Served, vendor: str) -> Iterator[Served]:
    """A Promptwire that has a model with a price, and a prompt for it."""
    assert put(served, "/api/providers", {"id": "shop", "kind": "openai", "base_url": vendor})[0] == 200
    prices = [{"since": "2026-01-01", "input": 1_000_000, "output": 1_000_000}]
    row = {"id": DEAR, "provider": "shop", "model": "echo", "prices": prices}
    assert put(served, "/api/models/rows", row)[0] == 200
    draft = {"model": DEAR, "messages": TEXT}
    assert post(served, "/api/prompts", {"key": "costly", "draft": draft})[0] in (200, 409)
    yield served
    ask(served, "DELETE", "/api/budgets/daily")
    ask(served, "DELETE", f"/api/models/rows/{DEAR}")
    ask(served, "DELETE", "/api/providers/shop")


@pytest.mark.parametrize("route", ROUTES)
def test_a_budget_refuses_on_every_route(dear: Served, route: str) -> None:
    path, body = ROUTES[route]
    assert sent(dear, path, body)[0] == 200
    assert put(dear, "/api/budgets/daily", {"amount": 0.5, "period": "day"})[0] == 200
    refused = sent(dear, path, body)
    said = error(refused)
    assert (refused[0], said["class"], said["phase"]) == (429, "budget_exhausted", "connect")
    assert said["details"]["budget"] == "daily" and "0.5 US dollars a day" in said["message"]
    assert 0 < int(refused[1]["retry-after"]) <= 86_400
    assert ask(dear, "DELETE", "/api/budgets/daily")[0] == 200
    assert sent(dear, path, body)[0] == 200


def test_a_budget_lets_what_is_free_pass(dear: Served) -> None:
    assert put(dear, "/api/budgets/daily", {"amount": 5, "period": "day", "workspace": "*"})[0] == 200
    assert sent(dear, *DEMO)[0] == 200
    assert sent(dear, "/v1/chat/completions", HELLO)[0] == 200
    assert put(dear, "/api/budgets/daily", {"amount": 0.5, "period": "day", "workspace": "*"})[0] == 200
    assert error(sent(dear, *ROUTES["chat"]))["class"] == "budget_exhausted"
    assert sent(dear, *DEMO)[0] == 200


@pytest.mark.parametrize("route", ["/api/chat", "/v1/chat/completions"])
def test_a_request_too_long_for_its_model_never_reaches_the_vendor(dear: Served, vendor: str, route: str) -> None:
    def asked() -> int:
        with urlopen(vendor.removesuffix("/v1") + "/stats") as stats:
            return json.load(stats)["requests"]

    row = {"id": "small", "provider": "shop", "model": "echo", "capabilities": {"context_tokens": 100}}
    assert put(dear, "/api/models/rows", row)[0] == 200
    before = asked()
    refused = sent(dear, route, {"model": "small", "messages": [{"role": "user", "content": "word " * 2000}]})
    assert (refused[0], error(refused)["class"], error(refused)["phase"]) == (400, "invalid_request", "connect")
    assert "small can read 100" in error(refused)["message"]
    assert asked() == before
    assert sent(dear, route, {"model": "small", "messages": TEXT})[0] == 200
    assert asked() == before + 1


def test_an_answer_with_too_many_packets_is_broken_off(dear: Served) -> None:
    row = {"id": "wordy", "provider": "shop", "model": "echo", "packets": {"packets": 5, "characters": 100}}
    assert put(dear, "/api/models/rows", row)[0] == 200
    asked = {"model": "wordy", "messages": TEXT, "simulate": {"tokens": 50, "interval_ms": 1}}
    events = list(stream(dear, "/api/chat", asked))
    said = json.loads(events[-1].data)
    assert [event.name for event in events].count("delta") == 5
    assert (events[-1].name, said["class"], said["phase"]) == ("error", "packet_limited", "mid_stream")
    assert "more than 5 packets" in said["message"]
    whole = sent(dear, "/v1/chat/completions", asked)
    assert (whole[0], error(whole)["class"], error(whole)["type"]) == (429, "packet_limited", "packets")


def test_a_stream_keeps_the_rules_it_began_with(served: Served) -> None:
    def rules(action: str) -> int:
        """Write the rule; its set's version."""
        rule = {"id": "fruit", "kind": "words", "patterns": ["apple"], "action": action, "stages": ["output"]}
        status, said = put(served, "/api/moderation/house", {"rules": [rule]})
        assert status == 200, said
        return said["version"]

    asked = HELLO | {"messages": TEXT, "simulate": {"text": "an apple, ", "tokens": 500, "interval_ms": 10}}
    first = rules("mask")
    try:
        with closing(stream(served, "/api/chat", asked)) as under_way:
            before = [next(under_way) for _ in range(20)]
            assert "done" not in [event.name for event in before]
            second = rules("stop")
            after = list(under_way)
        assert second > first
        assert (after[-1].name, text_of(before + after).count("*****")) == ("done", 100)
        assert "apple" not in text_of(before + after)
        assert text_of(after).count("*****") > 0  # under the rule as it was, after it changed
        events = list(stream(served, "/api/chat", asked))
        said = json.loads(events[-1].data)
        assert (events[-1].name, said["class"], text_of(events)) == ("error", "moderation_output", "an ")
        assert said["details"]["version"] == str(second)
    finally:
        assert ask(served, "DELETE", "/api/moderation/house")[0] == 200


def text_of(events: list[ServerEvent]) -> str:
    """What a reader saw."""
    return "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")
