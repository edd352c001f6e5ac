"""The place where a tool is called for real, over HTTP or MCP, and a failure becomes a reply like any other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from promptwire.api.tool import Binding, McpServer, ToolReply, ToolSource
from promptwire.prompt.tools import http
from promptwire.prompt.tools.arguments import ToolFault, read
from promptwire.prompt.tools.mcp import McpSession
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.safe import Safe


class Calling:
    """Calls tools of a prompt whose MCP servers are ``servers``. `close` ends their sessions."""

    def __init__(self, outbound: Outbound, safe: Safe, servers: Iterable[McpServer] = ()) -> None:
        self._outbound, self._safe = outbound, safe
        self._servers = {server.name: server for server in servers}
        self._sessions: dict[str, McpSession] = {}

    async def call(self, binding: Binding, arguments: str) -> ToolReply:
        """The reply of what ``binding`` names: what went wrong is a reply too, marked as an error."""
        begun = time.perf_counter()
        source: ToolSource = "http" if binding.http is not None else "mcp"
        try:
            content, failed = await self._answer(binding, arguments), False
        except ToolFault as fault:
            content, failed = f"error: {fault}", True
        took_ms = round((time.perf_counter() - begun) * 1000, 3)
        return ToolReply(content=content, source=source, is_error=failed, duration_ms=took_ms)

    def session(self, name: str) -> McpSession:
        """The session with a server. Raises ToolFault when the prompt names no such server."""
        if name not in self._servers:
            raise ToolFault(f"the prompt has no MCP server {name!r}")
        if name not in self._sessions:
            self._sessions[name] = McpSession(self._servers[name], self._outbound, self._safe)
        return self._sessions[name]

    async def close(self) -> None:
        """End every session."""
        async with asyncio.TaskGroup() as tasks:
            for session in self._sessions.values():
                tasks.create_task(session.close())

    async def _answer(self, binding: Binding, arguments: str) -> str:
        if binding.http is not None:
            return await http.answer(binding.http, read(arguments), self._outbound, self._safe)
        if binding.mcp is not None:
            return await self.session(binding.mcp.server).call(binding.mcp.tool or binding.name, read(arguments))
        raise ToolFault(f"{binding.name!r} is a function: its caller answers it")
