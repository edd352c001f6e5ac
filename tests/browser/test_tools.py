"""Tools on the page: written, mocked, called, stepped through; an answer that is JSON; every control on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.bench import Bench
from browser.test_versions import commit
from browser.vendor import Vendor
from journeys.native import put
from journeys.served import Served, serving
from journeys.toolshed import Shed, shed
from mcp_server import mcp_serving

Picture = Callable[[Page, str], None]
WEATHER = {"name": "weather", "description": "The weather in a city"}
CALL = 'call weather {"city": "Oslo"}'


@pytest.fixture(scope="module")
def served(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Promptwire whose tools may reach this machine."""
    data = tmp_path_factory.mktemp("tools")
    with serving(
        data,
        PROMPTWIRE_OPENAI_BASE_URL=vendor.url,
        PROMPTWIRE_OPENAI_API_KEY="unused",
        PROMPTWIRE_TOOL_HOSTS="127.0.0.1",
    ) as served:
        yield served


@pytest.fixture
def asking(bench: Bench) -> Bench:
    """A prompt that asks the simulated model for the weather."""
    bench.choose_model("simulated/echo")
    rewrite(bench, CALL)
    return bench


def rewrite(bench: Bench, text: str) -> None:
    """Write ``text`` in place of the message; it has no variables, and the page has seen so."""
    bench.messages.first.click()
    bench.page.keyboard.press("Control+A")
    bench.page.keyboard.insert_text(text)
    expect(bench.page.get_by_label("topic", exact=True)).to_have_count(0)


def section(page: Page) -> Locator:
    return page.get_by_role("region", name="Tools", exact=True)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def add_weather(page: Page, *, mock: str | None = None, strict: str | None = None) -> None:
    section(page).get_by_role("button", name="Add tool").click()
    page.get_by_label("Name", exact=True).fill("weather")
    page.get_by_label("Description", exact=True).fill("The weather in a city")
    if mock is not None:
        choose(page, "Mock reply", "Always the same")
        page.get_by_label("Reply", exact=True).fill(mock)
    if strict is not None:
        choose(page, "Must calls fit the schema", strict)
    save(page)
    expect(section(page).get_by_role("listitem", name="weather")).to_be_visible()


def test_a_mock_answers_and_the_steps_are_seen(asking: Bench, picture: Picture) -> None:
    page = asking.page
    add_weather(page, mock="sun")
    asking.run()
    expect(asking.answer).to_contain_text("The tools replied: “sun”.")
    expect(page.locator("[data-round] [data-call=weather]")).to_contain_text("Reply · mock")
    picture(page, "tools")
    asking.expect_saved()
    draft = asking.stored()["draft"]
    assert draft["tools"][0]["description"] == "The weather in a city"
    assert draft["bindings"] == [{"name": "weather", "mock": {"kind": "fixed", "reply": "sun"}}]
    section(page).get_by_role("button", name="More for weather").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(section(page).get_by_role("listitem")).to_have_count(0)


def test_a_run_is_stepped_through_and_the_reply_recorded(asking: Bench, picture: Picture) -> None:
    page = asking.page
    add_weather(page, mock="sun")
    choose(page, "Who answers in your runs", "Step by step")
    asking.run()
    reply = page.get_by_label("Reply of weather")
    expect(reply).to_have_value("sun")
    reply.fill("snow in May")
    page.get_by_role("button", name="Record as mock").click()
    picture(page, "stepping")
    page.get_by_role("button", name="Go on").click()
    expect(asking.answer).to_contain_text("The tools replied: “snow in May”.")
    expect(page.locator("[data-round]")).to_contain_text("typed by you")
    asking.expect_saved()
    mock = asking.stored()["draft"]["bindings"][0]["mock"]
    assert (mock["kind"], mock["recordings"][0]["reply"]) == ("recorded", "snow in May")
    choose(page, "Who answers in your runs", "Mocks, else for real")
    asking.run()
    expect(asking.answer).to_contain_text("“snow in May”")


