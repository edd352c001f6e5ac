"""Our own endpoint is a vendor like any other: a Promptwire whose model is another Promptwire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from journeys.native import stream
from journeys.served import Served, serving

TEXT = "Two hops, 两跳, and not a byte lost 🙂"


@pytest.fixture(scope="module")
def outer(served: Served, topology: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data: Path = tmp_path_factory.mktemp("outer")
    with serving(data, *topology, PROMPTWIRE_OPENAI_BASE_URL=f"{served.url}/v1") as outer:
        yield outer


@pytest.fixture
def client(outer: Served) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{outer.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def test_an_echo_crosses_both(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="openai/simulated/echo",
        messages=[{"role": "user", "content": TEXT}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == TEXT
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


def test_a_prompt_of_the_other_is_a_model_here(client: OpenAI) -> None:
    reply = client.chat.completions.create(
        model="openai/prompt/demo",
        messages=[{"role": "user", "content": "bridges"}],
        extra_body={"simulate": {"tokens": 9}},
    )
    assert reply.choices[0].message.content
    with pytest.raises(openai.NotFoundError, match="no prompt"):
        client.chat.completions.create(model="openai/prompt/nobody", messages=[{"role": "user", "content": "x"}])


def test_the_vendors_status_and_reason_come_through(outer: Served) -> None:
    body = {"model": "openai/simulated/nobody", "messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(AssertionError, match="nobody"):
        list(stream(outer, "/api/chat", body))


def test_a_cut_in_the_other_is_a_cut_here(outer: Served) -> None:
    body = {
        "model": "openai/simulated/echo",
        "messages": [{"role": "user", "content": "one two three four five"}],
        "simulate": {"fault": {"kind": "cut", "at": 3}},
    }
    events = list(stream(outer, "/api/chat", body))
    assert events[-1].name == "error"
    assert json.loads(events[-1].data)["phase"] == "mid_stream"
