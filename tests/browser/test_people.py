"""Several people at one prompt: each is known by a name, and nobody's work is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.bench import Bench


@pytest.fixture
def other(chromium: Browser, bench: Bench) -> Iterator[Bench]:
    """The same prompt in the browser of somebody else."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.set_default_timeout(20_000)
    yield Bench(context.new_page(), bench.served, bench.key)
    context.close()


def say_name(page: Page, name: str) -> None:
    """Tell the console who this is."""
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitem").first.click()
    page.get_by_role("textbox", name="Your name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-person]")).to_have_attribute("data-person", name)  # the page is theirs now


def test_a_name_of_any_script_is_kept_and_sent_with_every_request(bench: Bench) -> None:
    page = bench.page
    say_name(page, "王小明")
    page.reload()
    with page.expect_request("**/api/prompts/*/draft") as sent:
        bench.write(" Kurz.")
    assert sent.value.headers["x-promptwire-persist-user"] == "%E7%8E%8B%E5%B0%8F%E6%98%8E"
    with page.expect_request("**/run") as ran:
        bench.set_variable("topic", "kites")
        bench.run()
    assert ran.value.headers["x-promptwire-persist-user"] == "%E7%8E%8B%E5%B0%8F%E6%98%8E"
    page.get_by_role("button", name="Preferences").click()
    expect(page.get_by_role("menuitem", name="王小明")).to_be_visible()


def test_a_prompt_has_pages_with_addresses(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("link", name="Versions").click()
    expect(page).to_have_url(f"{bench.served.url}/prompts/{bench.key}/versions")
    page.keyboard.press("Control+k")
    page.keyboard.type("Go to Write")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{bench.served.url}/prompts/{bench.key}")
    expect(bench.messages.first).to_be_visible()


def commit(bench: Bench, message: str) -> None:
    """Fill the dialog and commit."""
    bench.page.keyboard.press("Control+Shift+S")
    bench.page.get_by_label("What changed, and why").fill(message)
    bench.page.get_by_role("dialog").get_by_role("button", name="Commit", exact=True).click()
    expect(bench.page.get_by_role("dialog")).to_have_count(0)


def test_two_people_in_two_browsers_lose_nothing(bench: Bench, other: Bench) -> None:
    say_name(bench.page, "Ann")
    bench.write("\nmiddle\nlast line.")
    bench.expect_saved()
    commit(bench, "begun")
    other.page.goto(f"{bench.served.url}/prompts/{bench.key}")
    say_name(other.page, "王小明")
    expect(other.messages.first).to_contain_text("last line.")
    bench.messages.first.click()
    bench.page.keyboard.press("Control+Home")
    bench.page.keyboard.type("By Ann: ")
    other.write(" By Wang.")
    for one in (bench, other):
        one.expect_saved()
    expect(bench.messages.first).not_to_contain_text("Wang")
    expect(other.page.get_by_role("button", name="Who else has a draft")).to_be_visible()
    commit(bench, "from Ann")
    other.page.keyboard.press("Control+Shift+S")
    expect(other.page.get_by_role("dialog").get_by_role("status")).to_contain_text("main is at 2")
    other.page.get_by_role("button", name="Merge").click()
    expect(other.page.get_by_text("Nothing was changed by both.")).to_be_visible()
    other.page.get_by_role("button", name="Commit the merge").click()
    expect(other.page).to_have_url(re.compile(r"version=%223%22$"))
    both = "By Ann: Tell me about {{topic}}.\nmiddle\nlast line. By Wang."
    assert other.stored(user="王小明")["draft"]["messages"][0]["content"] == both
    bench.page.get_by_role("link", name="Versions").click()
    bench.page.get_by_role("button", name=re.compile("王小明")).click()
    expect(bench.page.get_by_role("region", name="Version 3")).to_contain_text("By Wang.")
    expect(bench.page.get_by_role("region", name="Version 3")).to_contain_text("By Ann:")


def test_two_people_who_rename_a_prompt_are_told(bench: Bench, other: Bench) -> None:
    say_name(bench.page, "Ann")
    other.page.goto(f"{bench.served.url}/prompts/{bench.key}")
    say_name(other.page, "Bob")
    expect(other.page.get_by_label("Name of the prompt")).to_have_value("A short lecture")
    other.page.route("**/draft", lambda route: route.abort())
    other.page.get_by_label("Name of the prompt").fill("Bob's lecture")
    other.expect_saved("failed")
    bench.page.get_by_label("Name of the prompt").fill("Ann's lecture")
    bench.expect_saved()
    other.page.unroute("**/draft")
    conflict = other.page.get_by_role("alert").filter(has_text="changed elsewhere")
    expect(conflict).to_contain_text("Ann's lecture")
    expect(conflict).to_contain_text("Bob's lecture")
    other.page.get_by_role("button", name="Keep mine").click()
    other.expect_saved()
    assert other.stored()["name"] == "Bob's lecture"


def test_somebody_elses_draft_can_be_gone_on_with(bench: Bench, other: Bench) -> None:
    say_name(bench.page, "Ann")
    bench.write(" By Ann.")
    bench.expect_saved()
    other.page.goto(f"{bench.served.url}/prompts/{bench.key}")
    say_name(other.page, "Bob")
    other.write(" By Bob.")
    other.expect_saved()
    bench.write(" More.")
    bench.expect_saved()
    other.page.get_by_role("button", name="Who else has a draft").click()
    other.page.get_by_role("menuitem", name="Go on with it").first.click()
    expect(other.messages.first).to_contain_text("By Ann. More.")
    other.page.get_by_role("button", name="Undo").click()
    expect(other.messages.first).to_contain_text("By Bob.")
