"""Jinja templates in their worker: they render, they reach nothing, and whatever they do ends and is survived."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from promptwire.template.engines.jinja import Jinja
from promptwire.template.engines.jinja_worker import CPU_S
from promptwire.template.engines.outline import TemplateError

LIMIT = 1_000_000


@pytest.fixture(scope="module")
def jinja() -> Iterator[Jinja]:
    jinja = Jinja(workers=1)
    yield jinja
    jinja.close()


def rendered(jinja: Jinja, text: str, **values: Any) -> str:
    [text] = jinja.render([text], values, LIMIT)
    return text


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{{a}}", {"a": "{{b}}<&>\n"}, "{{b}}<&>\n"),
        ("{{a}}|{{b}}|{{c}}", {"a": {"k": [1, None]}, "b": None, "c": True}, '{"k":[1,null]}||true'),
        ("{% for x in a %}{{loop.index}}:{{x}} {% endfor %}", {"a": ["p", "q"]}, "1:p 2:q "),
        ("{% if a is defined %}{{a}}{% else %}none{% endif %}", {}, "none"),
        ("{{a|upper}} {{a|tojson}}", {"a": "é<"}, 'É< "é<"'),
        ("{{ '{{' }}a{{ '}}' }}{% raw %}{{b}}{% endraw %}\n", {}, "{{a}}{{b}}\n"),
    ],
)
def test_templates_render(jinja: Jinja, text: str, values: dict[str, Any], expected: str) -> None:
    assert rendered(jinja, text, **values) == expected


INJECTIONS = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ().__class__.__bases__[0].__subclasses__()[59].__init__.__globals__ }}",
    "{{ x.__init__.__globals__ }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ config.items() }}",
    "{{ request.application.__globals__ }}",
    "{{ request|attr('application')|attr('\\x5f\\x5fglobals\\x5f\\x5f') }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr(['__','class','__']|join) }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(x) }}",
    "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "{{ x.update({'a': 1}) }}",
    "{{ [].append(1) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'base' %}",
    "{% from 'os' import system %}",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_template_reaches_nothing(jinja: Jinja, text: str) -> None:
    with pytest.raises(TemplateError):
        rendered(jinja, text, x={})


def test_attributes_that_are_text_are_only_text(jinja: Jinja) -> None:
    assert rendered(jinja, "{{ x.a }}", x={"a": "{{ ''.__class__ }}"}) == "{{ ''.__class__ }}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "computing"),
        ("{% for i in range(10**9) %}x{% endfor %}", "Range too big"),
        ("{{ 'a' * 10**10 }}", "memory"),
        ("{{ 'x'|center(10**10) }}", "memory"),
        ("{% set ns = namespace(a=['x']) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}", "memory"),
        ("{% for i in range(99999) %}{{ x }}{% endfor %}", "too long"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too deeply"),
        ("{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "too deeply"),
        ("{{ 2 ** (10**10) }}", "computing|memory"),
    ],
)
def test_a_bomb_ends_and_the_next_template_renders(jinja: Jinja, text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        rendered(jinja, text, x="y" * 1000)
    assert rendered(jinja, "{{ 1 + 1 }}") == "2"


def test_a_megabyte_goes_in_and_out(jinja: Jinja) -> None:
    assert rendered(jinja, "{{ x }}", x="y" * (LIMIT - 1)) == "y" * (LIMIT - 1)


def test_a_mistake_says_which_text_and_line(jinja: Jinja) -> None:
    with pytest.raises(TemplateError) as caught:
        jinja.render(["fine", "one\n{% if %}\nthree"], {}, LIMIT)
    assert (caught.value.at, caught.value.start, caught.value.end) == (1, 4, 12)


def test_an_undefined_name_is_said(jinja: Jinja) -> None:
    with pytest.raises(TemplateError, match="'nobody' is undefined"):
        rendered(jinja, "{{ nobody }}")


def test_free_names_are_found_where_they_stand(jinja: Jinja) -> None:
    text = "é{{ a }}{% for x in xs %}{{ x.a }}{{ b|default(a) }}{% endfor %}{{ loop }}"
    [outline, broken] = jinja.outlines([text, "{% if %}"])
    places = [("a", "a }}{%"), ("xs", "xs %}"), ("b", "b|default"), ("a", "a) }}"), ("loop", "loop }}")]
    assert [(use.name, use.start) for use in outline.uses] == [(name, text.index(at)) for name, at in places]
    assert [fault.start for fault in broken.faults] == [0]


def test_threads_share_the_workers() -> None:
    jinja = Jinja(workers=2)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(rendered, jinja, "{{ n * 2 }}", n=number) for number in range(50)]
        texts = [future.result() for future in futures]
    jinja.close()
    assert texts == [str(number * 2) for number in range(50)]


def test_closing_ends_a_render_in_progress() -> None:
    jinja = Jinja(workers=1)
    assert rendered(jinja, "{{ 1 }}") == "1"
    with ThreadPoolExecutor(1) as pool:
        rendering = pool.submit(
            rendered, jinja, "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
        )
        while jinja._free.qsize():
            pass  # until the worker has it
        begun = time.perf_counter()
        jinja.close()
        with pytest.raises(TemplateError):
            rendering.result()
    assert time.perf_counter() - begun < CPU_S
