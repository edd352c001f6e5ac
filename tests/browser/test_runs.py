"""Runs are kept: looked up as a person does, seen with their trace, run again, opened where prompts are written."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import Bench

Picture = Callable[[Page, str], None]


def open_runs(bench: Bench) -> None:
    bench.page.get_by_role("link", name="Runs", exact=True).click()
    expect(bench.page.get_by_role("columnheader", name="Started")).to_be_visible()


def ran(bench: Bench, topic: str, model: str = "simulated/echo") -> None:
    bench.choose_model(model)
    bench.set_variable("topic", topic)
    bench.run()
    bench.expect_done()


def test_what_ended_well_failed_or_was_stopped_is_in_the_list(bench: Bench, picture: Picture) -> None:
    page = bench.page
    ran(bench, "ribbons")
    bench.choose_model("simulated/nobody")
    bench.run()
    expect(bench.error).to_contain_text("not_found")
    bench.choose_model("simulated/typewriter")
    bench.answer_long()
    bench.run()
    expect(bench.answer).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped by you")).to_be_visible()
    open_runs(bench)
    expect(page.locator("tbody [data-status]")).to_have_text(["Stopped", "Failed", "Done"])
    picture(page, "runs")
    page.locator("tbody tr").first.click()
    stopped = page.get_by_role("article", name="As it ran")
    expect(stopped).to_contain_text("The run was stopped, or its reader left")
    expect(stopped.get_by_role("alert")).to_have_count(0)
    page.go_back()
    page.get_by_role("combobox", name="Ended").click()
    page.get_by_role("option", name="Failed", exact=True).click()
    expect(page.locator("tbody [data-status]")).to_have_text(["Failed"])
    assert "status=failed" in page.url
    page.reload()
    expect(page.locator("tbody [data-status]")).to_have_text(["Failed"])
    page.goto(f"{bench.served.url}/prompts/{bench.key}/runs?text=ribbons&status=done")
    expect(page.locator("tbody tr")).to_contain_text("ribbons")
    page.get_by_label("Text", exact=True).fill("nowhere")
    expect(page.get_by_text("No run fits")).to_be_visible()


def test_an_answer_leads_to_its_run_and_trace(bench: Bench, picture: Picture) -> None:
    page = bench.page
    ran(bench, "traces", "openai/simulated/echo")
    page.get_by_role("link", name="Trace").click()
    spans = page.get_by_role("list", name="Spans").get_by_role("button")
    expect(spans).to_have_count(4)
    expect(spans.nth(2)).to_contain_text("chat openai/simulated/echo")
    spans.nth(3).click()
    expect(page.get_by_role("complementary").get_by_text("gen_ai.provider.name")).to_be_visible()
    assert "span=" in page.url
    picture(page, "trace")
    page.get_by_role("link", name="Run", exact=True).click()
    expect(page.get_by_role("article", name="As it ran")).to_contain_text("Tell me about traces.")


def test_a_run_is_repeated_beside_itself(bench: Bench) -> None:
    page = bench.page
    ran(bench, "echoes")
    bench.page.get_by_role("link", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="What the model was asked")).to_be_visible()
    page.get_by_role("button", name="Replay", exact=True).click()
    again = page.get_by_role("article", name="Replay")
    expect(again).to_contain_text("The same as the reference")
    again.get_by_role("link", name="Run", exact=True).click()
    page.get_by_role("link", name="Repeats this run").click()
    expect(page.get_by_role("link", name="Repeats this run")).to_have_count(0)


def test_a_run_is_repeated_on_another_model_and_the_address_says_which(bench: Bench) -> None:
    page = bench.page
    ran(bench, "mirrors")
    page.get_by_role("link", name="Run", exact=True).click()
    page.get_by_role("button", name="Model: simulated/echo, as it ran").click()
    page.get_by_placeholder("Find a model").fill("simulated/typewriter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?model=simulated%2Ftypewriter$"))
    page.reload()
    expect(page.get_by_role("button", name="Model: simulated/typewriter")).to_be_visible()
    page.get_by_role("button", name="Replay", exact=True).click()
    again = page.get_by_role("article", name="Replay")
    expect(again.get_by_role("heading", name="Replay · simulated/typewriter")).to_be_visible()
    again.get_by_role("link", name="Run", exact=True).click(timeout=60_000)
    expect(page.get_by_role("link", name="Repeats this run")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="simulated/typewriter")).to_be_visible()


def test_a_run_is_opened_where_prompts_are_written_and_undone(bench: Bench) -> None:
    page = bench.page
    ran(bench, "then")
    bench.write(" And more.")
    bench.set_variable("topic", "now")
    bench.expect_saved()
    open_runs(bench)
    page.locator("tbody tr").get_by_role("link").click()
    page.get_by_role("button", name="Open in the workbench").click()
    expect(bench.messages.first).to_have_text("Tell me about {{topic}}.")
    expect(page.get_by_label("topic", exact=True)).to_have_value("then")
    page.get_by_role("button", name="Undo").click()
    expect(bench.messages.first).to_have_text("Tell me about {{topic}}. And more.")
