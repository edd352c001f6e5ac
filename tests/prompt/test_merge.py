"""Two edits of one prompt become one: nothing either side wrote is lost, and the laws of merging hold."""

from typing import Any

import msgspec
from hypothesis import given

from prompt_contents import contents, texts
from promptwire.api.llm import Parameters
from promptwire.api.message import Message, Tool
from promptwire.api.prompt import Content, Variable
from promptwire.api.tool import Binding, Mock, MockRule, Recording
from promptwire.prompt.merge import Conflict, lines, merge


def says(*said: str, **fields: Any) -> Content:
    return Content(messages=[Message(role="user", content=text) for text in said], **fields)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))


def same(one: Content, other: Content) -> bool:
    return msgspec.json.encode(one) == msgspec.json.encode(other)


@given(contents, contents)
def test_what_one_side_left_alone_is_the_other_sides(base: Content, edit: Content) -> None:
    for merged in (merge(base, base, edit), merge(base, edit, base), merge(base, edit, edit)):
        assert merged.conflicts == []
        assert same(merged.content, edit)


@given(contents, contents, contents)
def test_both_sides_see_the_same_conflicts(base: Content, one: Content, other: Content) -> None:
    mine, yours = merge(base, one, other).conflicts, merge(base, other, one).conflicts
    swapped = [Conflict(path, was, theirs, ours) for path, was, ours, theirs in yours]
    assert sorted(mine, key=lambda conflict: conflict.path) == sorted(swapped, key=lambda conflict: conflict.path)


@given(contents, contents, contents)
def test_without_a_conflict_the_result_is_the_same_from_either_side(
    base: Content, one: Content, other: Content
) -> None:
    mine, yours = merge(base, one, other), merge(base, other, one)
    if not mine.conflicts:
        assert [message.content for message in mine.content.messages] == [m.content for m in yours.content.messages]
        assert (mine.content.model, mine.content.parameters) == (yours.content.model, yours.content.parameters)
        assert places(mine.content) == places(yours.content)


def places(content: Content) -> set[tuple[str, str]]:
    """What a content says, by where: each message, variable, parameter, tool and the shape of the answer."""
    found: dict[str, Any] = plain(content)
    said = {("message", _text(message)) for message in found["messages"]}
    for what in ("variables", "tools"):
        members: list[dict[str, Any]] = found.get(what) or []
        said |= {(f"{what} {one['name']}", _text(one)) for one in members}
    said |= {(what, _text(found.get(what))) for what in ("model", "tool_choice", "response_format")}
    parameters: dict[str, Any] = found.get("parameters") or {}
    return said | {(f"parameter {name}", _text(value)) for name, value in parameters.items()}


