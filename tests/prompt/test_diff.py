"""Two contents of a prompt are compared: what changed where, and of texts which lines."""

import msgspec
from hypothesis import given

from prompt_contents import contents
from promptwire.api.llm import Parameters
from promptwire.api.message import Message, Tool
from promptwire.api.prompt import Content, Variable
from promptwire.api.tool import Binding, HttpCall, McpServer, Mock, Recording
from promptwire.api.version import Line
from promptwire.prompt.diff import diff


def says(*said: str) -> Content:
    return Content(messages=[Message(role="user", content=text) for text in said])


@given(contents)
def test_nothing_changed_in_what_is_the_same(content: Content) -> None:
    assert diff(content, content) == []


@given(contents, contents)
def test_something_changed_in_what_is_not_the_same(one: Content, other: Content) -> None:
    assert bool(diff(one, other)) == (msgspec.json.encode(one) != msgspec.json.encode(other))


@given(contents, contents)
def test_the_lines_of_a_text_are_both_texts(one: Content, other: Content) -> None:
    for change in diff(one, other):
        if change.lines is not None and change.before is not None and change.after is not None:
            before = "".join(line.text for line in change.lines if line.kind != "added")
            after = "".join(line.text for line in change.lines if line.kind != "removed")
            assert (before, after) == (msgspec.json.decode(change.before), msgspec.json.decode(change.after))


def test_a_changed_line_is_shown_in_its_text() -> None:
    [change] = diff(says("x", "a\nb\nc"), says("x", "a\nB\nc"))
    assert change.path == "messages[1].content"
    assert change.lines == [
        Line(kind="same", text="a\n"),
        Line(kind="removed", text="b\n"),
        Line(kind="added", text="B\n"),
        Line(kind="same", text="c"),
    ]


def test_an_added_message_is_one_change() -> None:
    [change] = diff(says("a", "b"), says("a", "new", "b"))
    assert (change.path, change.before) == ("messages[1]", None)
    assert change.after is not None


def test_parameters_and_variables_are_named() -> None:
    before = Content(parameters=Parameters(temperature=0.0), variables=[Variable(name="a"), Variable(name="b")])
    after = Content(
        parameters=Parameters(temperature=1.0, top_p=0.5),
        variables=[Variable(name="b", needed=False), Variable(name="c")],
        model="m",
    )
    assert sorted(change.path for change in diff(before, after)) == [
        "model",
        "parameters.temperature",
        "parameters.top_p",
        "variables[a]",
        "variables[b].needed",
        "variables[c]",
    ]


def test_tools_bindings_and_recordings_are_named() -> None:
    def content(reply: str, url: str) -> Content:
        mock = Mock(kind="recorded", recordings=[Recording(arguments='{"a":1}', reply=reply)])
        return Content(
            tools=[Tool(name="w", description=url)],
            bindings=[Binding(name="w", mock=mock, http=HttpCall(url=url))],
            mcp_servers=[McpServer(name="s", url=url)],
        )

    assert [change.path for change in diff(content("one", "http://a"), content("two", "http://b"))] == [
        "tools[w].description",
        "bindings[w].http.url",
        'bindings[w].mock.recordings[{"a":1}].reply',
        "mcp_servers[s].url",
    ]
