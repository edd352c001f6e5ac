"""The real ``openai`` package in front of the gateway: typed answers, typed errors, nothing after an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, cast

import msgspec
import openai
import pytest
from openai import AsyncOpenAI

from gateway.test_sse import LATE_S, silent
from gateway.typist import DONE, START, Host, Typist, Wire, soon, typed, words
from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Delta, Event, Message, RateLimit, Reasoning, ToolCallDelta
from promptwire.api.prompt import CreatePromptRequest, RunRequest
from promptwire.errors import Failure

MESSAGES: list[Any] = [{"role": "user", "content": "hi"}]


@pytest.fixture
async def client(host: Host) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{host.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


async def test_a_stream_is_read_to_its_end(client: AsyncOpenAI, typist: Typist) -> None:
    typist.answer = lambda _: typed(*words("Grüße", ", ", "世界"))
    stream = await client.chat.completions.create(
        model="test/model", messages=MESSAGES, stream=True, stream_options={"include_usage": True}, temperature=0
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == "Grüße, 世界"
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (2, 3)
    assert typist.asked == [
        ChatRequest(
            model="test/model",
            messages=[Message(role="user", content="hi")],
            parameters=Parameters(temperature=0),
        )
    ]


async def test_a_whole_answer_is_the_fold_of_the_stream(client: AsyncOpenAI, typist: Typist) -> None:
    typist.answer = lambda _: typed(
        START,
        Reasoning(text="h"),
        Reasoning(text="m"),
        Delta(text="yes"),
        ToolCallDelta(index=0, id="c", name="f", arguments="{"),
        ToolCallDelta(index=0, arguments="}"),
        DONE,
    )
    answer = await client.chat.completions.create(model="test/model", messages=MESSAGES)
    message = answer.choices[0].message
    assert (message.role, message.content) == ("assistant", "yes")
    assert message.tool_calls is not None
    call = message.tool_calls[0]
    assert call.type == "function"
    assert (call.id, call.function.name, call.function.arguments) == ("c", "f", "{}")
    assert message.model_extra == {"reasoning_content": "hm"}
    assert answer.usage is not None
    assert answer.usage.total_tokens == 5
    assert answer._request_id is not None
    assert answer._request_id.startswith("req_")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure("invalid_request", "no"), openai.BadRequestError),
        (Failure("unauthenticated", "who"), openai.AuthenticationError),
        (Failure("permission_denied", "no"), openai.PermissionDeniedError),
        (Failure("not_found", "where"), openai.NotFoundError),
        (Failure("conflict", "no"), openai.ConflictError),
        (Failure("rate_limited", "later", retry_after_s=3), openai.RateLimitError),
        (Failure("moderation_input", "not that"), openai.APIStatusError),
        (Failure("overloaded", "busy"), openai.InternalServerError),
        (Failure("timeout_first_token", "late", phase="first_packet"), openai.InternalServerError),
    ],
)
async def test_a_failure_before_the_first_event_is_a_typed_exception(
    client: AsyncOpenAI, typist: Typist, failure: Failure, kind: type[openai.APIStatusError], stream: bool
) -> None:
    typist.answer = lambda _: typed(failure)
    with pytest.raises(kind, match=failure.message) as caught:
        await client.chat.completions.create(model="test/model", messages=MESSAGES, stream=stream)
    error = caught.value
    body = cast("dict[str, Any]", error.body)
    assert (error.status_code, body["code"], error.code) == (failure.http_status, failure.code, str(failure.code))
    assert (body["class"], body["phase"]) == (failure.class_, failure.phase)
    assert error.response.headers.get("retry-after") == ("3" if failure.retry_after_s else None)


async def test_a_failure_in_the_stream_is_an_exception_after_what_came(client: AsyncOpenAI, typist: Typist) -> None:
    typist.answer = lambda _: typed(START, Delta(text="so "), Delta(text="far"), Failure("upstream_cut", "gone"))
    seen: list[str] = []
    with pytest.raises(openai.APIError, match="gone") as caught:
        async for chunk in await client.chat.completions.create(model="m", messages=MESSAGES, stream=True):
            seen.append(chunk.choices[0].delta.content or "")  # noqa: PERF401 - what came before it broke is kept
    assert "".join(seen) == "so far"
    assert caught.value.code == "50202"
    assert caught.value.type == "server_error"


async def test_a_failure_in_mid_answer_is_a_status_when_it_is_read_whole(client: AsyncOpenAI, typist: Typist) -> None:
    typist.answer = lambda _: typed(START, Delta(text="so"), Failure("timeout_idle", "silence", phase="mid_stream"))
    with pytest.raises(openai.InternalServerError) as caught:
        await client.chat.completions.create(model="m", messages=MESSAGES)
    assert caught.value.status_code == 504


async def test_a_cut_answer_is_never_a_whole_one(client: AsyncOpenAI, typist: Typist) -> None:
    typist.answer = lambda _: typed(START, Delta(text="so"))
    with pytest.raises(openai.InternalServerError) as caught:
        await client.chat.completions.create(model="m", messages=MESSAGES)
    assert caught.value.status_code == 502
    with pytest.raises(openai.APIError):
        async for _ in await client.chat.completions.create(model="m", messages=MESSAGES, stream=True):
            pass


async def test_done_follows_a_clean_end_alone(host: Host, typist: Typist) -> None:
    body = {"model": "m", "messages": MESSAGES, "stream": True}
    assert (await host.post("/v1/chat/completions", body)).body.endswith(b"data: [DONE]\n\n")
    typist.answer = lambda _: typed(START, Delta(text="so"), Failure("internal", "x", phase="mid_stream"))
    answer = await host.post("/v1/chat/completions", body)
    assert answer.status == 200
    assert b"[DONE]" not in answer.body
    assert answer.body.count(b'"error"') == 1


async def test_a_client_tries_again_only_what_may_succeed(host: Host, typist: Typist) -> None:
    async with AsyncOpenAI(base_url=f"{host.url}/v1", api_key="unused", max_retries=1) as client:
        for class_, tries in (("rate_limited", 2), ("budget_exhausted", 1)):
            typist.asked.clear()
            failure = Failure(class_, "no", retry_after_s=0.001)  # type: ignore[arg-type]
            typist.answer = lambda _, failure=failure: typed(failure)
            with pytest.raises(openai.RateLimitError):
                await client.chat.completions.create(model="m", messages=MESSAGES)
            assert len(typist.asked) == tries


async def test_models_and_prompts_are_listed(client: AsyncOpenAI, typist: Typist) -> None:
    await typist.create_prompt(CreatePromptRequest(key="demo"))
    listed = {model.id: model for model in (await client.models.list()).data}
    assert listed.keys() == {"test/model", "prompt/demo"}
    assert listed["prompt/demo"].owned_by == "promptwire"
    assert listed["prompt/demo"].created == 1767323045
    assert (await client.models.retrieve("test/model")).owned_by == "test"
    with pytest.raises(openai.NotFoundError, match="test/nobody"):
        await client.models.retrieve("test/nobody")


async def test_a_prompt_is_a_model(client: AsyncOpenAI, typist: Typist) -> None:
    await client.chat.completions.create(
        model="prompt/demo", messages=[], extra_body={"prompt_variables": {"a": "b"}, "simulate": {"tokens": 1}}
    )
    [asked] = typist.asked
    assert isinstance(asked, RunRequest)
    assert asked.key == "demo"
    assert bytes(asked.variables["a"]) == b'"b"'
    assert asked.simulate is not None
    assert asked.simulate.tokens == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_limits_leave_is_in_the_headers(host: Host, typist: Typist, stream: bool) -> None:
    limit = RateLimit(limit="a", kind="tokens", amount=1000, remaining=700, reset_s=18)
    typist.answer = lambda _: typed(msgspec.structs.replace(START, limits=[limit]), DONE)
    answer = await host.post("/v1/chat/completions", {"model": "m", "messages": MESSAGES, "stream": stream})
    assert answer.headers["x-ratelimit-remaining-tokens"] == "700"
    assert "x-ratelimit-remaining-requests" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/embeddings", "/v1"])
async def test_what_is_not_there_says_so_in_their_words(host: Host, path: str) -> None:
    answer = await host.ask("POST", path, b"{}")
    assert (answer.status, answer.error["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reader_that_leaves_ends_the_run(host: Host, typist: Typist, stream: bool) -> None:
    typist.answer = silent
    wire = await Wire.to(host)
    await wire.post("/v1/chat/completions", {"model": "m", "messages": MESSAGES, "stream": stream})
    await soon(typist.begun)
    await asyncio.sleep(0)
    wire.leave()
    await soon(typist.left, LATE_S)


async def test_an_abandoned_stream_of_the_package_ends_the_run(client: AsyncOpenAI, typist: Typist) -> None:
    async def endless(_: object) -> AsyncGenerator[Event, None]:
        yield START
        while True:
            yield Delta(text="x")
            await asyncio.sleep(0)

    typist.answer = endless
    stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    async for _ in stream:
        break
    await stream.close()
    await soon(typist.left)
