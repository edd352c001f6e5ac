"""Versions on their page: committed, compared, taken back, labelled, branched, merged; every state has a URL."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import Bench
from browser.test_people import say_name
from journeys.native import ask, post, put

Picture = Callable[[Page, str], None]


def commit(bench: Bench, message: str, version: str = "") -> None:
    """Commit the draft by the keyboard."""
    bench.page.keyboard.press("Control+Shift+S")
    dialog = bench.page.get_by_role("dialog")
    dialog.get_by_label("What changed, and why").fill(message)
    if version:
        dialog.get_by_label("Version").fill(version)
    dialog.get_by_role("button", name="Commit", exact=True).click()
    expect(dialog).to_have_count(0)


def choose(page: Page, menu: str, item: str) -> None:
    """Take an entry of a version's menu."""
    page.get_by_role("button", name=f"More for {menu}", exact=True).click()
    page.get_by_role("menuitem", name=item).click()


def move_label(page: Page, version: str, reason: str, keepers: str = "") -> None:
    """Point production at a version."""
    choose(page, version, "Move a label here")
    page.get_by_label("Why").fill(reason)
    if keepers:
        page.get_by_label("Only these people may move it").fill(keepers)
    page.get_by_role("button", name="Save").click()


def test_a_version_is_committed_compared_taken_back_and_released(bench: Bench, picture: Picture) -> None:
    page, versions = bench.page, f"{bench.served.url}/prompts/{bench.key}/versions"
    say_name(page, "Ann")
    expect(page.get_by_text("No version yet")).to_be_visible()
    commit(bench, "First words", "1.0.0")
    expect(page.get_by_text("Same as version 1.0.0")).to_be_visible()
    bench.write(" Be brief.")
    expect(page.get_by_text("Changed since version 1.0.0")).to_be_visible()
    commit(bench, "Shorter", "1.1.0")

    page.get_by_role("link", name="Versions").click()
    choose(page, "1.1.0", "What changed since 1.0.0")
    expect(page).to_have_url(f"{versions}?before=1.0.0&after=1.1.0")
    expect(page.locator("ins")).to_have_text(" Be brief.")
    picture(page, "versions")
    page.get_by_role("button", name="Swap the two").click()
    expect(page).to_have_url(f"{versions}?before=1.1.0&after=1.0.0")
    expect(page.locator("del")).to_have_text(" Be brief.")

    page.get_by_role("list", name="Versions").get_by_role("button", name=re.compile("First words")).click()
    expect(page).to_have_url(f"{versions}?version=1.0.0")
    page.get_by_role("button", name="Make it my draft").click()
    expect(page.get_by_text("Same as version 1.0.0")).to_be_visible()
    assert bench.stored(user="Ann")["draft"]["messages"][0]["content"] == "Tell me about {{topic}}."

    move_label(page, "1.0.0", "it is the first", keepers="Ann")
    expect(page.get_by_role("img", name="protected").first).to_be_visible()
    say_name(page, "Bob")
    move_label(page, "1.1.0", "mine is better")
    expect(page.get_by_role("alert")).to_contain_text("only Ann may move 'production'")
    page.keyboard.press("Escape")
    say_name(page, "Ann")
    move_label(page, "1.1.0", "measured")
    expect(page.get_by_role("dialog")).to_have_count(0)  # it is moved
    page.goto(versions)
    moves = page.get_by_role("region", name="Every move").get_by_role("listitem")
    expect(moves).to_have_count(2)
    expect(moves.first).to_contain_text("1.0.0 → 1.1.0")
    expect(moves.first).to_contain_text("measured")
    expect(moves.first).to_contain_text("Ann")


