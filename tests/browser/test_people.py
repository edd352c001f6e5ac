"""Several people at one prompt: each is known by a name, and nobody's work is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.bench import Bench


def say_name(page: Page, name: str) -> None:
    """Tell the console who this is."""
    page.get_by_role("button", name="Preferences").click()
    page.get_by_role("menuitem").first.click()
    page.get_by_role("textbox", name="Your name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


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
