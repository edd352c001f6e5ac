"""An answer types itself on the page, stops when told, and never passes a cut for an end."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import WATCH_PAINTS, Bench
from browser.vendor import Vendor

TOLD_WITHIN_S = 0.2
Picture = Callable[[Page, str], None]


def test_the_answer_arrives_in_separate_paints(bench: Bench, picture: Picture) -> None:
    bench.page.evaluate(WATCH_PAINTS)
    bench.set_variable("topic", "printing")
    bench.run()
    expect(bench.answer).to_contain_text("printing")
    picture(bench.page, "typing")
    bench.expect_done()
    paints: list[int] = bench.page.evaluate("window.paints")
    assert len(paints) >= 3, paints
    assert paints == sorted(set(paints))


def test_the_figures_come_alive_and_stay(bench: Bench) -> None:
    bench.set_variable("topic", "figures")
    bench.run()
    bench.expect_done()
    figures = bench.page.get_by_role("definition").all_inner_texts()
    first, per_second, tokens, time = figures[:4]
    assert first.endswith("ms")
    assert float(per_second) > 0
    assert int(tokens.split()[0]) > 10
    assert time.endswith(" s")


def test_stop_reaches_the_vendor_at_once(bench: Bench, vendor: Vendor) -> None:
    bench.choose_model("openai/simulated/typewriter")
    bench.set_variable("topic", "stopping")
    bench.answer_long()
    told = vendor.told_to_stop
    bench.run()
    vendor.until_active()
    expect(bench.answer).not_to_be_empty()
    bench.page.evaluate("addEventListener('click', () => { window.clicked = Date.now() / 1000; }, {capture: true})")
    bench.stop()
    stopped = vendor.stopped_at()
    assert vendor.told_to_stop == told + 1
    assert stopped - bench.page.evaluate("window.clicked") < TOLD_WITHIN_S
    expect(bench.page.get_by_text("Stopped by you")).to_be_visible()
    expect(bench.answer).not_to_be_empty()


def test_leaving_the_page_reaches_the_vendor(bench: Bench, vendor: Vendor) -> None:
    bench.choose_model("openai/simulated/typewriter")
    bench.set_variable("topic", "leaving")
    bench.answer_long()
    told = vendor.told_to_stop
    bench.run()
    vendor.until_active()
    bench.page.goto("about:blank")
    vendor.stopped_at()
    assert vendor.told_to_stop == told + 1


def fault(bench: Bench, kind: str, at: int) -> None:
    """Tell the simulated model to fail."""
    bench.page.get_by_role("button", name="Parameters").click()
    bench.page.get_by_role("combobox", name="Fault").click()
    bench.page.get_by_role("option", name=kind).click()
    bench.page.get_by_label("Before packet").fill(str(at))
    bench.page.keyboard.press("Escape")


def test_a_cut_shows_an_error_under_the_text_that_came(bench: Bench, picture: Picture) -> None:
    bench.set_variable("topic", "cuts")
    fault(bench, "Connection cut", 30)
    bench.run()
    expect(bench.error).to_contain_text("The stream was cut")
    expect(bench.error).to_contain_text("upstream_cut")
    expect(bench.error).to_contain_text("mid_stream")
    expect(bench.error).to_contain_text("kept above")
    expect(bench.answer).not_to_be_empty()
    expect(bench.page.get_by_text("Complete", exact=True)).to_have_count(0)
    picture(bench.page, "error")


def test_a_refusal_before_the_first_token_says_why_and_when_to_try_again(bench: Bench) -> None:
    bench.set_variable("topic", "limits")
    fault(bench, "Rate limit", 0)
    bench.run()
    expect(bench.error).to_contain_text("rate_limited")
    expect(bench.error).to_contain_text("42901")
    expect(bench.answer).to_be_empty()


def test_a_server_that_is_not_there_is_said_in_words(bench: Bench) -> None:
    bench.set_variable("topic", "absence")
    bench.page.route("**/run", lambda route: route.abort())
    bench.run()
    expect(bench.error).to_contain_text("Promptwire did not answer")


def test_a_missing_value_is_asked_for_and_nothing_is_sent(bench: Bench) -> None:
    bench.run()
    field = bench.page.get_by_label("topic", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(bench.page.get_by_text("Needs a value")).to_be_visible()
    expect(bench.answer).to_be_empty()