def test_a_label_is_dropped_with_a_reason(bench: Bench) -> None:
    page = bench.page
    commit(bench, "Begun")
    page.get_by_role("link", name="Versions").click()
    move_label(page, "1", "first")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{bench.served.url}/prompts/{bench.key}/versions")
    choose(page, "production", "Delete")
    asked = page.get_by_role("alertdialog")
    expect(asked.get_by_label("Why")).to_be_focused()
    asked.get_by_label("Why").fill("it was the wrong one")
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)
    moves = page.get_by_role("region", name="Every move").get_by_role("listitem")
    expect(moves.first).to_contain_text("1 → —")
    expect(moves.first).to_contain_text("it was the wrong one")
    assert ask(bench.served, "GET", f"/api/prompts/{bench.key}/labels")[1]["labels"] == []


def test_the_palette_jumps_to_a_version_and_to_where_a_label_points(bench: Bench) -> None:
    page, versions = bench.page, f"{bench.served.url}/prompts/{bench.key}/versions"
    path = f"/api/prompts/{bench.key}"
    for message in ("Begun", "Went on", "Ended"):
        assert post(bench.served, f"{path}/versions", {"message": message})[0] == 200
    assert post(bench.served, f"{path}/versions", {"message": "Renamed", "version": "3.1.0"})[0] == 200
    assert put(bench.served, f"{path}/labels/production", {"version": "2", "reason": "tried"})[0] == 200
    page.reload()
    for typed, version in (("v3", "%223%22"), ("v3.1", "3.1.0"), ("produc", "%222%22"), ("went on", "%222%22")):
        page.locator("body").press("Control+k")
        page.get_by_placeholder("Type a command").fill(typed)
        expect(page.locator("[cmdk-item][data-selected=true]")).to_contain_text(re.compile("v|production"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{versions}?version={version}")


def test_a_draft_that_is_behind_is_brought_up_to_date_where_it_is(bench: Bench) -> None:
    page, path = bench.page, f"/api/prompts/{bench.key}"
    commit(bench, "Begun")
    bench.write(" Be brief.")
    bench.expect_saved()
    theirs = {"messages": [{"role": "user", "content": "Tell me about {{topic}}."}], "model": "simulated/echo"}
    assert post(bench.served, f"{path}/versions", {"content": theirs, "author": "Bob", "message": "Echo"})[0] == 200
    page.reload()
    page.get_by_role("button", name="Take in 2").click()
    expect(page.get_by_role("button", name="Model: simulated/echo")).to_be_visible()
    expect(bench.messages.first).to_have_text("Tell me about {{topic}}. Be brief.")
    expect(page.get_by_text("Changed since version 2")).to_be_visible()
    expect(page.get_by_role("button", name="Take in")).to_have_count(0)
    stored = bench.stored()
    assert (stored["base"], stored["draft"]["model"]) == ("2", "simulated/echo")
    assert len(ask(bench.served, "GET", f"{path}/versions")[1]["versions"]) == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Model: simulated/typewriter")).to_be_visible()


def test_what_both_changed_is_decided_and_taken_into_the_draft_alone(bench: Bench) -> None:
    page, path = bench.page, f"/api/prompts/{bench.key}"
    commit(bench, "Begun")
    bench.write(" In German.")
    bench.expect_saved()
    theirs = {
        "messages": [{"role": "user", "content": "Tell me about {{topic}}. In French."}],
        "model": "simulated/echo",
    }
    assert post(bench.served, f"{path}/versions", {"content": theirs, "author": "Bob"})[0] == 200
    page.reload()
    page.get_by_role("button", name="Take in 2").click()
    expect(page).to_have_url(re.compile(r"merge=main&into=main"))
    expect(page.get_by_role("button", name="Only into my draft")).to_be_disabled()
    page.get_by_role("group", name="messages[0].content").get_by_label("Ours").check()
    page.get_by_role("button", name="Only into my draft").click()
    expect(page).to_have_url(f"{bench.served.url}/prompts/{bench.key}")
    expect(bench.messages.first).to_have_text("Tell me about {{topic}}. In German.")
    expect(page.get_by_text("Changed since version 2")).to_be_visible()
    assert len(ask(bench.served, "GET", f"{path}/versions")[1]["versions"]) == 2


def test_a_branch_is_made_committed_to_merged_and_deleted(bench: Bench) -> None:
    page, path = bench.page, f"/api/prompts/{bench.key}"
    commit(bench, "Begun")
    page.get_by_role("link", name="Versions").click()
    choose(page, "1", "New branch from here")
    page.get_by_label("Name of the branch").fill("try")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Branch try")).to_be_visible()
    page.get_by_role("link", name="Write").click()
    bench.write(" Try.")
    page.keyboard.press("Control+Shift+S")
    page.get_by_role("combobox", name="Branch").click()
    page.get_by_role("option", name="try").click()
    page.get_by_role("button", name="Commit", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("link", name="Versions").click()
    page.get_by_role("button", name="Branch try").click()
    page.get_by_role("menuitem", name="Merge into main").click()
    expect(page).to_have_url(re.compile(r"merge=try&into=main"))
    page.get_by_role("button", name="Commit the merge").click()
    expect(page).to_have_url(re.compile(r"version=%223%22$"))
    _, listed = ask(bench.served, "GET", f"{path}/versions")
    assert next((one["version"], one["branch"], one["parents"]) for one in listed["versions"]) == (
        "3",
        "main",
        ["1", "2"],
    )
    page.get_by_role("button", name="Branch try").click()
    page.get_by_role("menuitem", name="Delete the branch").click()
    expect(page.get_by_role("button", name="Branch try")).to_have_count(0)


def test_a_conflict_is_decided_and_the_merge_has_both_parents(bench: Bench, picture: Picture) -> None:
    page, path = bench.page, f"/api/prompts/{bench.key}"
    commit(bench, "Begun")
    model = "simulated/echo"
    theirs = {"messages": [{"role": "user", "content": "Tell me about {{topic}}. In French."}], "model": model}
    assert post(bench.served, f"{path}/versions", {"content": theirs, "author": "Bob"})[0] == 200
    bench.write(" In German.")
    bench.expect_saved()
    page.keyboard.press("Control+Shift+S")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("main is at 2")
    page.get_by_role("button", name="Merge").click()
    card = page.get_by_role("group", name="messages[0].content")
    expect(card).to_contain_text("In German.")
    expect(card).to_contain_text("In French.")
    picture(page, "merge")
    expect(page.get_by_role("button", name="Commit the merge")).to_be_disabled()
    card.get_by_label("Write it anew").first.check()
    card.get_by_role("textbox").fill("Tell me about {{topic}}. In German, then in French.")
    page.get_by_role("button", name="Commit the merge").click()
    expect(page).to_have_url(re.compile(r"version=%223%22$"))
    _, made = ask(bench.served, "GET", f"{path}/fetch?version=3")
    assert made["version"]["parents"] == ["2", "1"]
    assert made["content"]["messages"][0]["content"] == "Tell me about {{topic}}. In German, then in French."
    assert made["content"]["model"] == model
    page.get_by_role("link", name="Write").click()
    expect(bench.messages.first).to_contain_text("In German, then in French.")
    expect(page.get_by_text("Same as version 3")).to_be_visible()


def test_the_page_speaks_chinese(bench: Bench) -> None:
    put(bench.served, f"/api/prompts/{bench.key}/draft", {"name": "讲座"})
    bench.page.evaluate("localStorage.setItem('promptwire.preferences', JSON.stringify({language: 'zh'}))")
    bench.page.goto(f"{bench.served.url}/prompts/{bench.key}/versions")
    expect(bench.page.get_by_role("link", name="版本")).to_be_visible()
    expect(bench.page.get_by_text("还没有版本")).to_be_visible()
    bench.page.keyboard.press("Control+Shift+S")
    expect(bench.page.get_by_role("dialog", name="提交版本")).to_be_visible()
    bench.page.keyboard.press("Escape")
    expect(bench.page.get_by_role("dialog")).to_have_count(0)
