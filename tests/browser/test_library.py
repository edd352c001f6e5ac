"""The list of prompts: found by words, folders and tags, put in order together, and fetched out of the trash."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from journeys.native import ask, post
from journeys.served import Served, serving

Picture = Callable[[Page, str], None]
NUMBERS = itertools.count(1)


@pytest.fixture
def shelf(page: Page, served: Served) -> str:
    """A folder of the test's own with three prompts in it, on the page of all prompts."""
    folder = f"shelf{next(NUMBERS)}"
    for name, text in (("Refund", "Say sorry"), ("Greeting", "Say hello"), ("Farewell", "Say goodbye")):
        draft = {"messages": [{"role": "user", "content": f"{text} from {folder}."}], "model": "simulated/echo"}
        body = {"key": f"{folder}-{name.lower()}", "name": f"{name} {folder}", "draft": draft, "folder": folder}
        assert post(served, "/api/prompts", body)[0] == 200
    page.goto(f"{served.url}/prompts?folder={folder}")
    expect(rows(page)).to_have_count(3)
    return folder


def rows(page: Page) -> Locator:
    """The prompts that are listed."""
    return page.locator("main").get_by_role("listitem").filter(has=page.get_by_role("checkbox"))


def test_prompts_are_found_by_what_they_say_and_the_address_remembers(page: Page, shelf: str, picture: Picture) -> None:
    page.get_by_label("Name, key, text…").fill("hello")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text(f"Say hello from {shelf}.")).to_be_visible()
    page.reload()
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Name, key, text…").fill("")
    expect(rows(page)).to_have_count(3)
    page.get_by_label("Order").click()
    page.get_by_role("option", name="By name").click()
    expect(rows(page).first).to_contain_text("Farewell")
    assert "order=name" in page.url
    picture(page, "library")
    rows(page).first.get_by_role("link").click()
    expect(page).to_have_url(f"{page.url.split('/prompts')[0]}/prompts/{shelf}-farewell")


def test_a_kind_is_seen_and_chosen_by_and_the_address_remembers(page: Page, served: Served, shelf: str) -> None:
    draft = {"messages": [{"role": "user", "content": "Be kind."}], "model": "simulated/echo"}
    body = {"key": f"{shelf}-tone", "draft": draft, "folder": shelf, "kind": "snippet"}
    assert post(served, "/api/prompts", body)[0] == 200
    page.reload()
    expect(rows(page)).to_have_count(4)
    expect(rows(page).filter(has_text="Refund")).to_contain_text("Chat")
    page.get_by_label("Folders and tags").get_by_role("button", name="Snippet").click()
    expect(page).to_have_url(f"{served.url}/prompts?folder={shelf}&kind=snippet")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Snippet")
    page.reload()
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Folders and tags").get_by_role("button", name="Snippet").click()
    expect(rows(page)).to_have_count(4)


def test_several_are_moved_and_tagged_together(page: Page, shelf: str) -> None:
    page.get_by_label(f"Choose Refund {shelf}").check()
    page.get_by_label(f"Choose Greeting {shelf}").check()
    page.get_by_label("Move", exact=True).fill(f"{shelf}/north")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_label("Folders and tags").get_by_role("button", name="north").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Choose all on this page").check()
    page.get_by_label("Add tag").fill(f"eu-{shelf}")
    page.get_by_role("button", name="Add tag").click()
    page.get_by_label("Folders and tags").get_by_role("button", name="All prompts").click()
    page.get_by_label("Folders and tags").get_by_role("button", name=f"eu-{shelf}").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_label(f"Choose Refund {shelf}").check()
    page.get_by_label("Take tag away").fill(f"eu-{shelf}")
    page.get_by_role("button", name="Take tag away").click()
    expect(rows(page)).to_have_count(1)


def test_one_is_renamed_and_duplicated(page: Page, served: Served, shelf: str) -> None:
    page.get_by_role("button", name=f"More for Refund {shelf}").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Name of the prompt").fill(f"Money back {shelf}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("link", name=f"Money back {shelf}")).to_be_visible()
    page.get_by_role("button", name=f"More for Money back {shelf}").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page).to_have_url(f"{served.url}/prompts/{shelf}-refund-copy")
    expect(page.get_by_label("Name of the prompt")).to_have_value(f"Copy of Money back {shelf}")


def test_a_deleted_prompt_is_fetched_out_of_the_trash(page: Page, served: Served, shelf: str) -> None:
    page.get_by_role("button", name=f"More for Refund {shelf}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Cancel").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name=f"More for Refund {shelf}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(rows(page)).to_have_count(2)
    assert ask(served, "GET", f"/api/prompts/{shelf}-refund")[0] == 404
    page.get_by_label("Folders and tags").get_by_role("button", name="Trash").click()
    page.get_by_role("listitem").filter(has_text=f"{shelf}-refund").get_by_role("button", name="Restore").click()
    expect(page.get_by_text(f"{shelf}-refund")).to_have_count(0)
    page.goto(f"{served.url}/prompts?folder={shelf}")
    expect(rows(page)).to_have_count(3)


def test_the_list_at_the_left_shows_folders(page: Page, shelf: str) -> None:
    beside = page.get_by_role("navigation", name="Prompts", exact=True)
    expect(beside.get_by_role("link", name=f"Refund {shelf}")).to_have_count(0)
    beside.get_by_role("button", name=shelf).click()
    beside.get_by_role("link", name=f"Refund {shelf}").click()
    expect(page.get_by_label("Name of the prompt")).to_have_value(f"Refund {shelf}")
    beside.get_by_label("Find a prompt").fill(f"goodbye {shelf}")
    expect(beside.get_by_role("link")).to_have_count(2)  # what is found, and the way to all prompts


def test_the_palette_finds_a_prompt_by_what_it_says(page: Page, served: Served, shelf: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(f"goodbye {shelf}")
    page.get_by_role("option", name=f"Farewell {shelf}").click()
    expect(page).to_have_url(f"{served.url}/prompts/{shelf}-farewell")
    page.keyboard.press("Control+k")
    page.keyboard.type("trash")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/prompts?trashed=true")


def test_a_question_mark_shows_the_shortcuts(page: Page, shelf: str) -> None:
    page.locator("body").press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_contain_text("Set the others against this one")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Name, key, text…").press_sequentially("what?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_two_thousand_prompts_stay_quick(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        for number in range(2_000):
            text = f"Prompt number {number} says {'needle' if number == 777 else 'hay'} {'word ' * 50}"
            body = {
                "key": f"many-{number:04}",
                "name": f"Prompt {number}",
                "folder": f"team{number % 20}/area{number % 3}",
                "tags": [f"tag{number % 7}"],
                "draft": {"messages": [{"role": "user", "content": text}], "model": "simulated/echo"},
            }
            assert post(served, "/api/prompts", body)[0] == 200
        page.goto(f"{served.url}/prompts")
        expect(page.get_by_text("1 of 41")).to_be_visible()
        expect(rows(page)).to_have_count(50)
        page.get_by_label("Name, key, text…").fill("needle")
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text("many-0777")
