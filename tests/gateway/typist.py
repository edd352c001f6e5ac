"""A model service that types what a test tells it to, served over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeAlias

import aiohttp

from promptwire.api.llm import (
    LLM_SERVICE,
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    Model,
    TokenCount,
)
from promptwire.api.message import Delta, Done, Event, Start, Usage
from promptwire.api.prompt import (
    PROMPT_SERVICE,
    Content,
    CreatePromptRequest,
    DeletePromptRequest,
    GetPromptRequest,
    ListPromptsReply,
    ListPromptsRequest,
    Prompt,
    PromptDeleted,
    RunRequest,
    UpdateDraftRequest,
)
from promptwire.app import Site
from promptwire.client.sse import ServerEvent, server_events
from promptwire.errors import Failure
from promptwire.gateway.http import build_app
from promptwire.gateway.link import UNREAD_S
from promptwire.plan import bound

Answer: TypeAlias = Callable[[Any], AsyncIterator[Event]]

START: Final = Start(run_id="run_1", model="test/model", trace_id="0" * 31 + "1")
DONE: Final = Done(finish_reason="stop", usage=Usage(input_tokens=2, output_tokens=3), duration_ms=1.5)


async def typed(*events: Event | Exception) -> AsyncGenerator[Event, None]:
    """The events, one after the other; an exception is raised in its turn."""
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


def words(*texts: str) -> list[Event]:
    """A whole answer of these pieces."""
    return [START, *(Delta(text=text) for text in texts), DONE]


class Typist:
    """The services behind the gateway. ``answer`` is what every run does; how it is used is kept for the test."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _: typed(*words("one", " two"))
        self.asked: list[Any] = []
        self.running = 0
        self.yielded = 0
        self.begun = asyncio.Event()
        self.left = asyncio.Event()  # a run was closed or ended
        self.prompts: dict[str, Prompt] = {}

    async def _type(self, request: Any) -> AsyncGenerator[Event, None]:
        self.asked.append(request)
        self.running += 1
        self.begun.set()
        try:
            async for event in self.answer(request):
                self.yielded += 1
                yield event
        finally:
            self.running -= 1
            self.left.set()

    def chat_stream(self, request: ChatRequest) -> AsyncIterator[Event]:
        return self._type(request)

    async def chat(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        return ListModelsReply(models=[Model(id="test/model", provider="test")])

    def run(self, request: RunRequest) -> AsyncIterator[Event]:
        return self._type(request)

    async def create_prompt(self, request: CreatePromptRequest) -> Prompt:
        self.asked.append(request)
        when = "2026-01-02T03:04:05+00:00"
        prompt = Prompt(
            key=request.key, name=request.name, draft=Content(), revision=1, created_at=when, updated_at=when
        )
        self.prompts[request.key] = prompt
        return prompt

    async def get_prompt(self, request: GetPromptRequest) -> Prompt:
        if (prompt := self.prompts.get(request.key)) is None:
            raise Failure("not_found", f"no prompt is called {request.key!r}")
        return prompt

    async def list_prompts(self, request: ListPromptsRequest) -> ListPromptsReply:
        return ListPromptsReply(prompts=list(self.prompts.values()))

    async def delete_prompt(self, request: DeletePromptRequest) -> PromptDeleted:
        raise NotImplementedError

    async def update_draft(self, request: UpdateDraftRequest) -> Prompt:
        self.asked.append(request)
        return await self.get_prompt(GetPromptRequest(key=request.key))


@dataclass(slots=True)
class Host:
    """A gateway that is being served."""

    port: int
    site: Site
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def post(self, path: str, body: Any = None, **headers: str) -> Said:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask("POST", path, data, **headers)

    async def ask(self, verb: str, path: str, data: bytes | None = None, **headers: str) -> Said:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        stream = None if data is None else io.BytesIO(data)
        async with self.http.request(verb, self.url + path, data=stream, headers=named) as answer:
            given = {name.lower(): value for name, value in answer.headers.items()}
            return Said(answer.status, given, await answer.read())


@dataclass(slots=True)
class Said:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    @property
    def events(self) -> list[ServerEvent]:
        return list(server_events(self.body.splitlines(keepends=True)))


@asynccontextmanager
async def hosted(typist: Typist, *, unread_s: float = UNREAD_S, **options: Any) -> AsyncIterator[Host]:
    """The gateway of ``typist``, on a port of its own."""
    sock = bound("127.0.0.1", 0)
    app = build_app({LLM_SERVICE: typist, PROMPT_SERVICE: typist}, **options)
    site = Site(app, drain_s=1, unread_s=unread_s)
    async with site.open(sock), aiohttp.ClientSession() as http:
        yield Host(sock.getsockname()[1], site, http)
    await app.close()


@dataclass(slots=True)
class Wire:
    """A client that knows nothing of HTTP but bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: bytes = field(default=b"")

    @classmethod
    async def to(cls, host: Host) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", host.port))

    async def post(self, path: str, body: Any, *headers: str) -> None:
        data = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", "host: localhost", f"content-length: {len(data)}", *headers]
        await self.write("\r\n".join(head).encode() + b"\r\n\r\n" + data)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until(self, mark: bytes) -> bytes:
        """Everything read so far, with ``mark`` in it."""
        async with asyncio.timeout(10):
            while mark not in self.seen:
                piece = await self.reader.read(65536)
                assert piece, f"ended without {mark!r}: {self.seen!r}"
                self.seen += piece
        return self.seen

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(10):
            self.seen += await self.reader.read(-1)
        return self.seen

    def leave(self) -> None:
        """Hang up without a word."""
        self.writer.transport.abort()


async def soon(event: asyncio.Event, within_s: float = 5.0) -> None:
    """Wait for what must happen."""
    async with asyncio.timeout(within_s):
        await event.wait()


async def eventually(condition: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait for what the server does in this very loop, and says to nobody."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - a turn of the loop, not a time
            await asyncio.sleep(0)


def pieces(events: Iterable[ServerEvent]) -> str:
    """The text of an answer."""
    return "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")
