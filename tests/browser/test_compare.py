"""Several answers to one prompt, side by side, set against the first, under the keyboard too."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from playwright.sync_api import Page, expect

from browser.bench import Bench

Picture = Callable[[Page, str], None]


def test_two_models_answer_side_by_side_and_differences_are_marked(bench: Bench, picture: Picture) -> None:
    page = bench.page
    bench.set_variable("topic", "carbon paper")
    page.get_by_role("button", name="Compare models").click()
    reference, other = page.get_by_role("article", name="Reference"), page.get_by_role("article", name="Answer 2")
    expect(reference).to_contain_text("simulated/typewriter")
    expect(other).to_contain_text("simulated/echo")
    bench.run()
    for pane in (reference, other):
        expect(pane.get_by_text("Complete", exact=True)).to_be_visible()
        expect(pane.get_by_role("definition").first).to_contain_text("ms")
    expect(other).to_contain_text("words of the reference are not here")
    expect(other.locator("[data-answer]")).to_have_text("Tell me about carbon paper.")
    picture(page, "compare")


def test_the_same_model_twice_is_alike(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "twins")
    page.goto(f'{bench.served.url}/prompts/{bench.key}?panes=["simulated/echo","simulated/echo"]')
    bench.run()
    expect(page.get_by_text("The same as the reference")).to_be_visible()


def test_panes_come_and_go_and_are_in_the_address(bench: Bench) -> None:
    page = bench.page
    page.get_by_role("button", name="Compare models").click()
    page.get_by_role("button", name="Add a pane").click()
    expect(page.get_by_role("article")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
    assert unquote(page.url).count("simulated/") == 3
    page.get_by_role("button", name="Take Answer 2 away").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="Compare models").click()
    expect(page.get_by_role("article")).to_have_count(0)
    assert "panes" not in page.url


def test_one_stop_stops_all_and_arrows_walk_between_answers(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "stopping")
    page.goto(f'{bench.served.url}/prompts/{bench.key}?panes=["simulated/typewriter","simulated/typewriter"]')
    expect(page.get_by_role("article")).to_have_count(2)
    page.keyboard.press("Control+Enter")
    for answer in bench.answer.all():
        expect(answer).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped by you")).to_have_count(2)
    page.get_by_role("region", name="Reference").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("region", name="Answer 2")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("region", name="Reference")).to_be_focused()
