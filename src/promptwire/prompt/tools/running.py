"""The place where it is decided whether a run has rounds: most have none, and are the model's stream as it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from promptwire.api.llm import ChatRequest
from promptwire.api.message import Event
from promptwire.api.prompt import Content, RunRequest
from promptwire.api.tool import McpServer
from promptwire.errors import Failure
from promptwire.prompt.tools.calling import Calling
from promptwire.prompt.tools.loop import MAX_ROUNDS, TOTAL_S, Ask, Bounds, converse, relaxed
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.safe import Safe
from promptwire.prompt.tools.toolbox import Toolbox, Traced
from thriftwire.streams import Onward, onward, streamed

MOST_ROUNDS: Final = 100
MOST_S: Final = 3600.0


class Tools:
    """What runs need to call tools; without ``outbound`` and ``safe`` they have none."""

    def __init__(self, outbound: Outbound | None = None, safe: Safe | None = None) -> None:
        self._outbound, self._safe = outbound, safe

    def events(
        self, ask: Ask, chat: ChatRequest, content: Content, request: RunRequest, traced: Traced | None = None
    ) -> AsyncGenerator[Event, None]:
        """The events of a run; ``traced`` gives the spans of calls. Raises Failure for bounds that are none."""
        bounds = _bounds(request)
        if request.tools_mode in ("answer", "step") and chat.messages[-1].role == "tool":
            chat = relaxed(chat)
        if self._outbound is None or not Toolbox.needed(content, request.tools_mode):
            return ask(chat)
        toolbox = Toolbox(content, request.tools_mode, self.calling(content.mcp_servers or ()), traced)
        return _closing(toolbox, converse(ask, chat, toolbox, bounds))

    def calling(self, servers: list[McpServer] | tuple[McpServer, ...]) -> Calling:
        """What calls tools for real. Raises Failure when this process cannot."""
        if self._outbound is None or self._safe is None:
            raise Failure("overloaded", "tools cannot be called here")
        return Calling(self._outbound, self._safe, servers)


@streamed
async def _closing(
    toolbox: Toolbox, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event | Onward[Event], None]:
    try:
        async with aclosing(events):
            yield onward(events)
    finally:
        await toolbox.close()


def _bounds(request: RunRequest) -> Bounds:
    rounds = MAX_ROUNDS if request.max_rounds is None else request.max_rounds
    total_s = TOTAL_S if request.tools_total_s is None else request.tools_total_s
    if not 1 <= rounds <= MOST_ROUNDS:
        raise Failure("invalid_request", f"max_rounds is 1 to {MOST_ROUNDS}, not {rounds}")
    if not 0 < total_s <= MOST_S:
        raise Failure("invalid_request", f"tools_total_s is more than 0 and at most {MOST_S:g}, not {total_s:g}")
    return Bounds(rounds, total_s)
