"""An MCP server of the official package is asked and called; what is no server is said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
import pytest
from aiohttp import web

from mcp_server import mcp_serving
from prompt.tools.conftest import Site
from promptwire.api.tool import McpServer
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.mcp import SESSION, McpSession
from promptwire.prompt.tools.reach import Outbound, Reach
from promptwire.prompt.tools.safe import Safe


@pytest.fixture(scope="module", params=["", "json"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that answers in event streams, and one that answers in JSON."""
    with mcp_serving(request.param) as url:
        yield url


@pytest.fixture
def session(url: str, outbound: Outbound, safe: Safe) -> McpSession:
    return McpSession(McpServer(name="station", url=url), outbound, safe)


async def test_a_server_says_what_it_offers(session: McpSession) -> None:
    tools = {tool.name: tool for tool in await session.tools()}
    assert tools.keys() == {"forecast", "alarm"}
    assert tools["forecast"].description == "The weather to come."
    assert tools["forecast"].parameters is not None
    assert msgspec.json.decode(tools["forecast"].parameters)["required"] == ["city"]
    assert session.title == "weather-station 1.2"
    await session.close()


async def test_calls_share_a_session_and_reply(session: McpSession) -> None:
    said = await asyncio.gather(*(session.call("forecast", {"city": city, "days": 2}) for city in ("Oslo", "Rome")))
    assert said == ["Oslo: sun for 2 days", "Rome: sun for 2 days"]
    await session.close()


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [("alarm", {"city": "Oslo"}, "no sirens in Oslo"), ("forecast", {}, "city"), ("nothing", {}, "nothing")],
)
async def test_a_tool_that_fails_says_why(session: McpSession, tool: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(ToolFault, match=said):
        await session.call(tool, arguments)
    await session.close()


async def test_a_session_the_server_forgot_is_begun_anew(session: McpSession) -> None:
    assert await session.call("forecast", {"city": "Oslo"})
    assert session._known is not None
    session._known.headers[SESSION] = "forgotten"
    assert await session.call("forecast", {"city": "Rome"}) == "Rome: sun for 1 days"
    await session.close()


async def test_what_is_no_server_is_said(site: Site, outbound: Outbound, safe: Safe) -> None:
    for path, said in (("w", "does not speak MCP|sent what is not MCP"), ("missing", "HTTP 404")):
        session = McpSession(McpServer(name="s", url=f"{site.url}/{path}"), outbound, safe)
        with pytest.raises(ToolFault, match=said):
            await session.tools()
        await session.close()
    slow = McpSession(McpServer(name="s", url=f"{site.url}/slow", timeout_s=0.05), outbound, safe)
    with pytest.raises(ToolFault, match="no answer in time"):
        await slow.tools()


async def test_a_server_inside_is_not_reached(url: str, safe: Safe) -> None:
    outbound = Outbound(Reach())
    with pytest.raises(ToolFault, match="PROMPTWIRE_TOOL_HOSTS"):
        await McpSession(McpServer(name="s", url=url), outbound, safe).tools()
    await outbound.close()


@contextlib.asynccontextmanager
async def scripted(said: Sequence[bytes], told: list[bytes]) -> AsyncIterator[str]:
    """The URL of a server that answers each call with a stream of ``said``; ``ID`` in it is the call's."""

    async def serve(request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        message = msgspec.json.decode(raw)
        if message.get("method") == "initialize":
            result = {"protocolVersion": "2025-03-26", "capabilities": {}, "serverInfo": {"name": "old"}}
            return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": result})
        if message.get("method") != "tools/call":
            told.append(raw)
            return web.Response(status=202)
        assert request.headers["MCP-Protocol-Version"] == "2025-03-26"
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for one in said:
            await response.write(one.replace(b"ID", str(message["id"]).encode()))
        return response

    app = web.Application()
    app.router.add_post("/mcp", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
    await runner.cleanup()


def event(**fields: object) -> bytes:
    return b": hm\ndata: " + msgspec.json.encode({"jsonrpc": "2.0", **fields}).replace(b'"ID"', b"ID") + b"\n\n"


async def test_a_server_that_asks_something_is_answered(outbound: Outbound, safe: Safe) -> None:
    told: list[bytes] = []
    reply = {"content": [{"type": "text", "text": "a"}, {"type": "image", "mimeType": "image/png"}]}
    said = [
        event(method="ping", id="p1"),
        event(method="roots/list", id=9),
        event(method="notifications/progress"),
        event(id="ID", result=reply),
    ]
    async with scripted(said, told) as url:
        session = McpSession(McpServer(name="s", url=url), outbound, safe)
        assert await session.call("t", {}) == "a\n[image image/png]"
        assert [msgspec.json.decode(raw).get("id") for raw in told] == [None, "p1", 9]
        assert b"-32601" in told[2]
        await session.close()


async def test_a_reply_in_a_stream_may_be_as_long_as_any_other(outbound: Outbound, safe: Safe) -> None:
    long = "x" * 1_000_000
    async with scripted([event(id="ID", result={"content": [{"type": "text", "text": long}]})], []) as url:
        session = McpSession(McpServer(name="s", url=url), outbound, safe)
        assert await session.call("t", {}) == long
        await session.close()


async def test_a_reply_without_end_is_refused(outbound: Outbound, safe: Safe) -> None:
    async with scripted([b"data: ", *([b"x" * 1_000_000] * 8)], []) as url:
        session = McpSession(McpServer(name="s", url=url), outbound, safe)
        with pytest.raises(ToolFault, match="longer than 4194304 bytes"):
            await session.call("t", {})
        await session.close()
