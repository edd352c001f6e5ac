"""Tools outside of runs: tried, listed from an MCP server, their secrets kept, schemas checked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mcp_server import mcp_serving
from prompt.tools.conftest import Site
from promptwire.api.tool import (
    Binding,
    CallToolRequest,
    CheckSchemaRequest,
    Condition,
    DeleteToolSecretRequest,
    HttpCall,
    ListMcpToolsRequest,
    ListToolSecretsRequest,
    McpCall,
    McpServer,
    Mock,
    MockRule,
    ToolSecret,
)
from promptwire.errors import Failure
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.running import Tools
from promptwire.prompt.tools.safe import Safe
from promptwire.prompt.tools.service import ToolService


@pytest.fixture
def service(outbound: Outbound, safe: Safe) -> ToolService:
    return ToolService(Tools(outbound, safe), safe)


async def test_a_tool_is_tried_by_its_mock_or_for_real(service: ToolService, site: Site) -> None:
    binding = Binding(name="w", http=HttpCall(url=f"{site.url}/w"), mock=Mock(reply="sun"))
    mock = await service.call_tool(CallToolRequest(binding=binding, arguments="{}", mock=True))
    real = await service.call_tool(CallToolRequest(binding=binding, arguments="{}"))
    assert mock.reply is not None and (mock.reply.content, mock.reply.source) == ("sun", "mock")
    assert real.reply is not None and real.reply.source == "http"
    binding.mock = None
    assert (await service.call_tool(CallToolRequest(binding=binding, arguments="{}", mock=True))).reply is None
    binding.mock = Mock(kind="rule", rules=[MockRule(conditions=[Condition(path="$..x")], reply="")])
    with pytest.raises(Failure, match="a path is like"):
        await service.call_tool(CallToolRequest(binding=binding, arguments="{}", mock=True))


async def test_an_mcp_server_is_asked_and_its_tools_called(service: ToolService) -> None:
    with mcp_serving() as url:
        server = McpServer(name="station", url=url)
        listed = await service.list_mcp_tools(ListMcpToolsRequest(server=server))
        assert [tool.name for tool in listed.tools] == ["forecast", "alarm"]
        assert listed.server == "weather-station 1.2"
        binding = Binding(name="forecast", mcp=McpCall(server="station"))
        request = CallToolRequest(binding=binding, arguments='{"city":"Oslo"}', server=server)
        reply = (await service.call_tool(request)).reply
        assert reply is not None and reply.content == "Oslo: sun for 1 days"
    with pytest.raises(Failure, match="station") as caught:
        await service.list_mcp_tools(ListMcpToolsRequest(server=server))
    assert caught.value.class_ == "upstream_error"


async def test_secrets_are_kept_listed_and_forgotten(service: ToolService) -> None:
    await service.put_tool_secret(ToolSecret(name="key", hosts=["h"], value="v"))
    [kept] = (await service.list_tool_secrets(ListToolSecretsRequest())).secrets
    assert kept == ToolSecret(name="key", hosts=["h"])
    await service.delete_tool_secret(DeleteToolSecretRequest(name="key"))
    assert (await service.list_tool_secrets(ListToolSecretsRequest())).secrets == []


@pytest.mark.parametrize(
    ("schema", "text", "schema_problem", "problem"),
    [
        ({"type": "object"}, None, None, None),
        ({"type": "objekt"}, None, "objekt", None),
        ({"type": "object"}, "{}", None, None),
        ({"type": "object", "required": ["a"]}, "{}", None, "a"),
        ({"type": "object"}, "{", None, "not JSON"),
        ({"$ref": "http://elsewhere/"}, None, "elsewhere", None),
    ],
)
async def test_a_schema_and_a_text_are_checked(
    service: ToolService, schema: Any, text: str | None, schema_problem: str | None, problem: str | None
) -> None:
    request = CheckSchemaRequest(schema=msgspec.Raw(msgspec.json.encode(schema)), text=text)
    reply = await service.check_schema(request)
    assert (schema_problem or "") in (reply.schema_problem or "")
    assert (reply.schema_problem is None) is (schema_problem is None)
    assert (reply.problems == []) is (problem is None)
    assert problem is None or problem in reply.problems[0]