def test_panes_are_stepped_through_each_for_itself(asking: Bench) -> None:
    page = asking.page
    add_weather(page, mock="sun")
    asking.expect_saved()
    commit(asking, "With a tool")
    choose(page, "Who answers in your runs", "Step by step")
    panes = quote(json.dumps([{"version": "1"}, {}]))
    page.goto(f"{asking.served.url}/prompts/{asking.key}?panes={panes}")
    asking.run()
    committed, draft = page.get_by_role("article", name="Reference"), page.get_by_role("article", name="Answer 2")
    expect(committed.get_by_label("Reply of weather")).to_have_value("sun")
    expect(committed.get_by_role("button", name="Record as mock")).to_have_count(0)
    expect(draft.get_by_role("button", name="Record as mock")).to_be_visible()
    draft.get_by_label("Reply of weather").fill("hail")
    draft.get_by_role("button", name="Go on").click()
    expect(draft.locator("[data-answer]")).to_contain_text("The tools replied: “hail”.")
    expect(committed.get_by_label("Reply of weather")).to_have_value("sun")
    committed.get_by_role("button", name="Go on").click()
    expect(committed.locator("[data-answer]")).to_contain_text("The tools replied: “sun”.")


def test_where_runs_are_repeated_the_page_says_that_none_is_stepped_through(asking: Bench) -> None:
    page = asking.page
    add_weather(page, mock="sun")
    page.get_by_role("button", name="Repeat the run").click()
    note = page.get_by_text("Step by step is not offered here")
    expect(note).to_have_count(0)
    choose(page, "Who answers in your runs", "Step by step")
    expect(note).to_be_visible()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shed]:
    with shed() as made:
        yield made


def test_an_http_tool_is_tried_and_called_with_its_secret(asking: Bench, shop: Shed) -> None:
    page = asking.page
    section(page).get_by_role("button", name="Add tool").click()
    page.get_by_label("Name", exact=True).first.fill("weather")
    choose(page, "Who answers a call", "HTTP")
    page.get_by_label("Address", exact=True).fill(f"{shop.url}/w/{{{{city}}}}")
    page.get_by_label("Headers").fill("Authorization: Bearer {{secret.shop}}")
    page.get_by_text("Secrets (").click()
    page.get_by_label("Name", exact=True).last.fill("shop")
    page.get_by_label("Hosts").fill("127.0.0.1")
    page.get_by_label("Value", exact=True).fill("sk-page")
    page.get_by_role("button", name="Keep the secret").click()
    expect(page.get_by_text("{{secret.shop}}", exact=True)).to_be_visible()
    page.get_by_label("Arguments to try it with").fill('{"city": "Rome"}')
    page.get_by_role("button", name="Call it").click()
    expect(page.get_by_role("status").filter(has_text="GET /w/Rome Bearer [secret]")).to_be_visible()
    save(page)
    asking.run()
    expect(asking.answer).to_contain_text("GET /w/Oslo Bearer [secret]")
    assert shop.asked[-1] == ("/w/Oslo", "Bearer sk-page")


def test_an_mcp_server_is_asked_and_its_tools_ticked(asking: Bench) -> None:
    page = asking.page
    with mcp_serving() as url:
        section(page).get_by_role("button", name="Add MCP server").click()
        page.get_by_label("Name here").fill("station")
        page.get_by_label("Address", exact=True).fill(url)
        page.get_by_role("button", name="Ask what it offers").click()
        page.get_by_role("checkbox", name="forecast").check()
        save(page)
        expect(section(page).get_by_role("listitem", name="forecast")).to_contain_text("MCP")
        rewrite(asking, 'call forecast {"city": "Oslo"}')
        asking.run()
        expect(asking.answer).to_contain_text("Oslo: sun for 1 days")


def test_an_answer_that_is_json_is_a_tree_with_a_verdict(bench: Bench) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    choose(page, "Answer as", "JSON Schema")
    schema = page.get_by_label("Schema of the answer")
    schema.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text('{"type": "object", "required": ["city"]')
    expect(page.get_by_role("alert")).to_have_text("Not JSON yet: it ends at line 1, column 40 before it is finished")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("}")
    expect(page.get_by_role("alert").filter(has_text="Not JSON")).to_have_count(0)
    name = page.locator("[data-json-editor] .cm-line span").get_by_text('"type"', exact=True)
    expect(name).to_have_css("color", "rgb(47, 79, 196)")
    for said, verdict in (('{"city": ["Oslo", 1]}', "Fits the schema"), ('{"town": 1}', "city")):
        rewrite(bench, said)
        bench.run()
        expect(page.locator("[data-json]")).to_contain_text("Oslo" if "Oslo" in said else "town")
        expect(page.get_by_role("list", name="Against the schema")).to_contain_text(verdict)
    expect(page.locator("[data-open]")).to_have_count(0)


