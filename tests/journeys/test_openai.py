"""The real ``openai`` package against our endpoint: what it sends is echoed, what is wrong is a typed exception."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk

from journeys.native import post
from journeys.served import Served

TEXT = 'Grüße, 世界! "quotes" {{not_a_variable}}\n\ttabs — and the end. 🙂'


@pytest.fixture
def client(served: Served) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{served.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def joined(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def test_an_echo_streams_back_exactly(client: OpenAI) -> None:
    stream = client.chat.completions.create(model="simulated/echo", messages=said(TEXT), stream=True)
    chunks = list(stream)
    assert joined(chunks) == TEXT
    assert len([chunk for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]) > 5
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_comes_last_when_it_is_asked_for(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="simulated/echo", messages=said(TEXT), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert joined(chunks) == TEXT
    usage = chunks[-1].usage
    assert usage is not None
    assert chunks[-1].choices == []
    assert usage.prompt_tokens > 0
    assert usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_blocking_reply_is_the_whole_stream(client: OpenAI) -> None:
    reply = client.chat.completions.create(model="simulated/echo", messages=said(TEXT))
    assert reply.choices[0].message.content == TEXT
    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert reply.usage.completion_tokens > 0


def test_the_models_are_listed(client: OpenAI) -> None:
    listed = {model.id for model in client.models.list()}
    assert {"simulated/echo", "simulated/typewriter"} <= listed


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model_is_a_typed_exception(client: OpenAI, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError, match="simulated/nobody") as caught:
        client.chat.completions.create(model="simulated/nobody", messages=said("x"), stream=stream)
    assert caught.value.status_code == 404


def test_the_demo_prompt_answers_as_a_model(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="prompt/demo",
        messages=[],
        stream=True,
        extra_body={"prompt_variables": {"topic": "lighthouses"}, "simulate": {"interval_ms": 0}},
    )
    assert "lighthouses" in joined(list(stream))


def test_a_prompt_that_echoes_streams_back_what_was_rendered(client: OpenAI, served: Served) -> None:
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "<{{a}}|{{b}}>"}]}
    status, _ = post(served, "/api/prompts", {"key": "parrot", "draft": draft})
    assert status in (200, 409)  # this test may run again on the same server
    body = {"prompt_variables": {"a": TEXT, "b": {"n": [1, 2.5]}}}
    expected = f"<{TEXT}|" + '{"n":[1,2.5]}>'
    chunks = list(client.chat.completions.create(model="prompt/parrot", messages=[], stream=True, extra_body=body))
    assert joined(chunks) == expected
    reply = client.chat.completions.create(model="prompt/parrot", messages=[], extra_body=body)
    assert reply.choices[0].message.content == expected
    appended = client.chat.completions.create(model="prompt/parrot", messages=said("last"), extra_body=body)
    assert appended.choices[0].message.content == "last"


def test_a_missing_variable_is_named(client: OpenAI, served: Served) -> None:
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "{{city}} {{day}}"}]}
    post(served, "/api/prompts", {"key": "forecast", "draft": draft})
    with pytest.raises(openai.BadRequestError, match="missing variables: city, day"):
        client.chat.completions.create(model="prompt/forecast", messages=[])


def test_an_unknown_prompt_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="nobody"):
        client.chat.completions.create(model="prompt/nobody", messages=said("x"))


def test_no_messages_are_a_bad_request(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="messages"):
        client.chat.completions.create(model="simulated/echo", messages=[])
