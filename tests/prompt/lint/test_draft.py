"""A draft as rules look at it."""

from __future__ import annotations

from prompt_reading import draft as draft_of
from prompt_reading import library
from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content
from promptwire.prompt.lint.draft import LOOKED_AT, LOOKED_AT_IN_ALL, Match, renamed


def test_texts_have_their_places_and_placeholders_have_none() -> None:
    draft = draft_of(
        Content(
            messages=[
                Message(role="placeholder", content="history"),
                Message(role="user", content="see", parts=[Part(image_url="https://example.org/a"), Part(text="this")]),
            ]
        )
    )
    assert [(text.text, text.message, text.part) for text in draft.texts] == [("see", 1, None), ("this", 1, 1)]


def test_sentences_have_their_places_and_examples_are_none() -> None:
    text = "One. Two!\n```\nno. sentence.\n```\n三。"
    (only,) = draft_of(Content(messages=[Message(role="user", content=text)])).texts
    assert [text[one.start : one.end] for one in only.sentences()] == ["One.", "Two!", "三。"]


def test_a_long_text_is_looked_at_to_a_bound() -> None:
    (only,) = draft_of(Content(messages=[Message(role="user", content="a" * (LOOKED_AT + 1))])).texts
    assert len(only.text) == LOOKED_AT


def test_many_texts_are_looked_at_to_a_bound() -> None:
    texts = draft_of(Content(messages=[Message(role="user", content="a" * LOOKED_AT)] * 10)).texts
    assert (len(texts), sum(len(text.text) for text in texts)) == (10, LOOKED_AT_IN_ALL)


def test_a_snippets_variables_are_told_from_the_texts_own() -> None:
    content = Content(messages=[Message(role="user", content="{{> tone}} {{topic}} {{mood}}")])
    draft = draft_of(content, library(tone="Be {{mood}} and {{style}}."))
    assert {name: match.text for name, (_, match) in draft.used.items()} == {
        "topic": "{{topic}}",
        "mood": "{{mood}}",
    }
    text, match, key = draft.borrowed["style"]
    assert (text.text[match.start : match.end], key) == ("{{> tone}}", "tone")


def test_a_variable_is_renamed_in_whatever_marks_it_stands() -> None:
    (text,) = draft_of(Content(messages=[Message(role="user", content="{{ a }} a")])).texts
    matches = [Match("{{ a }}", 0, 7), Match("a", 8, 9)]
    assert [edit.text for match in matches for edit in renamed(text, match, "b")] == ["{{b}}", "b"]
