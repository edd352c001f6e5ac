"""Tools are put together from settings, and taken apart."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from prompt.tools.conftest import Site
from promptwire.api.tool import Binding, CallToolRequest, HttpCall
from promptwire.database import Database
from promptwire.prompt.tools.assembly import tools_of
from promptwire.settings import Settings


@pytest.mark.parametrize(("allowed", "reached"), [("127.0.0.1", True), ("", False)])
async def test_a_setting_says_what_may_be_reached(
    database: Database, site: Site, tmp_path: Path, allowed: str, reached: bool
) -> None:
    async with AsyncExitStack() as stack:
        tools = tools_of(stack, Settings(data=tmp_path, tool_hosts=allowed), database)
        binding = Binding(name="w", http=HttpCall(url=site.url))
        reply = (await tools.service.call_tool(CallToolRequest(binding=binding, arguments="{}"))).reply
    assert reply is not None and reply.is_error is not reached
