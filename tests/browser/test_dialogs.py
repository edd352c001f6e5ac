"""Every dialog has an address: a link opens it, a reload keeps it, going back closes it, Escape leaves none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.bench import Bench
from browser.test_tools import add_weather
from browser.test_versions import choose, commit
from journeys.native import put


class Case(NamedTuple):
    """A dialog: on which page, how it is opened, what its address says, and what it is called."""

    path: str
    open: Callable[[Page], None]
    dialog: str
    name: str


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def keys(stroke: str) -> Callable[[Page], None]:
    return lambda page: page.locator("body").press(stroke)


def entry(row: str, item: str) -> Callable[[Page], None]:
    return lambda page: choose(page, row, item)


def command(words: str) -> Callable[[Page], None]:
    def take(page: Page) -> None:
        page.locator("body").press("Control+k")
        page.get_by_placeholder("Type a command").fill(words)
        page.keyboard.press("Enter")

    return take


CASES: Final = [
    Case("", press("Commit"), "commit", "Commit a version"),
    Case("", press("Add tool"), "tool", "New tool"),
    Case("", entry("weather", "Edit"), "tool:weather", "weather"),
    Case("", entry("weather", "Delete"), "delete-tool:weather", "Delete weather?"),
    Case("", press("Add MCP server"), "server", "New MCP server"),
    Case("", command("Save the input as"), "input", "Save as…"),
    Case("", command("Copy as code"), "code", "Copy as code"),
    Case("", keys("Control+k"), "commands", "Commands"),
    Case("", keys("?"), "keys", "Shortcuts"),
    Case("", command("New prompt"), "new", "New prompt"),
    Case("", command("Import prompts"), "import", "Import prompts"),
    Case("/versions", entry("1", "Move a label here"), "label:@1", "Move a label here"),
    Case("/versions", entry("1", "New branch from here"), "branch:1", "New branch from 1"),
    Case("/versions", entry("production", "Edit"), "label:production", "Move a label here"),
]


def shown(page: Page, name: str) -> Locator:
    return page.locator("[data-dialog]").filter(has=page.get_by_role("heading", name=name))


@pytest.fixture
def prepared(bench: Bench) -> Bench:
    """A prompt with a tool, a version and a label."""
    add_weather(bench.page)
    bench.expect_saved()
    commit(bench, "Begun")
    path = f"/api/prompts/{bench.key}/labels/production"
    assert put(bench.served, path, {"version": "1", "reason": "the first"})[0] == 200
    return bench


def test_each_dialog_opens_by_its_address_and_goes_with_it(prepared: Bench) -> None:
    page = prepared.page
    for path, opened, dialog, name in CASES:
        address = f"{prepared.served.url}/prompts/{prepared.key}{path}"
        named = re.compile(rf"[?&]dialog={re.escape(quote(dialog, safe=''))}(&|$)")
        page.goto(address)
        expect(page.get_by_role("link", name="Versions")).to_be_visible()
        opened(page)
        expect(page).to_have_url(named)
        expect(shown(page, name)).to_be_visible()
        page.reload()
        expect(shown(page, name)).to_be_visible()
        page.go_back()
        expect(page.locator("[data-dialog]")).to_have_count(0)
        expect(page).to_have_url(address)
        page.go_forward()
        expect(shown(page, name)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("[data-dialog]")).to_have_count(0)
        expect(page).to_have_url(address)

        page.goto(f"{address}?dialog={quote(dialog, safe='')}")
        expect(shown(page, name)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("[data-dialog]")).to_have_count(0)
        expect(page).to_have_url(address)


def test_the_address_of_what_is_gone_opens_nothing_and_is_in_nobodys_way(prepared: Bench) -> None:
    page = prepared.page
    page.goto(f"{prepared.served.url}/prompts/{prepared.key}?dialog=tool:gone")
    expect(prepared.messages.first).to_be_visible()
    expect(page.locator("[data-dialog]")).to_have_count(0)
    press("Commit")(page)
    expect(shown(page, "Commit a version")).to_be_visible()


def test_a_shortcut_takes_no_dialog_away_in_which_somebody_writes(prepared: Bench) -> None:
    page = prepared.page
    press("Add tool")(page)
    page.get_by_label("Name", exact=True).fill("half a name")
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+Shift+S")
    expect(page.locator("[data-dialog]")).to_have_count(1)
    expect(page.get_by_label("Name", exact=True)).to_have_value("half a name")


def test_what_a_dialog_made_is_one_step_from_the_page_before(prepared: Bench) -> None:
    page, served = prepared.page, prepared.served
    made = f"made-of-{prepared.key}"
    command("New prompt")(page)
    page.get_by_label("Key", exact=True).fill(made)
    press("Create")(page)
    expect(page).to_have_url(f"{served.url}/prompts/{made}")
    page.go_back()
    expect(page).to_have_url(f"{served.url}/prompts/{prepared.key}")
    command("Save the input as")(page)
    page.get_by_label("Name", exact=True).fill("looms")
    press("Save")(page)
    expect(page).to_have_url(re.compile(r"\?set=[^&]+$"))
    expect(page.locator("[data-dialog]")).to_have_count(0)
    page.go_back()
    expect(page).not_to_have_url(re.compile("dialog="))
    expect(page.locator("[data-dialog]")).to_have_count(0)


def test_models_limits_and_several_prompts_have_them_too(bench: Bench) -> None:
    page, url = bench.page, bench.served.url
    status, said = put(bench.served, "/api/limits/spare", {"kind": "requests", "amount": 1000, "user": "nobody"})
    assert status == 200, said
    for path, dialog, name in (
        ("/models", "provider", "New provider"),
        ("/models", "model:openai", "New model"),
        ("/limits", "limit", "New limit"),
        ("/limits", "limit:spare", "spare"),
        ("/limits", "delete-limit:spare", "Delete spare?"),
        ("/limits", "budget", "New budget"),
        ("/limits", "rules", "New rule set"),
        ("/prompts", f"delete-prompts:{bench.key}", "Delete 1 prompts?"),
        ("/prompts", f"delete-prompt:{bench.key}", "Delete A short lecture?"),
        ("/prompts", "you", "Your name"),
        ("/runs/none", "keys", "Shortcuts"),
    ):
        page.goto(f"{url}{path}?dialog={quote(dialog, safe='')}")
        expect(shown(page, name)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page).to_have_url(f"{url}{path}")
        expect(page.locator("[data-dialog]")).to_have_count(0)
