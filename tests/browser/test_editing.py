"""What is written is kept: variables appear while typing, drafts save themselves, and two tabs lose nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.bench import Bench
from journeys.native import put
from journeys.served import Served

Picture = Callable[[Page, str], None]


def test_a_newcomer_lands_on_the_demo_and_it_types(page: Page, served: Served, picture: Picture) -> None:
    page.goto(f"{served.url}/prompts/demo")
    bench = Bench(page, served, "demo")
    bench.run()
    bench.expect_done()
    picture(page, "demo")


def test_a_variable_appears_as_it_is_typed_and_goes_with_its_text(bench: Bench) -> None:
    bench.write(" In {{ton")
    expect(bench.page.get_by_label("tone", exact=True)).to_have_count(0)
    bench.page.keyboard.type("e}}")
    expect(bench.page.get_by_label("tone", exact=True)).to_be_visible()
    for _ in range(4):
        bench.page.keyboard.press("Backspace")
    expect(bench.page.get_by_label("tone", exact=True)).to_have_count(0)


def test_a_known_variable_is_suggested(bench: Bench) -> None:
    bench.write(" Again {{to")
    bench.page.get_by_role("option", name="topic").click()
    expect(bench.messages.first).to_contain_text("Again {{topic}}")


def test_an_edit_saves_itself_and_is_there_after_a_reload(bench: Bench) -> None:
    bench.expect_saved()
    bench.write(" Be brief.")
    bench.expect_saved("waiting")
    bench.expect_saved()
    assert bench.stored()["draft"]["messages"][0]["content"] == "Tell me about {{topic}}. Be brief."
    bench.open()
    expect(bench.messages.first).to_contain_text("Be brief.")


def test_what_could_not_be_saved_survives_a_reload(bench: Bench) -> None:
    bench.page.route("**/draft", lambda route: route.abort())
    bench.write(" Kept.")
    bench.expect_saved("failed")
    bench.page.on("dialog", lambda dialog: dialog.accept())
    bench.page.unroute("**/draft")
    bench.page.reload()
    expect(bench.messages.first).to_contain_text("Kept.")
    bench.expect_saved()
    assert bench.stored()["draft"]["messages"][0]["content"].endswith("Kept.")


def test_messages_are_added_moved_and_taken_back(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("button", name="Add message").click()
    page.keyboard.type("An answer")
    expect(bench.messages).to_have_count(2)
    page.get_by_role("button", name="More for this message").last.click()
    page.get_by_role("menuitem", name="Move up").click()
    expect(bench.messages.first).to_contain_text("An answer")
    page.get_by_role("button", name="More for this message").first.click()
    page.get_by_role("menuitem", name="Delete message").click()
    expect(bench.messages).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(bench.messages.first).to_contain_text("An answer")
    bench.expect_saved()
    assert [message["role"] for message in bench.stored()["draft"]["messages"]] == ["assistant", "user"]


def test_model_and_parameters_are_kept_with_the_prompt(bench: Bench) -> None:
    page = bench.page
    bench.choose_model("simulated/echo")
    page.get_by_role("button", name="Parameters").click()
    page.get_by_label("Temperature").fill("0.3")
    page.get_by_label("Maximum tokens").fill("7")
    page.get_by_label("Top P").fill("7")
    expect(page.get_by_text("Not a number the model takes")).to_be_visible()
    page.keyboard.press("Escape")
    bench.expect_saved()
    draft = bench.stored()["draft"]
    assert (draft["model"], draft["parameters"]) == ("simulated/echo", {"temperature": 0.3, "max_tokens": 7})
    bench.set_variable("topic", "one two three four five six seven eight")
    bench.run()
    expect(page.get_by_text("Cut at the maximum of tokens")).to_be_visible()


@pytest.mark.parametrize("choice", ["Keep mine", "Take theirs"])
def test_two_tabs_on_one_prompt_lose_nothing(
    bench: Bench, context: BrowserContext, choice: str, picture: Picture
) -> None:
    other = Bench(context.new_page(), bench.served, bench.key)
    other.open()
    bench.write(" From the first tab.")
    bench.expect_saved()
    other.write(" From the second tab.")
    conflict = other.page.get_by_role("alert").filter(has_text="changed elsewhere")
    expect(conflict).to_contain_text("From the first tab.")
    expect(conflict).to_contain_text("From the second tab.")
    picture(other.page, "conflict")
    other.page.get_by_role("button", name=choice).click()
    other.expect_saved()
    mine, theirs = " From the second tab.", " From the first tab."
    kept = mine if choice == "Keep mine" else theirs
    expect(other.messages.first).to_contain_text(kept)
    assert other.stored()["draft"]["messages"][0]["content"].endswith(kept)
    if choice == "Take theirs":
        other.page.get_by_role("button", name="Undo").click()
        expect(other.messages.first).to_contain_text(mine)


def test_a_prompt_changed_elsewhere_is_shown_when_nothing_is_unsaved(bench: Bench) -> None:
    draft = {"messages": [{"role": "user", "content": "Written by a program"}], "model": "simulated/echo"}
    status, _ = put(bench.served, f"/api/prompts/{bench.key}/draft", {"draft": draft})
    assert status == 200
    expect(bench.messages.first).to_contain_text("Written by a program", timeout=20_000)


def test_a_new_prompt_gets_a_key_from_its_name(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/prompts/demo")
    page.get_by_role("button", name="New prompt").click()
    page.get_by_label("Name", exact=True).fill("Réponse à un client")
    expect(page.get_by_label("Key", exact=True)).to_have_value("reponse-a-un-client")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(f"{served.url}/prompts/reponse-a-un-client")
    expect(page.get_by_label("question", exact=True)).to_be_visible()


def test_a_key_that_is_taken_is_said_in_the_form(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/prompts/demo")
    page.get_by_role("button", name="New prompt").click()
    page.get_by_label("Name", exact=True).fill("Demo")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("dialog")).to_be_visible()
