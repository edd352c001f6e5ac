"""The place where tools are tried, MCP servers asked and secrets kept: `promptwire.api.tool.ToolService`."""

from __future__ import annotations

import msgspec

from promptwire.api.tool import (
    CallToolReply,
    CallToolRequest,
    CheckSchemaReply,
    CheckSchemaRequest,
    DeleteToolSecretReply,
    DeleteToolSecretRequest,
    ListMcpToolsReply,
    ListMcpToolsRequest,
    ListToolSecretsReply,
    ListToolSecretsRequest,
    ToolSecret,
)
from promptwire.errors import Failure
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.mocks import mocked
from promptwire.prompt.tools.running import Tools
from promptwire.prompt.tools.safe import Safe
from promptwire.template.schema import SchemaError, validator, violations


class ToolService:
    """Tools outside of runs. Methods raise Failure."""

    def __init__(self, tools: Tools, safe: Safe) -> None:
        self._tools = tools
        self._safe = safe

    async def call_tool(self, request: CallToolRequest) -> CallToolReply:
        """Answer one call, as a run would."""
        binding = request.binding
        if request.mock:
            try:
                reply = None if binding.mock is None else mocked(binding.mock, request.arguments)
            except ToolFault as fault:
                raise Failure("invalid_request", str(fault)) from fault
            return CallToolReply(reply=reply)
        calling = self._tools.calling([] if request.server is None else [request.server])
        try:
            return CallToolReply(reply=await calling.call(binding, request.arguments))
        finally:
            await calling.close()

    async def list_mcp_tools(self, request: ListMcpToolsRequest) -> ListMcpToolsReply:
        """Ask an MCP server what it offers."""
        calling = self._tools.calling([request.server])
        try:
            session = calling.session(request.server.name)
            return ListMcpToolsReply(tools=await session.tools(), server=session.title)
        except ToolFault as fault:
            raise Failure("upstream_error", str(fault), phase="connect") from fault
        finally:
            await calling.close()

    async def list_tool_secrets(self, request: ListToolSecretsRequest) -> ListToolSecretsReply:
        """Names and hosts of the secrets."""
        return ListToolSecretsReply(secrets=await self._safe.every())

    async def put_tool_secret(self, request: ToolSecret) -> ToolSecret:
        """Keep a secret."""
        return await self._safe.put(request)

    async def delete_tool_secret(self, request: DeleteToolSecretRequest) -> DeleteToolSecretReply:
        """Forget a secret."""
        await self._safe.delete(request.name)
        return DeleteToolSecretReply()

    async def check_schema(self, request: CheckSchemaRequest) -> CheckSchemaReply:
        """Whether a schema is one, and whether a text fits it."""
        schema: object = msgspec.json.decode(request.schema)
        try:
            validator(schema)
            if request.text is None:
                return CheckSchemaReply()
            return CheckSchemaReply(problems=violations(schema, msgspec.json.decode(request.text)))
        except SchemaError as error:
            return CheckSchemaReply(schema_problem=str(error))
        except msgspec.DecodeError as error:
            return CheckSchemaReply(problems=[f"not JSON: {error}"])
