"""Several answers to one prompt, side by side: versions, models, parameters, a reference, and the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.native import post, put

Picture = Callable[[Page, str], None]


def open_panes(bench: Bench, *panes: Any, more: str = "") -> None:
    """Go to the page with these panes."""
    bench.page.goto(f"{bench.served.url}/prompts/{bench.key}?panes={quote(json.dumps(panes))}{more}")
    expect(bench.page.get_by_role("article")).to_have_count(len(panes))


def commit(bench: Bench, text: str, version: str) -> None:
    """Keep a version that says ``text``."""
    content = {"messages": [{"role": "user", "content": text}], "model": "simulated/echo"}
    status, said = post(bench.served, f"/api/prompts/{bench.key}/versions", {"version": version, "content": content})
    assert status == 200, said


def test_two_models_answer_side_by_side_and_differences_are_marked(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "carbon paper")
    page.get_by_role("button", name="Compare side by side").click()
    reference, other = page.get_by_role("article", name="Reference"), page.get_by_role("article", name="Answer 2")
    expect(reference).to_contain_text("Its own model")
    other.get_by_role("button", name="Model:").click()  # which other model it begins with depends on what there is
    page.get_by_placeholder("Find a model").fill("simulated/echo")
    page.keyboard.press("Enter")
    expect(other).to_contain_text("simulated/echo")
    bench.run()
    for pane in (reference, other):
        expect(pane.get_by_text("Complete", exact=True)).to_be_visible()
        expect(pane.get_by_role("definition").first).to_contain_text("ms")
    expect(other).to_contain_text("words of the reference are not here")
    expect(other.locator("[data-answer]")).to_have_text("Tell me about carbon paper.")


def test_versions_models_and_parameters_are_chosen_for_each_pane(bench: Bench, picture: Picture) -> None:
    page = bench.page
    commit(bench, "First: {{topic}} in {{tone}}.", "1.0.0")
    commit(bench, "Second: {{topic}}.", "2.0.0")
    put(bench.served, f"/api/prompts/{bench.key}/labels/production", {"version": "1.0.0"})
    page.get_by_role("button", name="Compare side by side").click()
    page.get_by_role("button", name="Add a pane").click()
    first, second, third = (page.get_by_role("article").nth(at) for at in range(3))
    first.get_by_label("What runs").click()
    page.get_by_role("option", name="production").click()
    second.get_by_label("What runs").click()
    page.get_by_role("option", name="2.0.0").click()
    third.get_by_label("Parameters").click()
    page.get_by_label("Maximum tokens").fill("3")
    page.keyboard.press("Escape")
    bench.set_variable("topic", "inks")
    bench.set_variable("tone", "verse")  # only the first version asks for it
    bench.run()
    expect(first.locator("[data-answer]")).to_have_text("First: inks in verse.")
    expect(second.locator("[data-answer]")).to_have_text("Second: inks.")
    expect(third.get_by_text("Cut at the maximum of tokens")).to_be_visible()
    picture(page, "compare")
    asked = unquote(page.url)
    for said in ('"label":"production"', '"version":"2.0.0"', '"parameters":{"max_tokens":3}'):
        assert said in asked
    page.reload()
    expect(first.get_by_label("What runs")).to_have_text("production")
    expect(third.get_by_label("Parameters (1 set)")).to_be_visible()


def test_any_pane_is_the_reference(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "nibs")
    open_panes(bench, "simulated/typewriter", "simulated/echo", "simulated/echo", more="&reference=1")
    bench.run()
    expect(page.get_by_text("The same as the reference")).to_have_count(1)
    page.get_by_role("button", name="Set the others against Answer 1").click()
    expect(page.get_by_text("words of the reference are not here")).to_have_count(2)
    assert "reference" not in page.url
    page.get_by_role("region", name="Answer 3").focus()
    page.keyboard.press("r")
    expect(page.get_by_role("article").nth(2)).to_have_attribute("aria-label", "Reference")
    page.reload()
    expect(page.get_by_role("article").nth(2)).to_have_attribute("aria-label", "Reference")


def test_panes_come_and_go_and_are_in_the_address(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("button", name="Compare side by side").click()
    page.get_by_role("button", name="Add a pane").click()
    expect(page.get_by_role("article")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_role("button", name="Take Answer 2 away").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_role("button", name="Compare side by side").click()
    expect(page.get_by_role("article")).to_have_count(0)
    assert "panes" not in page.url


def test_ten_run_at_once_and_one_stop_stops_all(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "stopping")
    open_panes(bench, *["simulated/typewriter"] * 10)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Waits for its turn")).to_have_count(5)
    for answer in bench.answer.all()[:5]:
        expect(answer).not_to_be_empty()
    bench.write("!")  # a page that runs ten still saves
    bench.expect_saved()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped by you")).to_have_count(5)
    expect(page.get_by_text("Waits for its turn")).to_have_count(0)


def test_those_that_wait_follow_when_one_has_ended(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "patience")
    open_panes(bench, *["simulated/echo"] * 10)
    bench.run()
    expect(page.get_by_text("Complete", exact=True)).to_have_count(10)
    expect(page.get_by_text("The same as the reference")).to_have_count(9)


def test_the_keyboard_walks_the_grid_and_runs_one(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "keys")
    open_panes(bench, *["simulated/echo"] * 3)
    region = page.get_by_role("region")
    region.filter(has_text="Run the prompt").first.focus()
    for key, name in (
        ("ArrowRight", "Answer 2"),
        ("End", "Answer 3"),
        ("Home", "Reference"),
        ("ArrowLeft", "Reference"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("region", name=name, exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").nth(1).get_by_text("Complete", exact=True)).to_be_visible()
    expect(page.get_by_text("Complete", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Run Answer 3").click()
    expect(page.get_by_text("Complete", exact=True)).to_have_count(2)
