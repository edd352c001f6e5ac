"""The simulated vendor over HTTP: real clients are served, and what it did can be seen from outside."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator

import aiohttp
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from promptwire.cli import FAILED, INTERRUPTED, main
from promptwire.llm.simulate_server import SimulateServer

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello, 你好"}]


@pytest.fixture
async def client(vendor: SimulateServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{vendor.port}/v1", api_key="k", max_retries=0) as made:
        yield made


async def test_the_real_client_streams(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="echo", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello, 你好"
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens == 5 - 1
    assert chunks[-2].choices[0].finish_reason == "stop"


async def test_the_real_client_gets_it_whole(client: openai.AsyncOpenAI) -> None:
    calls = [{"id": "c1", "name": "f", "arguments": "{}"}]
    answer = await client.chat.completions.create(
        model="simulated/echo",
        messages=MESSAGES,
        extra_body={"simulate": {"text": "so", "reasoning_tokens": 1, "tool_calls": calls}},
    )
    choice = answer.choices[0]
    assert (choice.message.content, choice.finish_reason) == ("so", "tool_calls")
    assert choice.message.tool_calls is not None and choice.message.tool_calls[0].id == "c1"


async def test_the_real_client_lists_models(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["echo", "typewriter"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"model": "nope"}, openai.NotFoundError),
        ({"simulate": {"fault": {"kind": "rate_limit", "retry_after_s": 3}}}, openai.RateLimitError),
        ({"simulate": {"fault": {"kind": "no such"}}}, openai.BadRequestError),
        ({"simulate": {"fault": {"kind": "cut"}}}, openai.APIConnectionError),
    ],
)
async def test_the_real_client_gets_typed_errors(
    client: openai.AsyncOpenAI, body: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await client.chat.completions.create(model="echo", messages=MESSAGES, extra_body=body)


async def test_it_counts_what_happened(vendor: SimulateServer) -> None:
    base = f"http://127.0.0.1:{vendor.port}"
    body = {
        "model": "echo",
        "stream": True,
        "messages": MESSAGES,
        "simulate": {"tokens": 100, "interval_ms": 1000, "first_ms": 0},
    }
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/v1/chat/completions", json=body) as response:
            await response.content.readany()
            async with session.get(f"{base}/stats") as stats:
                assert await stats.json() == {"requests": 1, "active": 1, "finished": 0, "told_to_stop": 0}
        async with asyncio.timeout(0.2):
            await vendor.meter.until(lambda counted: counted.told_to_stop == 1)
        async with session.get(f"{base}/stats") as stats:
            assert await stats.json() == {"requests": 1, "active": 0, "finished": 0, "told_to_stop": 1}


async def test_the_command_starts_it_and_says_where() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "promptwire", "simulate", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().removeprefix("simulated vendor at ").strip()
    async with aiohttp.ClientSession() as session, session.get(f"{url}/models") as response:
        assert response.status == 200
    process.send_signal(signal.SIGINT)
    assert await process.wait() == INTERRUPTED


def test_the_command_says_why_it_cannot_start(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["simulate", "--port", str(taken.getsockname()[1])]) == FAILED
    assert "cannot start" in capsys.readouterr().err


async def test_a_conversation_with_tools_goes_round(client: openai.AsyncOpenAI) -> None:
    tool: ChatCompletionToolParam = {"type": "function", "function": {"name": "weather"}}
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": 'call weather {"city": "Oslo"}'}]
    called = (await client.chat.completions.create(model="echo", messages=messages, tools=[tool])).choices[0]
    assert called.finish_reason == "tool_calls"
    [call] = called.message.tool_calls or []
    assert call.type == "function" and call.function.arguments == '{"city": "Oslo"}'
    said: ChatCompletionMessageParam = {
        "role": "assistant",
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": "weather", "arguments": call.function.arguments}}
        ],
    }
    reply: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": call.id, "content": "sun"}
    messages += [said, reply]
    answer = await client.chat.completions.create(model="echo", messages=messages, tools=[tool])
    assert answer.choices[0].message.content == "The tools replied: “sun”."
