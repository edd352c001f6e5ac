"""The place for the simulated vendor as a server of its own: OpenAI's chat completions over HTTP, faults included.

``promptwire simulate --port 9100`` starts it; `SimulateServer` is the same for tests. ``GET /stats`` counts what
happened, so that a test can see from outside that the vendor was told to stop.
"""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import uvloop
from aiohttp import web

from promptwire.answer import Answer
from promptwire.api.llm import ChatRequest, Parameters, Simulate
from promptwire.api.message import Delta, Message, Part, Reasoning, Role, Tool, ToolCall, ToolCallDelta, Usage
from promptwire.llm.faults import GARBAGE, REFUSALS, body, headers, position
from promptwire.llm.meter import Meter
from promptwire.llm.script import MODELS, STALL_S, Script, script

BURST_BYTES: Final = 16 * 1024  # pieces without a pause between them are written together, up to this
MAX_BODY: Final = 64 * 1024 * 1024
JSON: Final = "application/json"


class _StreamOptions(msgspec.Struct):
    include_usage: bool = False


class _Function(msgspec.Struct):
    name: str
    arguments: str = "{}"


class _Tool(msgspec.Struct):
    function: _Function


class _ToolCall(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct):
    role: str
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[_ToolCall] | None = None


class _Request(msgspec.Struct):
    model: str
    messages: list[_Message]
    stream: bool = False
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    tools: list[_Tool] | None = None
    simulate: Simulate | None = None

    def chat(self) -> ChatRequest:
        """The same request in our shape, as far as a script needs it."""
        limit = self.max_completion_tokens or self.max_tokens
        return ChatRequest(
            model=self.model,
            messages=[_message(one) for one in self.messages],
            parameters=Parameters(max_tokens=limit),
            tools=[Tool(name=one.function.name) for one in self.tools or ()],
            simulate=self.simulate,
        )


_ROLES: Final[Mapping[str, Role]] = {"user": "user", "assistant": "assistant", "tool": "tool"}


def _message(given: _Message) -> Message:
    role: Role = _ROLES.get(given.role, "system")
    calls = [
        ToolCall(id=call.id, name=call.function.name, arguments=call.function.arguments)
        for call in given.tool_calls or ()
    ]
    if not isinstance(given.content, list):
        return Message(role=role, content=given.content or "", tool_calls=calls or None)
    parts = [Part(text=str(part.get("text") or "")) for part in given.content]
    return Message(role=role, parts=parts, tool_calls=calls or None)


