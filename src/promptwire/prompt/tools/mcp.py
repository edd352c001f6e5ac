"""The place where MCP servers are spoken to: JSON-RPC over Streamable HTTP, a session for as long as a run lasts."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Final, cast

import aiohttp
import msgspec

from promptwire.api.message import Tool
from promptwire.api.tool import McpServer
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.http import MAX_BYTES, MAX_TIMEOUT_S, read
from promptwire.prompt.tools.reach import CONNECT_S, Outbound, reason
from promptwire.prompt.tools.safe import Headers, Safe
from promptwire.sse import MAX_EVENT_BYTES, EventSplitter, EventTooLong

VERSION: Final = "2025-06-18"  # what is asked for; a server may answer with an older one
SESSION: Final = "Mcp-Session-Id"
MAX_PAGES: Final = 50
GOODBYE_S: Final = 2.0
NOT_FOUND: Final = 404
NO_METHOD: Final = {"code": -32601, "message": "not offered here"}

_HEADERS: Final = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
    "User-Agent": "promptwire",
}


class _Message(msgspec.Struct):
    id: int | str | None = None
    method: str | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: dict[str, Any] | None = None


class _Described(msgspec.Struct, rename="camel"):
    name: str
    description: str | None = None
    input_schema: msgspec.Raw = msgspec.Raw(b"{}")


class _Page(msgspec.Struct, rename="camel"):
    tools: list[_Described] = []
    next_cursor: str | None = None


class _Called(msgspec.Struct, rename="camel"):
    content: list[dict[str, Any]] = []
    structured_content: Any = None
    is_error: bool = False


class _Initialized(msgspec.Struct, rename="camel"):
    protocol_version: str
    server_info: dict[str, Any] = {}


class _Gone(Exception):
    """The server knows our session no more."""


class McpSession:
    """A conversation with one server, begun at its first request. Methods raise ToolFault; `close` says goodbye."""

    def __init__(self, server: McpServer, outbound: Outbound, safe: Safe) -> None:
        self._server, self._outbound, self._safe = server, outbound, safe
        self._numbers = itertools.count(1)
        self._opening = asyncio.Lock()
        self._known: Headers | None = None  # what every request says, once the session is open
        self.title = ""

    async def tools(self) -> list[Tool]:
        """Everything the server offers."""
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._ask("tools/list", {} if cursor is None else {"cursor": cursor}, _Page)
            found += [
                Tool(name=one.name, description=one.description or "", parameters=one.input_schema)
                for one in page.tools
            ]
            if (cursor := page.next_cursor) is None:
                break
        return found

    async def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """The text of a tool's reply. Raises ToolFault also for a reply that says it is an error."""
        called = await self._ask("tools/call", {"name": name, "arguments": arguments}, _Called)
        text = "\n".join(_shown(block) for block in called.content)
        if not text and called.structured_content is not None:
            text = msgspec.json.encode(called.structured_content).decode()
        if called.is_error:
            raise ToolFault(text or "the tool failed without saying why")
        return text

    async def close(self) -> None:
        """End the session at the server, if there is one and it listens."""
        if self._known is None or SESSION not in self._known.headers:
            return
        with contextlib.suppress(aiohttp.ClientError, OSError, ToolFault):
            async with asyncio.timeout(GOODBYE_S):
                session = self._outbound.session(self._server.url)
                async with session.delete(self._server.url, headers=self._known.headers, allow_redirects=False):
                    pass

    async def _ask(self, method: str, params: Mapping[str, Any], of: type[Any]) -> Any:
        """One request in an open session, which is opened anew once when the server has forgotten it."""
        try:
            async with asyncio.timeout(min(self._server.timeout_s, MAX_TIMEOUT_S)):
                opened = await self._open()
                try:
                    return await self._request(method, params, of, opened)
                except _Gone:
                    if self._known is opened:
                        self._known = None
                    return await self._request(method, params, of, await self._open())
        except _Gone as exc:
            raise ToolFault(f"the MCP server {self._server.name!r} has nothing at {self._server.url}") from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # TimeoutError is an OSError
            raise ToolFault(f"the MCP server {self._server.name!r}: {reason(exc)}") from exc

    async def _open(self) -> Headers:
        async with self._opening:  # parallel calls share one session
            if self._known is None:
                self._known = await self._opened()
        return self._known

    async def _opened(self) -> Headers:
        filled = await self._safe.fill(self._server.headers, self._server.url)
        given = Headers({**_HEADERS, **filled.headers}, filled.secrets)
        params = {
            "protocolVersion": VERSION,
            "capabilities": {},
            "clientInfo": {"name": "promptwire", "version": "1"},
        }
        async with self._post(self._body("initialize", params), given) as response:
            said = await self._result(response, _Initialized, given)
            known = {**given.headers, "MCP-Protocol-Version": said.protocol_version}
            if (session := response.headers.get(SESSION)) is not None:
                known[SESSION] = session
        self.title = " ".join(str(said.server_info[part]) for part in ("name", "version") if part in said.server_info)
        opened = Headers(known, given.secrets)
        await self._tell({"jsonrpc": "2.0", "method": "notifications/initialized"}, opened)
        return opened

    async def _request(self, method: str, params: Mapping[str, Any], of: type[Any], opened: Headers) -> Any:
        async with self._post(self._body(method, params), opened) as response:
            if response.status == NOT_FOUND:
                raise _Gone
            return await self._result(response, of, opened)

    def _body(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}

    @contextlib.asynccontextmanager
    async def _post(self, body: Mapping[str, Any], headers: Headers) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._outbound.session(self._server.url)
        async with session.post(
            self._server.url,
            data=msgspec.json.encode(body),
            headers=headers.headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
            allow_redirects=False,
        ) as response:
            yield response

    async def _tell(self, body: Mapping[str, Any], headers: Headers) -> None:
        async with self._post(body, headers):
            pass

    async def _result(self, response: aiohttp.ClientResponse, of: type[Any], headers: Headers) -> Any:
        """What the response to our request says, as the one message of a JSON body or in a stream of messages."""
        if response.status != 200:
            text = headers.masked(await read(response, MAX_BYTES))
            raise ToolFault(f"the MCP server {self._server.name!r} answered HTTP {response.status}: {text[:500]}")
        if response.content_type != "text/event-stream":
            return self._read(_message(await read(response, MAX_BYTES)), of, headers)
        async with contextlib.aclosing(_events(response.content)) as events:
            async for data in events:
                message = _message(data)
                if message.method is None:
                    return self._read(message, of, headers)
                if message.id is not None:  # the server asks something of us
                    answer: dict[str, object] = {"result": {}} if message.method == "ping" else {"error": NO_METHOD}
                    await self._tell({"jsonrpc": "2.0", "id": message.id, **answer}, headers)
        raise ToolFault(f"the MCP server {self._server.name!r} stopped before it answered")

    def _read(self, message: _Message, of: type[Any], headers: Headers) -> Any:
        if message.error is not None:
            raise ToolFault(headers.masked(str(message.error.get("message", "the MCP server refused"))))
        try:
            return msgspec.json.decode(headers.masked(bytes(message.result).decode()), type=of)
        except msgspec.MsgspecError as exc:
            raise ToolFault(f"the MCP server {self._server.name!r} sent what is not MCP") from exc


def _message(data: bytes | str) -> _Message:
    try:
        return msgspec.json.decode(data, type=_Message)
    except msgspec.MsgspecError as exc:
        raise ToolFault("what answered does not speak MCP") from exc


async def _events(content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    """The data of the messages of an event stream. Raises ToolFault for one that is too long."""
    splitter = EventSplitter()
    try:
        async for piece in content.iter_any():
            for data in splitter.feed(piece):
                yield data
    except EventTooLong as exc:
        raise ToolFault(f"the reply is longer than {MAX_EVENT_BYTES} bytes") from exc
    for data in splitter.close():
        yield data


def _shown(block: Mapping[str, Any]) -> str:
    """A block of a reply as text; what is no text is named."""
    match block.get("type"):
        case "text":
            return str(block.get("text", ""))
        case "resource" if isinstance(resource := block.get("resource"), dict) and "text" in resource:
            return str(cast("dict[str, Any]", resource)["text"])
        case "resource_link":
            return str(block.get("uri", ""))
        case kind:
            return f"[{kind} {block.get('mimeType', '')}]".replace(" ]", "]")
