"""A draft as rules look at it."""

from __future__ import annotations

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Content
from promptwire.prompt.lint.draft import LOOKED_AT, Draft


def test_texts_have_their_places_and_placeholders_have_none() -> None:
    draft = Draft(
        Content(
            messages=[
                Message(role="placeholder", content="history"),
                Message(role="user", content="see", parts=[Part(image_url="https://example.org/a"), Part(text="this")]),
            ]
        )
    )
    assert [(text.text, text.message, text.part) for text in draft.texts] == [("see", 1, None), ("this", 1, 1)]
    assert draft.placeholders == {"history"}


def test_sentences_have_their_places_and_examples_are_none() -> None:
    text = "One. Two!\n```\nno. sentence.\n```\n三。"
    (only,) = Draft(Content(messages=[Message(role="user", content=text)])).texts
    assert [text[one.start : one.end] for one in only.sentences()] == ["One.", "Two!", "三。"]


def test_a_long_text_is_looked_at_to_a_bound() -> None:
    (only,) = Draft(Content(messages=[Message(role="user", content="a" * (LOOKED_AT + 1))])).texts
    assert len(only.text) == LOOKED_AT
