"""A connection that breaks in the middle of an answer is made anew, and nothing is missing or asked twice."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.bench import Bench
from browser.vendor import Vendor
from browser.wire import wired

CUTS = 5
LONGER = "(length) => (document.querySelector('[data-answer]')?.textContent.length ?? 0) > length"


def test_an_answer_survives_a_broken_connection(bench: Bench, vendor: Vendor) -> None:
    bench.choose_model("openai/simulated/typewriter")
    bench.set_variable("topic", "broken wires")
    bench.run()
    bench.expect_done()
    whole = bench.answer.inner_text()
    requests = vendor.requests
    bench.expect_saved()
    with wired(bench.served.url) as wire:
        bench.page.goto(f"{wire.url}/prompts/{bench.key}")
        bench.set_variable("topic", "broken wires")
        bench.run()
        for cut in range(CUTS):
            bench.page.wait_for_function(LONGER, arg=40 * (cut + 1))
            assert wire.cut() > 0
        bench.expect_done()
        expect(bench.answer).to_have_text(whole)
        assert vendor.requests == requests + 1
        bench.page.goto("about:blank")
