"""A tool called for real always replies: what went wrong is a reply marked as an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mcp_server import mcp_serving
from prompt.tools.conftest import Site
from promptwire.api.tool import Binding, HttpCall, McpCall, McpServer
from promptwire.prompt.tools.calling import Calling
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.safe import Safe


@pytest.fixture(scope="module")
def station() -> Iterator[McpServer]:
    with mcp_serving() as url:
        yield McpServer(name="station", url=url)


async def test_http_and_mcp_reply(site: Site, station: McpServer, outbound: Outbound, safe: Safe) -> None:
    calling = Calling(outbound, safe, [station])
    http = await calling.call(Binding(name="w", http=HttpCall(url=f"{site.url}/w")), '{"city":"Oslo"}')
    assert (http.content, http.source, http.is_error) == ('{"path": "/w?city=Oslo"}', "http", False)
    assert http.duration_ms > 0
    by_name = await calling.call(Binding(name="forecast", mcp=McpCall(server="station")), '{"city":"Oslo"}')
    renamed = await calling.call(
        Binding(name="w", mcp=McpCall(server="station", tool="forecast")), '{"city":"Rome","days":3}'
    )
    assert (by_name.content, by_name.source) == ("Oslo: sun for 1 days", "mcp")
    assert renamed.content == "Rome: sun for 3 days"
    await calling.close()


@pytest.mark.parametrize(
    ("binding", "arguments", "said"),
    [
        (Binding(name="w", http=HttpCall(url="http://192.168.0.1/")), "{}", "inside this network"),
        (Binding(name="w", http=HttpCall(url="http://127.0.0.1:1/")), "{oops", "not JSON"),
        (Binding(name="w", http=HttpCall(url="http://127.0.0.1:1/")), "{}", "cannot connect"),
        (Binding(name="w", mcp=McpCall(server="nobody")), "{}", "no MCP server 'nobody'"),
        (Binding(name="w"), "{}", "is a function"),
    ],
)
async def test_what_goes_wrong_is_a_reply(
    outbound: Outbound, safe: Safe, binding: Binding, arguments: str, said: str
) -> None:
    calling = Calling(outbound, safe)
    reply = await calling.call(binding, arguments)
    assert reply.is_error
    assert reply.content.startswith("error: ")
    assert said in reply.content
    await calling.close()
