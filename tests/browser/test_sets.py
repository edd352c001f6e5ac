"""Saved inputs: what a prompt is tried with, by one person and by another."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from browser.bench import Bench


def saved(page: Page, name: str, *, shared: bool = False) -> None:
    """Save what is in the fields under a name."""
    choose(page, "Save as…")
    page.get_by_label("Name", exact=True).fill(name)
    if shared:
        page.get_by_role("switch", name="Everyone sees it").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Saved inputs")).to_have_text(name)


def choose(page: Page, name: str, role: str = "menuitem") -> None:
    """Choose in the menu of saved inputs."""
    page.get_by_role("button", name="Saved inputs").click()
    page.get_by_role(role, name=name).click()  # type: ignore[arg-type]


def test_values_are_saved_loaded_and_named_by_the_address(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "looms")
    saved(page, "weaving")
    bench.set_variable("topic", "ships")
    saved(page, "sailing")
    choose(page, "weaving", "menuitemradio")
    expect(page.get_by_label("topic", exact=True)).to_have_value("looms")
    assert re.search(r"set=\w+", page.url)
    address = page.url
    bench.set_variable("topic", "spindles")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    choose(page, "sailing", "menuitemradio")
    page.goto(address)
    expect(page.get_by_label("topic", exact=True)).to_have_value("spindles")


def test_another_person_begins_with_what_is_shared(bench: Bench, chromium: Browser) -> None:
    page = bench.page
    bench.set_variable("topic", "anchors")
    saved(page, "harbour", shared=True)
    choose(page, "Begin with this one")
    page.get_by_role("button", name="Saved inputs").click()
    expect(page.get_by_label("You begin with this one")).to_be_visible()
    page.keyboard.press("Escape")
    context = chromium.new_context(locale="en-US")
    other = context.new_page()
    other.goto(f"{bench.served.url}/prompts/{bench.key}")
    expect(other.get_by_label("topic", exact=True)).to_have_value("anchors")
    expect(other.get_by_role("button", name="Saved inputs")).to_have_text("harbour")
    context.close()


def test_an_input_is_renamed_deleted_and_brought_back(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "glass")
    saved(page, "old")
    choose(page, "Rename")
    page.get_by_label("Name", exact=True).fill("new")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Saved inputs")).to_have_text("new")
    choose(page, "Delete")
    expect(page.get_by_role("button", name="Saved inputs")).to_have_text("No saved input")
    assert "set=" not in page.url
    page.get_by_role("button", name="Bring new back").click()
    choose(page, "new", "menuitemradio")
    expect(page.get_by_label("topic", exact=True)).to_have_value("glass")


def test_a_conversation_is_saved_with_the_values(bench: Bench) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    bench.set_variable("topic", "clay")
    page.get_by_role("button", name="Conversation").click()
    field = page.get_by_label("Next message")
    field.fill("What about kilns?")
    field.press("Enter")
    expect(page.locator("[data-turn]")).to_have_count(2)
    saved(page, "pottery")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-turn]")).to_have_count(0)
    choose(page, "No saved input", "menuitemradio")
    choose(page, "pottery", "menuitemradio")
    expect(page.locator("[data-turn]")).to_have_count(2)
    page.keyboard.press("Control+k")
    page.keyboard.type("save the input as")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Save as…")).to_be_visible()
