"""A text said in another language renders to the same text."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from promptwire.files.formats.wording import from_handlebars, to_handlebars, to_jinja
from promptwire.template.engines import plain
from promptwire.template.languages import Languages

pieces = st.lists(st.sampled_from(["{{name}}", "{{ name }}", "{{", "}}", "{%", "{% endraw %}", "{#", "x", "'", "\n"]))
texts = pieces.map("".join)
VALUES = {"name": "N{{x}}"}


@given(text=texts)
def test_plain_said_in_handlebars_is_read_as_the_same_plain(text: str) -> None:
    assume("{{{" not in text and "}}}" not in text)  # three are a tag of their own, which is reported as well
    said, engine, _ = from_handlebars(to_handlebars(text, "plain"))
    if engine == "plain":  # what reads as something else is reported by the export
        assert "".join(plain.render(said, VALUES)) == "".join(plain.render(text, VALUES))


@pytest.mark.parametrize(
    "text",
    [
        "a {{name}}",
        '{"a": {{name}}}',
        "{% if x %} {{name}}",
        "{# {{name}} #}",
        "{{ a-b {{name}}",
        "{% endraw %}{{name}}{%",
    ],
)
def test_plain_said_in_jinja_renders_the_same(text: str) -> None:
    languages = Languages()
    try:
        (rendered,) = languages.render("jinja2", [to_jinja(text, "plain")], VALUES)
    finally:
        languages.close()
    assert rendered == "".join(plain.render(text, VALUES))


def test_other_languages_are_left_as_they_are() -> None:
    assert to_jinja("{{#a}}", "mustache") == "{{#a}}"
    assert to_handlebars("{% if %}", "jinja2") == "{% if %}"