class SimulateServer:
    """The simulated vendor on a port. ``meter`` counts what became of its answers."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.requests = 0
        self.received: list[tuple[str, bytes]] = []  # Authorization and body of the last requests
        self.port = 0
        self._transports = weakref.WeakSet[asyncio.BaseTransport]()
        self.connections = 0  # how many there were in all
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and give the base URL an OpenAI client needs. Raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.port = self._runner.addresses[0][1]
        return f"http://{host}:{self.port}/v1"

    async def stop(self) -> None:
        """Close every connection."""
        await self._runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "simulated"} for name in MODELS]
        return _json({"object": "list", "data": listed})

    async def _stats(self, _: web.Request) -> web.Response:
        names = ("active", "finished", "told_to_stop")
        return _json({"requests": self.requests} | {name: getattr(self.meter, name) for name in names})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self._count(request.transport)
        raw = await request.read()
        self.received = [*self.received[-15:], (request.headers.get("Authorization", ""), raw)]
        try:
            asked = msgspec.json.decode(raw, type=_Request)
        except msgspec.DecodeError as exc:
            return _refuse(400, "invalid_request_error", None, str(exc))
        name = asked.model.removeprefix("simulated/")
        if name not in MODELS:
            return _refuse(404, "invalid_request_error", "model_not_found", f"no model is named {asked.model!r}")
        with self.meter:
            return await _Typing(request, asked, script(name, asked.chat())).run()

    def _count(self, transport: asyncio.BaseTransport | None) -> None:
        if transport is not None and transport not in self._transports:
            self._transports.add(transport)
            self.connections += 1


class _Typing:
    """One answer being typed."""

    def __init__(self, request: web.Request, asked: _Request, script: Script) -> None:
        self._request = request
        self._asked = asked
        self._script = script
        self._fault_at = -1 if script.fault is None else position(script.fault, script.count)
        self._id = f"chatcmpl-{os.urandom(8).hex()}"
        self._created = int(time.time())

    async def run(self) -> web.StreamResponse:
        fault = self._script.fault
        if fault is not None and (self._fault_at == 0 or not self._asked.stream):
            if (refusal := REFUSALS.get(fault.kind)) is not None:
                said = body(fault, refusal)
                return web.Response(status=refusal.status, body=said, content_type=JSON, headers=headers(fault))
            if fault.kind == "cut":
                self._abort()
                return web.Response()
            if fault.kind == "stall" and not self._asked.stream:
                await asyncio.sleep(STALL_S)
        return await (self._stream() if self._asked.stream else self._whole())

    async def _stream(self) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(self._request)
        waiting = bytearray()
        for number, (pause, piece) in enumerate(self._script.steps(), start=1):
            faulty = self._fault_at == number or (self._fault_at == 0 and number == 1)
            if waiting and (pause or faulty or len(waiting) > BURST_BYTES):
                await response.write(bytes(waiting))
                waiting.clear()
            if faulty and await self._commit(response):
                return response
            if pause:
                await asyncio.sleep(pause)
            waiting += self._event({"index": 0, "delta": _delta(piece), "finish_reason": None})
        if waiting:
            await response.write(bytes(waiting))
        if (self._fault_at > self._script.count or not self._script.count) and await self._commit(response):
            return response
        await response.write(self._ending())
        return response

    async def _commit(self, response: web.StreamResponse) -> bool:
        """Do the damage inside the stream; True when nothing follows it."""
        fault = self._script.fault
        if fault is None:
            return False
        if fault.kind in ("cut", "crash"):
            self._abort()
            return True
        if fault.kind in REFUSALS:
            await response.write(b"data: " + body(fault, REFUSALS[fault.kind]) + b"\n\n")
            return True
        if fault.kind == "stall":
            await asyncio.sleep(STALL_S)
        elif fault.kind == "garbage":
            await response.write(b"data: " + GARBAGE + b"\n\n")
        return False

    async def _whole(self) -> web.Response:
        """The answer at once, for a client that does not stream."""
        answer, wait_s = Answer(), 0.0
        for pause_s, piece in self._script.steps():
            answer.add(piece)
            wait_s += pause_s
        await asyncio.sleep(wait_s)
        said = answer.message
        message: dict[str, Any] = {"role": "assistant", "content": said.content or None}
        if said.reasoning:
            message["reasoning_content"] = said.reasoning
        if said.tool_calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in said.tool_calls
            ]
        choice = {"index": 0, "message": message, "finish_reason": self._script.finish_reason}
        return _json(self._frame("chat.completion", choices=[choice], usage=_usage(self._script.usage)))

    def _event(self, choice: dict[str, Any]) -> bytes:
        return b"data: " + msgspec.json.encode(self._frame("chat.completion.chunk", choices=[choice])) + b"\n\n"

    def _ending(self) -> bytes:
        """The finish, the usage when it was asked for, and the end."""
        end = self._event({"index": 0, "delta": {}, "finish_reason": self._script.finish_reason})
        if self._asked.stream_options is not None and self._asked.stream_options.include_usage:
            frame = self._frame("chat.completion.chunk", choices=[], usage=_usage(self._script.usage))
            end += b"data: " + msgspec.json.encode(frame) + b"\n\n"
        return end + b"data: [DONE]\n\n"

    def _frame(self, kind: str, **fields: Any) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._asked.model, **fields}

    def _abort(self) -> None:
        if (transport := self._request.transport) is not None:
            transport.abort()


def _delta(piece: Delta | Reasoning | ToolCallDelta) -> dict[str, Any]:
    match piece:
        case Delta():
            return {"content": piece.text}
        case Reasoning():
            return {"reasoning_content": piece.text}
        case ToolCallDelta():
            call: dict[str, Any] = {"index": piece.index, "function": {"arguments": piece.arguments}}
            if piece.id is not None:
                call |= {"id": piece.id, "type": "function"}
            if piece.name is not None:
                call["function"]["name"] = piece.name
            return {"tool_calls": [call]}


def _usage(usage: Usage) -> dict[str, Any]:
    completion = usage.output_tokens + usage.reasoning_tokens
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": completion,
        "total_tokens": usage.input_tokens + completion,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type=JSON)


def _refuse(status: int, type: str, code: str | None, message: str) -> web.Response:
    error = {"message": message, "type": type, "param": None, "code": code}
    return web.Response(status=status, body=msgspec.json.encode({"error": error}), content_type=JSON)


def serve(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; ``ready`` is told the base URL."""

    async def run() -> None:
        server = SimulateServer()
        ready(await server.start(host, port))
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()

    uvloop.run(run())
