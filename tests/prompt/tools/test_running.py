"""A run without tools is the model's stream as it is; one with tools has bounds that are checked first."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from promptwire.api.llm import ChatRequest, Simulate
from promptwire.api.message import Done, Message, Tool, ToolCall
from promptwire.api.prompt import Content, RunRequest
from promptwire.api.tool import Binding, Mock
from promptwire.errors import Failure
from promptwire.llm.service import LLMService
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.running import Tools
from promptwire.prompt.tools.safe import Safe

CONTENT = Content(tools=[Tool(name="f")], bindings=[Binding(name="f", mock=Mock(reply="sun"))])
CHAT = ChatRequest(
    model="simulated/echo",
    messages=[Message(role="user", content="hi")],
    tools=CONTENT.tools,
    simulate=Simulate(tool_calls=[ToolCall(id="c", name="f", arguments="{}")]),
)


async def finish(tools: Tools, llm: LLMService, request: RunRequest, content: Content = CONTENT) -> str:
    async with aclosing(tools.events(llm.chat_stream, CHAT, content, request)) as events:
        last = [event async for event in events][-1]
    assert isinstance(last, Done)
    return last.finish_reason


async def test_rounds_are_made_only_when_they_are_asked_for(llm: LLMService, outbound: Outbound, safe: Safe) -> None:
    tools = Tools(outbound, safe)
    assert await finish(tools, llm, RunRequest(key="k", tools_mode="answer")) == "stop"
    for mode in (None, "step", "caller"):
        assert await finish(tools, llm, RunRequest(key="k", tools_mode=mode)) == "tool_calls"


def test_a_plain_run_is_the_models_own_stream(llm: LLMService, outbound: Outbound, safe: Safe) -> None:
    own = llm.chat_stream(CHAT)
    request = RunRequest(key="k", tools_mode="answer")
    assert Tools(outbound, safe).events(lambda chat: own, CHAT, Content(), request) is own


@pytest.mark.parametrize(
    "request_",
    [
        RunRequest(key="k", max_rounds=0),
        RunRequest(key="k", max_rounds=101),
        RunRequest(key="k", tools_total_s=0),
        RunRequest(key="k", tools_total_s=1e9),
    ],
)
def test_bounds_are_bounded(llm: LLMService, request_: RunRequest) -> None:
    with pytest.raises(Failure, match=r"max_rounds|tools_total_s"):
        Tools().events(llm.chat_stream, CHAT, CONTENT, request_)


async def test_without_connections_nothing_is_called(llm: LLMService) -> None:
    assert await finish(Tools(), llm, RunRequest(key="k", tools_mode="answer")) == "tool_calls"
    with pytest.raises(Failure, match="cannot be called here"):
        Tools().calling([])
