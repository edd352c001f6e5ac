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
    form = read("Hello there.\n\n# Colours\nBlue.\n\n# Role\nYou are a clerk.\n\n# Rules\n- be brief\n- be kind")
    assert form == Form(role="You are a clerk.", rules=["be brief", "be kind"], rest="Hello there.\n\n# Colours\nBlue.")
    assert read("# Role\nA clerk.\n\n# Colours\nBlue.") == Form(role="A clerk.", rest="# Colours\nBlue.")


def test_what_could_only_be_kept_in_another_order_is_left_alone() -> None:
    text = "# Rules\n- be brief\n\n# Role\nYou are a clerk."
    assert read(text) == Form(rest=text)


def test_the_rest_reads_back_wherever_it_stands() -> None:
    for rest in ("Words of its own.", "# Colours\nBlue.", "Words.\n\n# Colours\nBlue."):
        form = Form(role="A clerk.", steps=["one"], rest=rest)
        assert read(write(form)) == form


def test_a_form_in_chinese_has_chinese_titles() -> None:
    form = Form(role="你是一名翻译。", rules=["只返回译文"])
    assert write(form) == "# 角色\n你是一名翻译。\n\n# 规则\n- 只返回译文"
    assert read(write(form)) == form
    assert read("# Role\n你是一名翻译。") == Form(role="你是一名翻译。")


def test_steps_and_rules_may_have_several_lines() -> None:
    form = Form(steps=["first\nand more", "second"], rules=["one\ntwo"])
    assert read(write(form)) == form
