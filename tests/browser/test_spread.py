"""The same run several times over: how many answers there are, and how they spread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.native import put

Picture = Callable[[Page, str], None]


def draw_lots(bench: Bench) -> None:
    """A prompt whose text is another one by chance, and a model that says it back."""
    text = "{{ ['the red one', 'the blue one', 'no idea'] | random }}"
    draft = {"messages": [{"role": "user", "content": text}], "model": "simulated/echo", "engine": "jinja2"}
    status, said = put(bench.served, f"/api/prompts/{bench.key}/draft", {"draft": draft})
    assert status == 200, said
    bench.open()


def test_answers_are_counted_and_paged_through(bench: Bench, picture: Picture) -> None:
    page = bench.page
    draw_lots(bench)
    page.get_by_role("button", name="Repeat the run").click()
    page.get_by_label("How often").click()
    page.get_by_role("option", name="10 runs").click()
    bench.run()
    expect(page.get_by_text("10 of 10 complete")).to_be_visible()
    answers: list[str] = []
    for number in range(1, 11):
        page.get_by_role("button", name=f"Run {number}", exact=True).click()
        expect(page.get_by_role("region", name=f"Run {number}", exact=True)).to_be_visible()
        answers.append(bench.answer.inner_text())
    counted = Counter(answers)
    (_, largest), *_ = counted.most_common()
    expect(page.get_by_text(f"{len(counted)} of 10", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{largest * 10} %", exact=True)).to_be_visible()
    letters = [page.get_by_role("button", name=f"Run {number}", exact=True).inner_text() for number in range(1, 11)]
    assert {letter: letters.count(letter) for letter in letters}.items() == dict(
        zip(sorted(set(letters)), sorted(counted.values(), reverse=True), strict=True)
    ).items()
    row = page.get_by_role("row", name=re.compile("Characters"))
    assert row.get_by_role("cell").all_inner_texts()[::2] == [str(min(map(len, counted))), str(max(map(len, counted)))]
    picture(page, "spread")
    page.get_by_role("button", name="Run 10", exact=True).press("ArrowLeft")
    expect(page.get_by_role("button", name="Run 9", exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_role("region", name="Run 9", exact=True)).to_be_visible()
    assert "runs=10" in page.url
    assert "at=8" in page.url


def test_stop_stops_all_of_them(bench: Bench) -> None:
    page = bench.page
    bench.set_variable("topic", "rivers")
    page.goto(f"{bench.served.url}/prompts/{bench.key}?runs=10")
    expect(page.get_by_label("How often")).to_have_text("10 runs")
    page.keyboard.press("Control+Enter")
    expect(bench.answer).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped by you")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Run Ctrl"))).to_be_visible()
    page.get_by_role("button", name="Run 10", exact=True).click()
    expect(page.get_by_text("Run the prompt and the answer types itself here")).to_be_visible()
