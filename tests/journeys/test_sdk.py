"""The SDK against a real server: prompts from everywhere, runs whose wire is cut, errors by class; both twins."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import made_up
from browser.wire import Wire, wired
from journeys.native import ask, post, put
from journeys.served import Served, eventually, serving
from promptwire.api.llm import Parameters
from promptwire.api.message import Delta, Done, Event, Start
from promptwire.client import AsyncPromptwire, Promptwire
from promptwire.client.errors import InvalidRequest, NotFound, RateLimited, Unreachable, UpstreamCut

KEYS = itertools.count()
SLOW = {"tokens": 60, "interval_ms": 10, "seed": 1}


@pytest.fixture
def key(served: Served) -> str:
    """A prompt with two versions, the first of them released."""
    key = f"sdk-{next(KEYS)}"
    draft = {"model": "simulated/typewriter", "messages": [{"role": "user", "content": "One {{topic}}"}]}
    assert post(served, "/api/prompts", {"key": key, "draft": draft})[0] == 200
    assert post(served, f"/api/prompts/{key}/versions", {})[0] == 200
    draft["messages"] = [{"role": "user", "content": "Two {{topic}}"}]
    assert post(served, f"/api/prompts/{key}/versions", {"content": draft})[0] == 200
    assert put(served, f"/api/prompts/{key}/labels/production", {"version": "1"})[0] == 200
    return key


@pytest.fixture
def client(served: Served, tmp_path: Path) -> Iterator[Promptwire]:
    with Promptwire(served.url, snapshots=tmp_path / "snapshots") as client:
        yield client


def texts(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_a_prompt_is_fetched_by_version_label_or_newest(client: Promptwire, key: str) -> None:
    said = {
        prompt.version: (prompt.source, prompt.compile(topic="loom")[0].content)
        for prompt in (client.get_prompt(key), client.get_prompt(key, label="production"))
    }
    assert said == {"2": ("server", "Two loom"), "1": ("server", "One loom")}
    assert client.get_prompt(key).source == "cache"
    assert client.get_prompt(key, version="1").version == "1"
    with pytest.raises(NotFound, match="no label 'nobody'"):
        client.get_prompt(key, label="nobody")


def test_a_stale_prompt_is_given_at_once_and_asked_for_anew(client: Promptwire, served: Served, key: str) -> None:
    assert client.get_prompt(key, label="production").version == "1"
    put(served, f"/api/prompts/{key}/labels/production", {"version": "2"})
    assert client.get_prompt(key, label="production").version == "1"
    stale = client.get_prompt(key, label="production", cache_ttl=0)
    assert (stale.version, stale.source) == ("1", "stale")
    eventually(lambda: client.get_prompt(key, label="production").version == "2", "the refresh is there")


def test_a_run_comes_as_events_and_whole(client: Promptwire, key: str) -> None:
    prompt = client.get_prompt(key, label="production")
    with prompt.run(stream=True, topic="kites") as run:
        events = list(run)
    assert isinstance(events[0], Start) and isinstance(events[-1], Done)
    assert (events[0].prompt, events[0].version) == (key, "1")
    assert "kites" in texts(events) and run.text == texts(events)
    reply = client.run(key, topic="kites", label="production")
    assert reply.message.content == texts(events)
    assert client.chat("hello", model="simulated/echo").message.content == "hello"


def test_a_run_asks_another_model_with_other_parameters(client: Promptwire, key: str) -> None:
    prompt = client.get_prompt(key, label="production")
    parameters = {"max_tokens": 1}
    for begin in (
        lambda: client.run(key, label="production", model="simulated/echo", parameters=parameters, topic="kites"),
        lambda: prompt.run(model="simulated/echo", parameters=Parameters(max_tokens=1), variables={"topic": "kites"}),
    ):
        reply = begin()
        assert (reply.message.content, reply.done.finish_reason) == ("One", "length")


def test_errors_have_classes(client: Promptwire, key: str) -> None:
    with pytest.raises(InvalidRequest, match="missing variables: topic") as wrong:
        client.run(key)
    assert (wrong.value.code, wrong.value.phase, wrong.value.retryable) == (40000, "connect", False)
    assert wrong.value.trace_id
    with pytest.raises(InvalidRequest, match="missing variables: topic"):
        client.get_prompt(key).compile()
    fault = {"fault": {"kind": "rate_limit", "at": 2, "retry_after_s": 7}}
    with pytest.raises(RateLimited) as limited:
        client.chat("hello", model="simulated/typewriter", simulate=fault, resumable_s=0)
    assert (limited.value.phase, limited.value.retry_after_s, limited.value.retryable) == ("mid_stream", 7, True)


@pytest.fixture
def wire(served: Served) -> Iterator[Wire]:
    with wired(served.url) as wire:
        yield wire


def test_a_run_whose_wire_is_cut_again_and_again_is_read_on(client: Promptwire, wire: Wire) -> None:
    cuts = 0
    with Promptwire(wire.url, snapshots=None) as cutting:
        events: list[Event] = []
        with cutting.chat("x", model="simulated/typewriter", stream=True, simulate=SLOW) as run:
            for event in run:
                events.append(event)
                if len(events) % 10 == 5:
                    cuts += wire.cut() > 0
            kept = [frame["data"] for frame in _kept(client, run.id)]
    assert cuts >= 5
    assert isinstance(events[-1], Done)
    assert texts(events) == "".join(each["text"] for each in kept if "text" in each)
    assert len(events) == len(kept), "each event once"


def _kept(client: Promptwire, run_id: str) -> list[dict[str, Any]]:
    return client.request("GET", f"/api/runs/{run_id}/events", kind=dict[str, Any])["events"]


def test_a_run_that_may_not_be_read_on_is_cut_and_says_so(wire: Wire) -> None:
    with Promptwire(wire.url, snapshots=None) as cutting:
        run = cutting.chat("x", model="simulated/typewriter", stream=True, simulate=SLOW, resumable_s=0)
        next(run)
        wire.cut()
        with pytest.raises(UpstreamCut, match="stopped before its end"):
            list(run)


def test_leaving_a_run_cancels_it(client: Promptwire) -> None:
    endless = {"tokens": 100_000, "interval_ms": 5}
    with client.chat("x", model="simulated/typewriter", stream=True, simulate=endless) as run:
        next(run)
    with pytest.raises(Exception, match="cancelled"):
        while True:  # the run ends with the error its other readers get
            events = client.request("GET", f"/api/runs/{run.id}/events?after=1&wait_s=1", kind=dict[str, Any])
            last = events["events"][-1]
            if last["event"] == "error":
                raise RuntimeError(last["data"]["class"])


async def test_the_asynchronous_twin(served: Served, key: str, tmp_path: Path) -> None:
    async with AsyncPromptwire(served.url, snapshots=tmp_path) as client:
        prompt = await client.get_prompt(key, label="production")
        assert (prompt.version, prompt.source) == ("1", "server")
        assert (await prompt.compile(topic="loom"))[0].content == "One loom"
        stale = await client.get_prompt(key, label="production", cache_ttl=0)
        assert stale.source == "stale"
        async with await prompt.run(stream=True, topic="kites") as run:
            events = [event async for event in run]
        assert isinstance(events[-1], Done) and run.text == texts(events)
        assert (await prompt.run(topic="kites")).message.content == run.text
        assert (await prompt.run(topic="kites", model="simulated/echo")).message.content == "One kites"
        reply = await client.run(key, label="production", model="simulated/echo", topic="kites")
        assert reply.message.content == "One kites"
        with pytest.raises(InvalidRequest, match="missing variables"):
            await client.run(key)
        with pytest.raises(NotFound):
            await client.get_prompt("nobody")
        assert (await client.chat("hello", model="simulated/echo")).message.content == "hello"


async def test_the_twin_reads_on_too(served: Served) -> None:
    with wired(served.url) as wire:
        async with AsyncPromptwire(wire.url, snapshots=None) as client:
            run = await client.chat("x", model="simulated/typewriter", stream=True, simulate=SLOW)
            events: list[Event] = []
            async for event in run:
                events.append(event)
                if len(events) in (5, 25):
                    await asyncio.to_thread(wire.cut)
            assert isinstance(events[-1], Done)
            reply = await client.request("GET", f"/api/runs/{run.id}/events", kind=dict[str, Any])
            assert len(reply["events"]) == len(events)


def test_with_the_server_down_the_snapshot_answers_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key, snapshots = "down", tmp_path / "snapshots"
    with serving(tmp_path / "data", ends=-9) as served:
        draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "Hi {{who}}"}]}
        post(served, "/api/prompts", {"key": key, "draft": draft})
        post(served, f"/api/prompts/{key}/versions", {})
        with Promptwire(served.url, snapshots=snapshots) as client:
            assert client.get_prompt(key).source == "server"
            served.process.kill()
            served.process.wait()
            stale = client.get_prompt(key, cache_ttl=0)
            assert (stale.source, stale.compile(who="you")[0].content) == ("stale", "Hi you")
        with (
            caplog.at_level(logging.WARNING, "promptwire.client"),
            Promptwire(served.url, snapshots=snapshots) as client,
        ):
            again = client.get_prompt(key)
            for _ in range(3):
                again = client.get_prompt(key)
                assert (again.source, again.version, again.compile(who="you")[0].content) == ("snapshot", "1", "Hi you")
            assert client.get_prompt("other", fallback="Hello {{who}}").source == "fallback"
            with pytest.raises(Unreachable, match="no server answers"):
                client.get_prompt("nobody")
            with pytest.raises(Unreachable):
                again.run(who="you")
        said = [record.message for record in caplog.records]
        assert len([each for each in said if "down@latest comes from the snapshot on disk" in each]) == 1
        assert len([each for each in said if "other@latest comes from the fallback" in each]) == 1


def test_a_fallback_the_server_does_not_know_is_rendered_here_and_run_there(client: Promptwire, served: Served) -> None:
    prompt = client.get_prompt("not-there", fallback=[{"role": "user", "content": "Say {{what}}"}])
    assert (prompt.source, prompt.version) == ("fallback", "fallback")
    prompt.content.model = "simulated/echo"
    assert prompt.run(what="this").message.content == "Say this"
    with pytest.raises(NotFound, match="simulated/nobody"):
        prompt.run(what="this", model="simulated/nobody")
    assert ask(served, "GET", "/api/prompts/not-there")[0] == 404


VALUES: dict[str, Any] = {
    "text": "a {{b}} {% c %} <&>\n",
    "count": 7,
    "price": 2.5,
    "loud": True,
    "map": {"k": ["v", None, 1]},
    "names": ["x", "y"],
    "talk": [{"role": "assistant", "content": "{{text}} stays"}],
    "pictures": [{"text": "{{text}} stays"}, {"image_url": "https://example.com/a.png"}],
}
TEMPLATES = {
    "plain": "{{text}} {{ count }} {{price}} {{loud}} {{map}} {{names}} {not} {{{text}}}",
    "mustache": "{{text}}{{#loud}} loud {{/loud}}{{#names}}<{{.}}>{{/names}}{{^names}}none{{/names}}{{map.k}}",
    "jinja2": "{{ text|upper }}{% for n in names %}{{ loop.index }}{{ n }}{% endfor %}{{ price * count }}{{map.k[0]}}",
}
TYPES = {
    "text": "string",
    "count": "integer",
    "price": "number",
    "loud": "boolean",
    "map": "object",
    "names": "strings",
    "talk": "messages",
    "pictures": "parts",
}


def with_k(given: dict[str, Any]) -> dict[str, Any]:
    """The member that a template asks for."""
    return {**given, "k": ["v", None]}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def part(text: str) -> dict[str, Any]:
    return {"text": text}


ANY: dict[str, st.SearchStrategy[Any]] = {
    "text": made_up.texts,
    "count": st.integers(-(2**53), 2**53),
    "price": st.floats(-1e6, 1e6),
    "loud": st.booleans(),
    "map": st.dictionaries(made_up.texts, made_up.json, max_size=2).map(with_k),
    "names": st.lists(made_up.texts, max_size=3),
    "talk": st.lists(made_up.texts.map(said), max_size=2),
    "pictures": st.lists(made_up.texts.map(part), max_size=2),
}


@pytest.fixture(params=TEMPLATES)
def alike(client: Promptwire, served: Served, request: pytest.FixtureRequest) -> Callable[[dict[str, Any]], list[Any]]:
    """A prompt of each engine, with a snippet and every type of variable: rendered there and here, it is the same."""
    key, word = f"same-{request.param}-{next(KEYS)}", f"word-{request.param}-{next(KEYS)}"
    snippet = {"messages": [{"role": "user", "content": "Kindly, {{text}}."}]}
    assert post(served, "/api/prompts", {"key": word, "kind": "snippet", "draft": snippet})[0] == 200
    assert post(served, f"/api/prompts/{word}/versions", {})[0] == 200
    draft = {
        "model": "simulated/echo",
        "engine": request.param,
        "messages": [
            {"role": "system", "content": f"{TEMPLATES[request.param]} {{{{>{word}}}}}"},
            {"role": "placeholder", "content": "talk"},
            {"role": "user", "content": "", "parts": [{"text": "{{text}}"}, {"variable": "pictures"}]},
        ],
        "variables": [{"name": name, "type": kind} for name, kind in TYPES.items()],
    }
    assert post(served, "/api/prompts", {"key": key, "draft": draft})[0] == 200
    assert post(served, f"/api/prompts/{key}/versions", {})[0] == 200

    def rendered(values: dict[str, Any]) -> list[Any]:
        status, there = post(served, f"/api/prompts/{key}/preview", {"variables": values, "version": "1"})
        assert (status, there["missing"]) == (200, [])
        here = client.get_prompt(key, version="1").compile(**values)
        assert msgspec.json.decode(msgspec.json.encode(here)) == there["messages"]
        return here

    return rendered


def test_compiling_here_is_rendering_there(alike: Callable[[dict[str, Any]], list[Any]]) -> None:
    assert "Kindly, a {{b}}" in alike(VALUES)[0].content


@given(values=st.fixed_dictionaries(ANY))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])  # one prompt for all values
def test_compiling_any_values_here_is_rendering_them_there(
    alike: Callable[[dict[str, Any]], list[Any]], values: dict[str, Any]
) -> None:
    alike(values)
