"""Three template languages behind one face: the same questions, the same bounds."""

import asyncio
from collections.abc import Iterator

import pytest

from promptwire.api.prompt import Content, Engine
from promptwire.template.engines.outline import TemplateError
from promptwire.template.languages import MAX_RENDERED, Languages, off_the_loop

ENGINES: list[Engine] = ["plain", "mustache", "jinja2"]


@pytest.fixture(scope="module")
def languages() -> Iterator[Languages]:
    languages = Languages()
    yield languages
    languages.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_each_says_what_it_uses_and_renders(languages: Languages, engine: Engine) -> None:
    texts = ["{{a}} and {{b}}", "nothing"]
    assert [[use.name for use in outline.uses] for outline in languages.outlines(engine, texts)] == [["a", "b"], []]
    assert languages.render(engine, texts, {"a": 1, "b": "x"}) == ["1 and x", "nothing"]


@pytest.mark.parametrize("engine", ENGINES)
def test_all_texts_together_are_bounded_and_the_one_too_much_is_named(languages: Languages, engine: Engine) -> None:
    half = "x" * (MAX_RENDERED // 2)
    assert len(languages.render(engine, ["{{a}}", "{{a}}"], {"a": half})) == 2
    with pytest.raises(TemplateError) as caught:
        languages.render(engine, ["{{a}}", "{{a}}", "{{b}}"], {"a": half, "b": "y"})
    assert caught.value.at == 2


async def test_templates_that_take_long_hold_up_nothing_but_templates() -> None:
    languages, long = Languages(), "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    content = Content(engine="jinja2")
    rendering = [
        asyncio.ensure_future(off_the_loop(content, languages.render, "jinja2", [long], {})) for _ in range(40)
    ]
    await asyncio.to_thread(int)
    assert not any(one.done() for one in rendering)
    for one in rendering:
        one.cancel()
    await asyncio.gather(*rendering, return_exceptions=True)
    languages.close()
