"""The page as a reader of the error matrix: every fault at every point is told in the words of everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.served import Served, serving
from journeys.test_matrix import CELLS, TEXT, Cell, body
from promptwire.errors import CLASSES


@pytest.fixture(scope="module", params=["one", "split"])
def faulty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Promptwire of the matrix's own, in one process and in several."""
    arguments = ["--split"] if request.param == "split" else []
    with serving(tmp_path_factory.mktemp("matrix"), *arguments) as served:
        yield served


def wrong(bench: Bench, cell: Cell, at: int, retry_after_s: float | None) -> list[str]:
    """What is wrong with what the page shows."""
    class_, phase = cell
    row = CLASSES[cast("Any", class_)]
    names, values = (bench.error.locator(part).all_inner_texts() for part in ("dt", "dd"))
    told = dict(zip(names, values, strict=True))
    wanted = {"Class": class_, "Code": str(row.code)}
    found = [f"{name}: {told.get(name)!r}, not {value!r}" for name, value in wanted.items() if told.get(name) != value]
    if not told.get("Phase", "").startswith(phase):
        found.append(f"phase: {told.get('Phase')!r}")
    if len(told.get("Trace", "").strip()) != 32:
        found.append(f"trace: {told.get('Trace')!r}")
    if phase == "connect" and not told.get("Vendor's status", "").isdecimal():
        found.append(f"the vendor's status is lost: {told}")
    text = bench.answer.inner_text() if bench.answer.count() else ""
    came = (TEXT if at == 99 else "one ") if phase == "mid_stream" else ""
    if text.strip() != came.strip():
        found.append(f"text: {text!r}, not {came!r}")
    again = bench.error.get_by_role("button")
    if row.retryable != (again.filter(has_text="gain").count() > 0):
        found.append(f"whether to try again: {again.all_inner_texts()}")
    if retry_after_s and "Try again in" not in " ".join(again.all_inner_texts()):
        found.append(f"when to try again: {again.all_inner_texts()}")
    if bench.page.get_by_text("Complete", exact=True).count():
        found.append("a clean end")
    return found


@pytest.mark.timeout(300)
def test_no_cell_is_wrong_on_the_page(page: Page, faulty: Served) -> None:
    bench = Bench(page, faulty, "matrix")
    bench.create(model="simulated/echo", content=TEXT)
    bench.open()
    mistakes = dict[tuple[str, int], list[str]]()
    for kind, at, cell in CELLS:
        asked = body(kind, at)
        bench.ask_also(simulate=asked["simulate"], timeouts=asked["timeouts"])
        bench.run()
        expect(bench.error.locator("dd", has_text=cell[0]).first).to_be_visible()
        found = wrong(bench, cell, at, 3 if kind in ("rate_limit", "token_limit") else None)
        if found:
            mistakes[kind, at] = found
        page.reload()  # the next error must not be taken for this one
        expect(bench.messages.first).to_be_visible()
    assert mistakes == {}
