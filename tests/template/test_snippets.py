"""Snippets are put in at any depth, in bounded time and size, and every character remembers where it came from."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_reading import library
from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content, Variable
from promptwire.errors import Failure
from promptwire.template.rendering import Place
from promptwire.template.snippets import (
    MAX_DEPTH,
    MAX_EXPANDED,
    Expanded,
    Library,
    Reference,
    Snippet,
    expanded,
    included,
    includes,
    refuse_faults,
)


def text(content: str, known: Library, own: str | None = None) -> Expanded:
    return expanded(Content(messages=[Message(role="user", content=content)]), known, own)


def said(made: Expanded) -> str:
    return made.content.messages[0].content


def troubles(made: Expanded) -> list[str]:
    return [fault.message for _, fault in made.faults]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("{{> tone}}", ["tone"]),
        ("{{>tone}} {{> a.b-c_d@1.2.0 }}", ["tone", "a.b-c_d@1.2.0"]),
        ("{{>\ttone@3}}", ["tone@3"]),
        ("{{> }} {{> a b}} {{> -a}} {{>\ntone}} {{> tone} {> tone}}", []),
        ("{{#tone}} {{tone}} {{{> tone}}}", ["tone"]),
    ],
)
def test_an_include_is_told_from_other_braces(written: str, named: list[str]) -> None:
    assert [str(include.reference) for include in includes(written)] == named
    for include in includes(written):
        assert written[include.start : include.end].startswith("{{>")


def test_a_text_without_includes_is_left_as_it_is() -> None:
    content = Content(messages=[Message(role="user", content="{{a}}"), Message(role="placeholder", content="{{> a}}")])
    assert expanded(content, library(a="x")).content is content
    assert list(included(content)) == []


def test_snippets_are_put_in_at_any_depth_and_in_parts() -> None:
    known = library(a="[{{> b}}]", b="{{> c}}{{> c}}", c="deep")
    content = Content(
        messages=[
            Message(role="system", content="1 {{> a}} 2"),
            Message(role="user", content="", parts=[Part(text="{{> c}}!"), Part(image_url="https://example.org/a")]),
        ]
    )
    made = expanded(content, known)
    assert said(made) == "1 [deepdeep] 2"
    assert (made.content.messages[1].parts or [])[0].text == "deep!"
    assert [snippet.key for snippet in made.snippets] == ["a", "b", "c"] or {s.key for s in made.snippets} == {*"abc"}


def test_a_pinned_and_a_floating_version_may_both_be_in_one_text() -> None:
    known: Library = {
        Reference("a"): Snippet(key="a", version="2", text="new"),
        Reference("a", "1"): Snippet(key="a", version="1", text="old"),
    }
    assert said(text("{{> a@1}} {{> a}}", known)) == "old new"


def test_a_value_that_looks_like_an_include_is_never_one() -> None:
    made = text("{{> a}}", library(a="{{v}}"))
    assert said(made) == "{{v}}"  # values come later, and what they hold is text


def test_variables_of_snippets_are_the_prompts_own_unless_it_declares_them() -> None:
    inner = Snippet(
        key="a",
        version="1",
        text="{{x}}{{y}}",
        variables=(Variable(name="x", description="theirs"), Variable(name="y", description="theirs")),
    )
    content = Content(messages=[Message(role="user", content="{{> a}}")], variables=[Variable(name="x")])
    made = expanded(content, {Reference("a"): inner}).content
    assert [(one.name, one.description) for one in made.variables] == [("x", ""), ("y", "theirs")]


def test_what_is_unknown_is_left_out_and_said() -> None:
    made = text("a {{> b}} c", {Reference("b"): "there is no snippet 'b'"})
    assert (said(made), troubles(made)) == ("a  c", ["there is no snippet 'b'"])
    with pytest.raises(Failure, match=r"messages\[0\]: there is no snippet 'b'"):
        refuse_faults(made)


def test_a_circle_is_found_wherever_it_begins() -> None:
    known = library(a="{{> b}}", b="{{> a}}", out="x {{> a}}")
    for start in ("{{> a}}", "{{> b}}", "{{> out}}", "{{> out}}{{> b}}"):
        assert all("circle" in one for one in troubles(text(start, known)))
        assert troubles(text(start, known))
    assert "out → a → b → a" in troubles(text("{{> out}}", known))[0]


def test_a_draft_that_floats_back_to_itself_is_a_circle_and_one_that_holds_on_is_not() -> None:
    known: Library = {
        Reference("b"): Snippet(key="b", version="1", text="{{> me}}"),
        Reference("c"): Snippet(key="c", version="1", text="{{> me@1}}"),
        Reference("me"): Snippet(key="me", version="1", text="old"),
        Reference("me", "1"): Snippet(key="me", version="1", text="old"),
    }
    assert "me → b → me" in troubles(text("{{> b}}", known, own="me"))[0]
    assert said(text("{{> c}}", known, own="me")) == "old"


def test_depth_is_bounded() -> None:
    def chain(length: int) -> Library:
        return library(**{f"s{n}": f"{{{{> s{n + 1}}}}}" for n in range(length - 1)}, **{f"s{length - 1}": "end"})

    assert said(text("{{> s0}}", chain(MAX_DEPTH))) == "end"
    assert "nested more than" in troubles(text("{{> s0}}", chain(MAX_DEPTH + 1)))[0]
    assert "nested more than" in troubles(text("{{> s0}}", chain(90)))[0]


def test_a_bomb_of_snippets_goes_off_harmlessly() -> None:
    known = library(**{f"s{n}": f"{{{{> s{n + 1}}}}}" * 100 for n in range(10)}, s10="boom")
    begun = time.perf_counter()
    assert "longer than" in troubles(text("{{> s0}}", known))[0]
    empty = library(**{f"s{n}": f"{{{{> s{n + 1}}}}}" * 100 for n in range(10)}, s10="")
    assert said(text("{{> s0}}", empty)) == ""
    assert time.perf_counter() - begun < 2.0
    assert "longer than" in troubles(text("{{> a}}" * 3, library(a="x" * (MAX_EXPANDED // 2))))[0]


plain = st.text(alphabet="ab{}> \n\U0001f600", max_size=12)


@given(st.lists(st.tuples(plain, st.sampled_from(["one", "two", ""])), max_size=5), plain, plain)
def test_every_character_remembers_where_it_came_from(pieces: list[tuple[str, str]], one: str, two: str) -> None:
    written = "".join(before + (f"{{{{> {key}}}}}" if key else "") for before, key in pieces)
    known = library(one=one, two=two)
    made = text(written, known)
    expansion = made.texts[Place(0, None)]
    for at, character in enumerate(expansion.text):
        start, end, include = expansion.origin(at, at + 1)
        if include is None:
            assert written[start:end] == character
        else:
            assert written[start:end] == written[include.start : include.end]
