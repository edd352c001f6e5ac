"""Writing over HTTP: kinds of prompts, snippets at any depth, the preview, and templates that mean harm."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from journeys.native import ask, post, put, stream
from journeys.served import Served
from promptwire.template.engines.jinja import WALL_S
from promptwire.template.engines.jinja_worker import CPU_S

KEYS = itertools.count()
SLACK_S = 10.0  # of a busy machine, beyond the limits that are documented


def says(text: str, engine: str = "plain") -> dict[str, Any]:
    return {"model": "simulated/echo", "messages": [{"role": "user", "content": text}], "engine": engine}


def answer(served: Served, key: str, **body: Any) -> str:
    events = stream(served, f"/api/prompts/{key}/run", body)
    return "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")


def made(served: Served, text: str, kind: str = "chat") -> str:
    """The key of a new prompt."""
    key = f"written-{next(KEYS)}"
    status, prompt = post(served, "/api/prompts", {"key": key, "kind": kind, "draft": says(text)})
    assert (status, prompt["kind"]) == (200, kind)
    return key


def test_a_snippet_in_a_snippet_is_released_floats_and_is_held_on_to(served: Served) -> None:
    tone = made(served, "kind", "snippet")
    voice = made(served, f"({{{{> {tone}}}}} and {{{{mood}}}})", "snippet")
    floating = made(served, f"Be {{{{> {voice}}}}}.")
    for key in (tone, voice):
        assert post(served, f"/api/prompts/{key}/versions", {})[0] == 200
    pinned = made(served, f"Be {{{{> {tone}@1}}}}.")
    _, prompt = ask(served, "GET", f"/api/prompts/{floating}")
    assert prompt["variables"] == ["mood"]
    assert answer(served, floating, variables={"mood": "{{> x}}"}) == "Be (kind and {{> x}})."
    status, commit = post(served, f"/api/prompts/{floating}/versions", {})
    assert (status, commit["snippets"]) == (200, {tone: "1", voice: "1"})
    assert post(served, f"/api/prompts/{tone}/versions", {"content": says("kinder")})[0] == 200
    assert answer(served, floating, version="1", variables={"mood": "calm"}) == "Be (kinder and calm)."
    assert answer(served, pinned) == "Be kind."
    put(served, f"/api/prompts/{tone}/labels/production", {"version": "1"})
    assert answer(served, floating, version="1", variables={"mood": "calm"}) == "Be (kind and calm)."
    _, fetched = ask(served, "GET", f"/api/prompts/{floating}/fetch?version=1&expand=true")
    assert fetched["content"]["messages"][0]["content"] == "Be (kind and {{mood}})."
    _, listed = ask(served, "GET", "/api/snippets")
    assert {one["key"]: one["floats_at"] for one in listed["snippets"]}[tone] == "1"


def test_what_a_snippet_is_part_of_is_known_and_keeps_it_from_being_deleted(served: Served) -> None:
    tone = made(served, "kind", "snippet")
    voice = made(served, f"{{{{> {tone}}}}}", "snippet")
    user = made(served, f"{{{{> {voice}}}}}")
    _, reply = ask(served, "GET", f"/api/prompts/{tone}/impact")
    assert [(use["key"], use["through"]) for use in reply["uses"]] == [(voice, []), (user, [voice])]
    status, refused = ask(served, "DELETE", f"/api/prompts/{tone}")
    assert (status, refused["error"]["class"]) == (409, "conflict")
    assert f"{voice} (draft)" in refused["error"]["message"]
    for key in (user, voice, tone):
        assert ask(served, "DELETE", f"/api/prompts/{key}")[0] == 200


def test_a_circle_is_marked_in_the_draft_and_refused_at_commit_and_run(served: Served) -> None:
    one = made(served, "x", "snippet")
    other = made(served, f"{{{{> {one}}}}}", "snippet")
    draft = says(f"a {{{{> {other}}}}}")
    assert put(served, f"/api/prompts/{one}/draft", {"draft": draft})[0] == 200
    _, lint = post(served, "/api/lint", {"content": draft, "key": one})
    finding = next(found for found in lint["findings"] if found["rule"] == "snippet-circle")
    assert f"{one} → {other} → {one}" in finding["message"]
    assert finding["span"] == {"message": 0, "start": 2, "end": len(draft["messages"][0]["content"])}
    for path in ("versions", "run"):
        status, refused = post(served, f"/api/prompts/{one}/{path}", {})
        assert (status, refused["error"]["class"]) == (400, "invalid_request")
        assert "circle" in refused["error"]["message"]
    status, refused = post(served, f"/api/prompts/{one}/run", {"draft": says("{{> nobody-at-all}}")})
    assert status == 400 and "there is no snippet 'nobody-at-all'" in refused["error"]["message"]


def test_a_text_is_one_template(served: Served) -> None:
    key = made(served, "Hello {{name}}", "text")
    assert answer(served, key, variables={"name": "you"}) == "Hello you"
    two = {"messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]}
    status, refused = put(served, f"/api/prompts/{key}/draft", {"draft": two})
    assert status == 400 and "one template" in refused["error"]["message"]


def test_the_preview_is_what_is_sent_with_its_tokens(served: Served) -> None:
    key = made(served, "{{a}} {{b}}")
    parts = [{"text": "more {{a}}"}, {"image_url": "https://example.org/a.png"}]
    draft = says("{{a}} {{b}}")
    draft["messages"][0]["parts"] = parts
    status, shown = post(served, f"/api/prompts/{key}/preview", {"draft": draft, "variables": {"a": "{{b}}"}})
    assert (status, shown["missing"]) == (200, ["b"])
    assert shown["messages"][0]["content"] == "{{b}} {{b}}"
    assert shown["messages"][0]["parts"][0]["text"] == "more {{b}}"
    counted = shown["tokens"]
    assert (counted["exact"], len(counted["messages"][0]["parts"])) == (False, 2)
    assert counted["total"] == counted["messages"][0]["tokens"] > 765
    status, count = post(served, "/api/tokens", {"model": "", "messages": shown["messages"]})
    assert (status, count) == (200, counted)


def test_the_server_says_what_a_draft_asks_for_in_every_language(served: Served) -> None:
    for engine, text, names in (
        ("plain", "{{a}} {% b %}", ["a"]),
        ("mustache", "{{a.b}}{{#c}}{{/c}}", ["a", "c"]),
        ("jinja2", "{% for x in xs %}{{ x }}{% endfor %}", ["xs"]),
    ):
        _, lint = post(served, "/api/lint", {"content": says(text, engine)})
        assert [slot["name"] for slot in lint["slots"]] == names
        for slot in lint["slots"]:
            assert slot["name"] in text[slot["spans"][0]["start"] : slot["spans"][0]["end"]]


BRACES = [
    '{"json": {"a": [1, {"b": "}}"}]}}',
    r"\frac{a}{b} \sqrt{{x}^{2}} {\bf {{bold}}",
    'fn main() { println!("{{}}"); } ${shell} #{ruby} <%= erb %> {%- raw -%}',
]


@pytest.mark.parametrize("text", BRACES)
def test_braces_that_are_no_variable_come_through(served: Served, text: str) -> None:
    key = made(served, "{{text}}")
    assert answer(served, key, variables={"text": text}) == text
    names = {slot["name"] for slot in post(served, "/api/lint", {"content": says(text)})[1]["slots"]}
    assert answer(served, key, draft=says(text), variables={name: "{{" + name + "}}" for name in names}) == text


INJECTIONS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self._TemplateReference__context.joiner.__init__.__globals__.os }}",
    "{{ ''|attr('__class__')|attr('__mro__') }}",
    "{{ ().__class__.__base__ }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}{{ os }}",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injected_template_reaches_nothing(served: Served, text: str) -> None:
    key = made(served, "x")
    status, refused = post(served, f"/api/prompts/{key}/run", {"draft": says(text, "jinja2")})
    assert (status, refused["error"]["class"]) == (400, "invalid_request")
    shown = answer(served, key, draft=says("{{ value }}", "jinja2"), variables={"value": text})
    assert shown == text  # a value is never a template


def test_a_loop_without_end_and_a_megabyte_come_back_in_bounded_time_and_all_goes_on(served: Served) -> None:
    key = made(served, "alive")
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    sections = "{{#a}}" * 30 + "{{/a}}" * 30
    megabyte = "{{x}} {% y %}" * 80_000
    for draft, values in (
        (says(endless, "jinja2"), {}),
        (says("{{ 'a' * 9999999999 }}", "jinja2"), {}),
        (says("{{ 9 ** (9 ** 9) }}", "jinja2"), {}),
        (says(sections, "mustache"), {"a": [1, 2, 3]}),
    ):
        begun = time.monotonic()
        status, refused = post(served, f"/api/prompts/{key}/run", {"draft": draft, "variables": values})
        assert (status, refused["error"]["class"]) == (400, "invalid_request")
        assert time.monotonic() - begun < max(CPU_S, WALL_S) + SLACK_S
        assert answer(served, key) == "alive"
    for engine in ("plain", "jinja2", "mustache"):
        body = {"draft": says("{{ value }}", engine), "variables": {"value": megabyte}}
        status, shown = post(served, f"/api/prompts/{key}/preview", body)
        assert status == 200 and shown["messages"][0]["content"] == megabyte
    assert ask(served, "GET", "/readyz")[0] == 200