def _text(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


@given(contents, contents, contents)
def test_an_edit_of_one_side_alone_is_in_the_result(base: Content, one: Content, other: Content) -> None:
    """No edit is lost: what one side wrote at a place the other left alone stands, whatever else they disagree on."""
    merged = merge(base, one, other)
    if any(conflict.path in ("tools", "parameters") for conflict in merged.conflicts):
        return  # one side took all of them away: the whole is decided, not its members
    before, result = places(base), places(merged.content)
    for mine, yours in ((one, other), (other, one)):
        still = {where for where, _ in before - places(yours)} | {where for where, _ in places(yours) - before}
        for where, said in places(mine) - before:
            if where not in still and where != "message":
                assert (where, said) in result


@given(contents, contents, contents)
def test_when_all_is_decided_nothing_is_open(base: Content, one: Content, other: Content) -> None:
    """Deciding every conflict for a side gives what that side has there, and no conflict is left."""
    mine = merge(base, one, other)
    for side in ("ours", "theirs"):
        decided = {conflict.path: getattr(conflict, side) for conflict in mine.conflicts}
        merged = merge(base, one, other, decided)
        assert merged.conflicts == []
    merged = merge(base, one, other, {conflict.path: conflict.ours for conflict in mine.conflicts})
    assert [m.content for m in merged.content.messages] == [m.content for m in mine.content.messages]


@given(texts, texts, texts)
def test_lines_of_either_side_are_kept(base: str, one: str, other: str) -> None:
    merged = lines(base, one, other)
    if merged is not None:
        added = (set(one.split("\n")) | set(other.split("\n"))) - set(base.split("\n"))
        assert added <= set(merged.split("\n"))


def test_edits_in_different_places_are_both_kept() -> None:
    base = says("system", "a\nb\nc", model="m", parameters=Parameters(temperature=0.0, top_p=1.0))
    ours = says("system", "A\nb\nc", model="n", parameters=Parameters(temperature=0.5, top_p=1.0))
    theirs = says("new", "system", "a\nb\nC", model="m", parameters=Parameters(temperature=0.0, top_p=0.9))
    merged = merge(base, ours, theirs)
    assert merged.conflicts == []
    assert [message.content for message in merged.content.messages] == ["new", "system", "A\nb\nC"]
    assert merged.content.model == "n"
    assert merged.content.parameters == Parameters(temperature=0.5, top_p=0.9)


def test_the_same_line_changed_differently_is_a_conflict_that_carries_all_three() -> None:
    merged = merge(says("a"), says("mine"), says("yours"))
    assert merged.content.messages[0].content == "mine"
    assert merged.conflicts == [Conflict("messages[0].content", "a", "mine", "yours")]


def test_what_one_side_took_away_and_the_other_changed_is_kept_and_told() -> None:
    base = Content(variables=[Variable(name="a"), Variable(name="b")])
    ours = Content(variables=[Variable(name="b")])
    theirs = Content(variables=[Variable(name="a", description="changed"), Variable(name="b")])
    merged = merge(base, ours, theirs)
    assert {variable.name for variable in merged.content.variables} == {"a", "b"}
    assert [conflict.path for conflict in merged.conflicts] == ["variables[a]"]


def test_variables_that_each_side_added_are_both_there() -> None:
    merged = merge(Content(), Content(variables=[Variable(name="a")]), Content(variables=[Variable(name="b")]))
    assert merged.conflicts == []
    assert [variable.name for variable in merged.content.variables] == ["a", "b"]


def test_a_conflict_is_what_somebody_decides() -> None:
    base, ours, theirs = says("a", model="m"), says("mine", model="n"), says("yours", model="o")
    merged = merge(base, ours, theirs, {"messages[0].content": "edited", "model": "o"})
    assert (merged.conflicts, merged.content) == ([], says("edited", model="o"))
    gone = merge(
        Content(variables=[Variable(name="a")]),
        Content(),
        Content(variables=[Variable(name="a", description="changed")]),
        {"variables[a]": None},
    )
    assert (gone.conflicts, gone.content) == ([], Content())


def test_tools_and_schemas_are_merged_by_their_members() -> None:
    def tools(city: str, days: str, *more: str) -> Content:
        schema = msgspec.json.encode({"properties": {"city": {"type": city}, "days": {"type": days}}})
        named = [Tool(name=name, parameters=msgspec.Raw(b"{}")) for name in more]
        return Content(tools=[Tool(name="weather", parameters=msgspec.Raw(schema)), *named])

    merged = merge(tools("string", "string"), tools("integer", "string", "f"), tools("string", "number", "g"))
    assert merged.conflicts == []
    assert plain(merged.content) == plain(tools("integer", "number", "f", "g"))
    both = merge(tools("string", "string"), tools("integer", "string"), tools("number", "string"))
    assert [conflict.path for conflict in both.conflicts] == ["tools[weather].parameters.properties.city.type"]


def recorded(*replies: str, reply: str | None = None) -> Content:
    recordings = [Recording(arguments=f'{{"n":{number}}}', reply=said) for number, said in enumerate(replies)]
    return Content(bindings=[Binding(name="w", mock=Mock(kind="recorded", recordings=recordings, reply=reply))])


def test_replies_that_each_side_recorded_are_both_there() -> None:
    merged = merge(recorded("a", "b"), recorded("A", "b", "c"), recorded("a", "b", reply="else"))
    assert merged.conflicts == []
    assert same(merged.content, recorded("A", "b", "c", reply="else"))
    [conflict] = merge(recorded("a"), recorded("mine"), recorded("yours")).conflicts
    assert conflict.path == 'bindings[w].mock.recordings[{"n":0}].reply'


def test_rules_keep_their_order() -> None:
    def ruled(*replies: str) -> Content:
        return Content(
            bindings=[Binding(name="w", mock=Mock(kind="rule", rules=[MockRule(reply=said) for said in replies]))]
        )

    merged = merge(ruled("a", "b"), ruled("new", "a", "b"), ruled("a", "B"))
    assert merged.conflicts == []
    assert same(merged.content, ruled("new", "a", "B"))


def test_a_schema_may_have_lists_called_like_ours() -> None:
    def tool(*values: str) -> Content:
        schema = {"recordings": list(values), "tools": [{"name": 1}], "variables": ["a"]}
        return Content(tools=[Tool(name="t", parameters=msgspec.Raw(msgspec.json.encode(schema)))])

    [conflict] = merge(tool("a"), tool("b"), tool("c")).conflicts
    assert conflict.path == "tools[t].parameters.recordings"
