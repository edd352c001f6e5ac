"""Two edits of one prompt become one: nothing either side wrote is lost, and the laws of merging hold."""

from typing import Any

import msgspec
from hypothesis import given

from prompt_contents import contents, texts
from promptwire.api.llm import Parameters
from promptwire.api.message import Message
from promptwire.api.prompt import Content, Variable
from promptwire.prompt.merge import Conflict, lines, merge


def says(*said: str, **fields: Any) -> Content:
    return Content(messages=[Message(role="user", content=text) for text in said], **fields)


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
        assert {v.name for v in mine.content.variables} == {v.name for v in yours.content.variables}


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
