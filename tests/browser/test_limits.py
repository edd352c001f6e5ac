"""Limits, budgets and moderation: written on the page, held on the wire, watched while they fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.native import ask, put
from journeys.served import Served, serving
from servers import redis_of_its_own

Picture = Callable[[Page, str], None]


@pytest.fixture(autouse=True)
def nothing_left(served: Served) -> Iterator[None]:
    """What one test forbids, the next may do."""
    yield
    for path, member in (("limits", "limits"), ("budgets", "budgets"), ("moderation", "rule_sets")):
        for row in ask(served, "GET", f"/api/{path}")[1][member]:
            assert ask(served, "DELETE", f"/api/{path}/{row['id']}")[0] == 200


def open_limits(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/limits")
    expect(page.get_by_role("heading", name="Limits").first).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_limit_holds_and_its_gauge_fills_while_it_is_watched(
    bench: Bench, page: Page, served: Served, picture: Picture
) -> None:
    watcher = page.context.new_page()
    open_limits(watcher, served)
    watcher.get_by_role("button", name="Add limit").click()
    watcher.get_by_label("Name", exact=True).fill("few")
    watcher.get_by_label("At most").fill("1")
    watcher.get_by_label("Model", exact=True).fill("simulated/echo")
    save(watcher)
    line = watcher.get_by_role("listitem", name="few")
    expect(line).to_contain_text("1 requests in 60 s · Model simulated/echo")
    expect(line).to_contain_text("Not used yet")

    bench.choose_model("simulated/echo")
    bench.set_variable("topic", "limits")
    bench.run()
    bench.expect_done()
    expect(line.get_by_role("meter")).to_have_count(1)
    expect(line.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0")
    picture(watcher, "limits")
    bench.run()
    expect(bench.error).to_contain_text("rate_limited")
    expect(bench.error.get_by_role("button", name="Try again in")).to_be_visible()


def test_a_budget_shows_what_is_spent_and_is_edited(page: Page, served: Served) -> None:
    open_limits(page, served)
    page.get_by_role("button", name="Add budget").click()
    page.get_by_label("Name", exact=True).fill("purse")
    page.get_by_label("US dollars").fill("5")
    save(page)
    line = page.get_by_role("listitem", name="purse")
    expect(line).to_contain_text("$5.00 a day")
    page.get_by_role("button", name="More for purse").click()
    page.get_by_role("menuitem", name="Edit").click()
    page.get_by_label("US dollars").fill("7")
    save(page)
    expect(line).to_contain_text("$7.00 a day")


def test_a_forbidden_word_is_never_shown(bench: Bench, page: Page, served: Served) -> None:
    open_limits(page, served)
    page.get_by_role("button", name="Add rule set").click()
    page.get_by_label("Name", exact=True).fill("house")
    page.get_by_role("combobox", name="Where").click()
    page.get_by_role("option", name="Answer", exact=True).click()
    page.get_by_label("Words").fill("forbidden")
    save(page)
    expect(page.get_by_role("listitem", name="house")).to_contain_text("version 1")
    bench.open()
    bench.choose_model("simulated/echo")
    bench.set_variable("topic", "what is forbidden here")
    bench.run()
    expect(bench.error).to_contain_text("moderation_output")
    expect(bench.answer).not_to_contain_text("forb")


def test_what_the_server_refuses_is_said_in_the_form(page: Page, served: Served) -> None:
    open_limits(page, served)
    page.get_by_role("button", name="Add limit").click()
    name = page.get_by_label("Name", exact=True)
    page.get_by_role("button", name="Save").click()
    assert name.evaluate("field => field.matches(':focus:invalid')")
    name.fill("nothing")
    page.get_by_label("At most").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()


def test_a_limit_whose_counters_are_lost_says_what_holds(page: Page, tmp_path: Path) -> None:
    with redis_of_its_own(tmp_path) as (url, redis), serving(tmp_path / "own", PROMPTWIRE_REDIS_URL=url) as served:
        for name in ("closed", "open", "share"):
            limit = {"kind": "requests", "amount": 600, "when_lost": name}
            assert put(served, f"/api/limits/{name}", limit)[0] == 200
        open_limits(page, served)
        expect(page.get_by_role("listitem", name="closed")).to_contain_text("Not used yet")
        redis.kill()
        for name, words in (("closed", "Refuse"), ("open", "Let pass"), ("share", "Count a share here")):
            expect(page.get_by_role("listitem", name=name)).to_contain_text(f"counters out of reach: {words}")


def test_a_rule_that_asks_a_judge_is_written_whole(page: Page, served: Served) -> None:
    open_limits(page, served)
    page.get_by_role("button", name="Add rule set").click()
    page.get_by_label("Name", exact=True).fill("judged")
    page.get_by_role("combobox", name="What it looks for").click()
    page.get_by_role("option", name="A model", exact=False).click()
    page.get_by_role("combobox", name="What happens").click()
    expect(page.get_by_role("option")).to_have_count(1)  # who is asked can only stop
    page.keyboard.press("Escape")
    page.get_by_label("Model that judges").fill("simulated/echo")
    page.get_by_role("combobox", name="How it waits").click()
    page.get_by_role("option", name="Let a little run ahead").click()
    page.get_by_label("Characters a question").fill("120")
    page.get_by_label("Of them asked before").fill("30")
    page.get_by_label("Characters ahead").fill("90")
    page.get_by_label("Longest wait, s").fill("2")
    page.get_by_role("combobox", name="Without an answer").click()
    page.get_by_role("option", name="Let pass").click()
    save(page)
    [stored] = ask(served, "GET", "/api/moderation")[1]["rule_sets"]
    [rule] = stored["rules"]
    wanted = {"kind": "judge", "action": "stop", "mode": "lag", "block_chars": 120, "overlap_chars": 30}
    wanted |= {"lag_chars": 90, "timeout_s": 2, "open_when_lost": True, "model": "simulated/echo"}
    assert {name: rule[name] for name in wanted} == wanted
