"""The place where tools are put together: their connections, their secrets, and what runs and people need of them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import NamedTuple

from promptwire.database import Database
from promptwire.prompt.tools.reach import Outbound, Reach
from promptwire.prompt.tools.running import Tools
from promptwire.prompt.tools.safe import Safe
from promptwire.prompt.tools.service import ToolService
from promptwire.secrets import Secrets
from promptwire.settings import Settings


class Assembled(NamedTuple):
    """Tools, as runs and as people need them."""

    runs: Tools
    service: ToolService


def tools_of(stack: AsyncExitStack, settings: Settings, database: Database) -> Assembled:
    """Put tools together; ``stack`` takes them apart. Raises SecretError."""
    outbound = Outbound(Reach(settings.tool_hosts))
    stack.push_async_callback(outbound.close)
    safe = Safe(database, Secrets.of(settings))
    tools = Tools(outbound, safe)
    return Assembled(tools, ToolService(tools, safe))
