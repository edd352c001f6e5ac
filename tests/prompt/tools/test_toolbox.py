"""Who answers which call: a round is answered here whole, or not at all."""

from __future__ import annotations

import pytest

from prompt.tools.conftest import Site
from promptwire.api.message import Tool, ToolCall
from promptwire.api.prompt import Content
from promptwire.api.tool import Binding, HttpCall, McpCall, Mock
from promptwire.prompt.tools.calling import Calling
from promptwire.prompt.tools.reach import Outbound
from promptwire.prompt.tools.safe import Safe
from promptwire.prompt.tools.toolbox import Mode, Toolbox


def content(site: Site) -> Content:
    real = HttpCall(url=f"{site.url}/w")
    return Content(
        tools=[Tool(name=name) for name in ("function", "mocked", "real", "both", "broken")],
        bindings=[
            Binding(name="mocked", mock=Mock(reply="sun")),
            Binding(name="real", http=real),
            Binding(name="both", http=real, mock=Mock(reply="rain")),
            Binding(name="broken", mock=Mock(kind="rule", rules=[], reply=None)),
        ],
    )


def calls(*names: str) -> list[ToolCall]:
    return [ToolCall(id=name, name=name, arguments="{}") for name in names]


MODES: list[tuple[Mode, set[str]]] = [
    (None, {"real", "both"}),
    ("answer", {"mocked", "real", "both"}),
    ("step", set()),
]


@pytest.mark.parametrize(("mode", "answered"), MODES)
async def test_a_mode_says_what_is_answered(
    site: Site, outbound: Outbound, safe: Safe, mode: Mode, answered: set[str]
) -> None:
    box = Toolbox(content(site), mode, Calling(outbound, safe))
    names = ["function", "mocked", "real", "both", "broken", "unheard of"]
    assert {name for name in names if box.answers(calls(name))} == answered
    assert {name for name in names if box.is_bound(name)} >= answered
    assert not box.answers(calls("real", "function"))


async def test_a_mock_stands_before_the_tool_and_only_when_asked_for(
    site: Site, outbound: Outbound, safe: Safe
) -> None:
    box = Toolbox(content(site), "answer", Calling(outbound, safe))
    replies = await box.replies(calls("both", "real", "mocked"))
    assert [reply.source for reply in replies] == ["mock", "http", "mock"]
    assert len(site.asked) == 1
    unmocked = Toolbox(content(site), None, Calling(outbound, safe))
    assert [reply.source for reply in await unmocked.replies(calls("both"))] == ["http"]


async def test_mocks_are_proposed_in_stepping(site: Site, outbound: Outbound, safe: Safe) -> None:
    box = Toolbox(content(site), "step", Calling(outbound, safe))
    proposed = box.proposals(calls("function", "mocked", "both"))
    assert [reply and reply.content for reply in proposed] == [None, "sun", "rain"]
    wrong = Toolbox(content(site), "step", Calling(outbound, safe)).proposals(
        [ToolCall(id="c", name="broken", arguments="{")]
    )
    assert wrong[0] is not None and wrong[0].is_error


def test_most_runs_need_no_toolbox(site: Site) -> None:
    tools = [Tool(name="f")]
    assert not Toolbox.needed(Content(tools=tools), "answer")
    assert not Toolbox.needed(content(site), "caller")
    assert not Toolbox.needed(Content(tools=tools, bindings=[Binding(name="f", mock=Mock(reply=""))]), None)
    assert Toolbox.needed(Content(tools=tools, bindings=[Binding(name="f", mcp=McpCall(server="s"))]), None)
    assert Toolbox.needed(Content(tools=tools, bindings=[Binding(name="f", mock=Mock(reply=""))]), "step")
