"""A form and its text are the same thing twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promptwire.api.authoring import Form, FormExample
from promptwire.prompt.form import read, write

LINE = st.text(alphabet="abc 是{}.,", min_size=1, max_size=20).map(str.strip).filter(bool)
FORMS = st.builds(
    Form,
    role=LINE | st.just(""),
    goal=LINE | st.just(""),
    audience=LINE | st.just(""),
    steps=st.lists(LINE, max_size=4),
    rules=st.lists(LINE, max_size=4),
    output=LINE | st.just(""),
    examples=st.lists(st.builds(FormExample, input=LINE, output=LINE), max_size=3),
)


@given(FORMS)
def test_what_is_written_reads_back(form: Form) -> None:
    assert read(write(form)) == form


@given(st.text(alphabet="# Roleps\n-1. ab", max_size=80))
def test_nothing_of_any_text_is_lost(text: str) -> None:
    assert write(read(text)).split() == text.split()


def test_somebody_elses_text_keeps_what_fits_no_question() -> None:
    text = "Hello there.\n\n# Role\nYou are a clerk.\n\n# Colours\nBlue.\n\n# 规则\n- be brief\n- be kind"
    form = read(text)
    assert form.role == "You are a clerk." or form.rest == text


def test_steps_and_rules_may_have_several_lines() -> None:
    form = Form(steps=["first\nand more", "second"], rules=["one\ntwo"])
    assert read(write(form)) == form