def test_json_is_shown_while_it_is_written(bench: Bench) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    choose(page, "Answer as", "JSON object")
    rewrite(bench, '{"list": ["one", "two", "three"]}')
    page.get_by_role("button", name="Parameters").click()
    page.get_by_label("Between tokens, ms").fill("300")
    page.keyboard.press("Escape")
    bench.run()
    expect(page.locator("[data-json]")).to_contain_text("one")
    expect(page.locator("[data-open]").first).to_be_visible()
    bench.expect_done()
    expect(page.locator("[data-open]")).to_have_count(0)
    expect(page.get_by_role("list", name="Against the schema")).to_contain_text("Fits")


def test_whether_calls_are_held_to_the_schema_is_said_and_unsaid(asking: Bench) -> None:
    page = asking.page
    for strict, kept in (("Not strict", False), ("Vendor decides (default)", None)):
        add_weather(page, strict=strict)
        asking.expect_saved()
        assert asking.stored()["draft"]["tools"][0].get("strict") is kept
        section(page).get_by_role("button", name="More for weather").click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(section(page).get_by_role("listitem")).to_have_count(0)


def test_what_a_vendor_cannot_hold_a_call_to_is_disabled_with_the_reason(asking: Bench) -> None:
    page = asking.page
    provider = {"id": "google", "kind": "gemini", "base_url": "http://127.0.0.1:9"}
    assert put(asking.served, "/api/providers", provider)[0] == 200
    row = {"id": "google/tight", "provider": "google", "model": "tight"}
    assert put(asking.served, "/api/models/rows", row)[0] == 200
    page.reload()
    asking.choose_model("google/tight")
    section(page).get_by_role("button", name="Add tool").click()
    expect(page.get_by_role("combobox", name="Must calls fit the schema")).to_be_disabled()
    expect(page.get_by_role("dialog")).to_contain_text("Google's API does not hold calls to a tool's schema")


NUMBERS = {
    "Temperature": 0.5,
    "Top P": 0.75,
    "Maximum tokens": 64,
    "Seed": 7,
    "Presence penalty": 0.25,
    "Frequency penalty": -0.25,
}


def test_every_control_reaches_the_wire(asking: Bench, vendor: Vendor) -> None:
    page = asking.page
    asking.choose_model("openai/simulated/echo")
    add_weather(page, strict="Strict")
    choose(page, "Must the model call one", "Must call weather")
    choose(page, "Answer as", "JSON Schema")
    page.get_by_role("button", name="Parameters").click()
    for label, number in NUMBERS.items():
        page.get_by_label(label, exact=True).fill(str(number))
    choose(page, "Reasoning effort", "High")
    page.get_by_label("Stop at").fill("END\nFIN")
    page.keyboard.press("Escape")
    choose(page, "Who answers in your runs", "Nobody: stop at calls")
    asking.run()
    expect(page.get_by_text("Asks for tools")).to_be_visible()
    body: dict[str, Any] = json.loads(vendor.received()[-1])
    schema = body["tools"][0]["function"].pop("parameters")
    assert schema["type"] == "object"
    format_schema = body["response_format"]["json_schema"].pop("schema")
    assert format_schema["type"] == "object"
    assert body == {
        "model": "simulated/echo",
        "messages": [{"role": "user", "content": CALL}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_p": 0.75,
        "max_tokens": 64,
        "stop": ["END", "FIN"],
        "seed": 7,
        "presence_penalty": 0.25,
        "frequency_penalty": -0.25,
        "reasoning_effort": "high",
        "tools": [{"type": "function", "function": WEATHER | {"strict": True}}],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True}},
    }
