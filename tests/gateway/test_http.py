"""Requests find their endpoint, bad ones are told so, and nothing of one is left to another."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
from starlette.types import Message

from gateway.test_sse import CHAT, silent, speechless
from gateway.typist import Host, Typist, Wire, eventually, hosted, soon
from promptwire.api.prompt import (
    PROMPT_SERVICE,
    Content,
    CreatePromptRequest,
    ListPromptsReply,
    ListPromptsRequest,
    Prompt,
    UpdateDraftRequest,
)
from promptwire.gateway.http import build_app
from promptwire.gateway.reader import MAX_BODY


async def test_a_method_is_called_with_its_request(host: Host, typist: Typist) -> None:
    answer = await host.post("/api/prompts", {"key": "a", "name": "A"})
    assert answer.status == 200
    assert (answer.json["key"], answer.json["name"], answer.json["revision"]) == ("a", "A", 1)
    assert typist.asked == [CreatePromptRequest(key="a", name="A")]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_path_is_part_of_the_request(host: Host, typist: Typist) -> None:
    await host.post("/api/prompts", {"key": "é b"})
    answer = await host.ask("PUT", "/api/prompts/%C3%A9%20b/draft", b'{"draft":{},"revision":1}')
    assert answer.status == 200
    asked = typist.asked[-1]
    assert isinstance(asked, UpdateDraftRequest)
    assert (asked.key, asked.revision) == ("é b", 1)


@pytest.mark.parametrize(
    ("verb", "path", "status", "class_"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/prompts/", 404, "not_found"),
        ("GET", "/api/prompts/nobody", 404, "not_found"),
        ("PATCH", "/api/prompts", 405, "invalid_request"),
        ("GET", "/api/chat", 405, "invalid_request"),
        ("GET", "/api/prompts?colour=red", 400, "invalid_request"),
    ],
)
async def test_what_is_not_there_says_so(host: Host, verb: str, path: str, status: int, class_: str) -> None:
    answer = await host.ask(verb, path)
    assert (answer.status, answer.error["class"]) == (status, class_)
    assert answer.error["trace_id"] == answer.headers["x-trace-id"]


async def test_a_wrong_verb_is_told_the_right_ones(host: Host) -> None:
    assert (await host.ask("DELETE", "/api/prompts")).headers["allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions", "/api/prompts"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"zork":1}', b"null"])
async def test_a_bad_body_reaches_no_service(host: Host, typist: Typist, path: str, body: bytes) -> None:
    answer = await host.ask("POST", path, body)
    assert (answer.status, answer.error["class"], answer.error["phase"]) == (400, "invalid_request", "connect")
    assert typist.asked == []


@pytest.mark.parametrize("announced", [True, False])
async def test_too_large_a_body_is_refused_and_the_next_request_is_answered(host: Host, announced: bool) -> None:
    async def body() -> Any:
        for _ in range(21):
            yield b" " * (1024 * 1024)

    data = io.BytesIO(b" " * (MAX_BODY + 1)) if announced else body()
    async with host.http.post(f"{host.url}/api/prompts", data=data) as answer:
        assert answer.status == 413
        assert (await answer.json())["error"]["class"] == "invalid_request"
    assert (await host.ask("GET", "/healthz")).status == 200


async def test_half_a_request_leaves_nothing(host: Host, typist: Typist) -> None:
    wires = [await Wire.to(host) for _ in range(20)]
    for number, wire in enumerate(wires):
        head = b"POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"
        await wire.write(head[: len(head) - number])
    await eventually(lambda: len(host.site.server_state.connections) == len(wires))
    for wire in wires:
        wire.leave()
    await eventually(lambda: not (host.site.server_state.connections or host.site.server_state.tasks))
    assert typist.asked == []


async def test_what_is_not_http_is_hung_up_on(host: Host) -> None:
    wire = await Wire.to(host)
    await wire.write(b"\x16\x03\x01" + b"\0" * 64)
    assert b"400" in await wire.rest()
    wire.leave()


class Slow(Typist):
    """Lists its prompts for ever."""

    async def list_prompts(self, request: ListPromptsRequest) -> ListPromptsReply:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError


async def test_a_call_ends_when_its_caller_leaves() -> None:
    slow = Slow()
    async with hosted(slow) as host:
        wire = await Wire.to(host)
        await wire.write(b"GET /api/prompts HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await soon(slow.begun)
        wire.leave()
        await soon(slow.left, 0.2)


class Writing(Typist):
    """Takes its time to keep a draft."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end, self.kept = asyncio.Event(), asyncio.Event()

    async def update_draft(self, request: UpdateDraftRequest) -> Prompt:
        self.begun.set()
        try:
            await self.may_end.wait()
            self.kept.set()
        finally:
            self.left.set()
        return Prompt(key=request.key, draft=Content(), revision=1, created_at="", updated_at="")


async def test_what_was_written_is_kept_also_when_its_writer_has_left() -> None:
    writing = Writing()
    heard = [{"type": "http.request", "body": b'{"name": "new"}', "more_body": False}]

    async def receive() -> Message:
        return heard.pop() if heard else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        """Nobody is there."""

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "PUT", "path": "/api/prompts/a/draft", "query_string": b"", "headers": headers}
    serving = asyncio.create_task(build_app({PROMPT_SERVICE: writing})(scope, receive, send))
    await soon(writing.begun)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not writing.left.is_set()
    writing.may_end.set()
    await serving
    assert writing.kept.is_set()


async def test_a_call_that_outlives_the_server_is_told() -> None:
    slow = Slow()
    async with hosted(slow) as host:
        wire = await Wire.to(host)
        await wire.write(b"GET /api/prompts HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await soon(slow.begun)
    seen = await wire.rest()
    wire.leave()
    assert seen.startswith(b"HTTP/1.1 503")
    assert json.loads(seen.partition(b"\r\n\r\n")[2])["error"]["class"] == "overloaded"


async def test_a_run_before_its_first_event_is_told_that_the_server_stops(typist: Typist) -> None:
    typist.answer = speechless
    async with hosted(typist) as host:
        wire = await Wire.to(host)
        await wire.post("/api/chat", CHAT)
        await soon(typist.begun)
    assert (await wire.rest()).startswith(b"HTTP/1.1 503")
    wire.leave()


async def test_others_are_served_while_a_run_goes_on(host: Host, typist: Typist) -> None:
    typist.answer = silent
    wire = await Wire.to(host)
    await wire.post("/api/chat", CHAT)
    await wire.until(b"so far")
    assert (await host.ask("GET", "/api/models")).status == 200
    wire.leave()
    await soon(typist.left, 0.2)


async def test_only_http_is_spoken() -> None:
    app = build_app({})
    nobody: Any = None
    with pytest.raises(ValueError, match="websocket"):
        await app({"type": "websocket"}, nobody, nobody)


async def test_the_server_tells_us_when_a_reader_leaves(typist: Typist) -> None:
    """What the watcher in `reader` rests on: after the body, ``receive`` waits, and then says that they left."""
    messages: list[str] = []
    left = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        messages.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        messages.append((await receive())["type"])
        await send({"type": "http.response.body", "body": b"nobody hears this", "more_body": True})
        left.set()

    async with hosted(typist) as host:
        host.site.config.loaded_app = app
        wire = await Wire.to(host)
        await wire.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await wire.until(b"begun")
        wire.leave()
        await soon(left, 0.2)
    assert messages == ["http.request", "http.disconnect"]
