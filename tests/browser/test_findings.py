"""The draft is looked at while it is written: findings are marked where they are and mended at a press."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import Bench
from journeys.native import put

Picture = Callable[[Page, str], None]


def test_a_finding_is_marked_where_it_is_and_goes_when_it_is_mended(bench: Bench, picture: Picture) -> None:
    page = bench.page
    findings = page.get_by_role("region", name="What could be better")
    bench.write(" 𠮷 And {{tone")
    expect(findings).to_contain_text("{{tone is not closed")
    expect(page.locator(".cm-lintRange-error")).to_have_text("{{tone")
    picture(page, "findings")
    bench.write("}}")
    expect(findings.get_by_text("is not closed")).to_have_count(0)
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_a_setting_the_model_cannot_take_is_disabled_with_the_reason(bench: Bench) -> None:
    row = {
        "id": "openai/unreasoning",
        "provider": "openai",
        "model": "echo",
        "capabilities": {"reasoning": "none"},
    }
    status, said = put(bench.served, "/api/models/rows", row)
    assert status == 200, said
    bench.open()
    bench.choose_model("openai/unreasoning")
    bench.page.get_by_role("button", name="Parameters").click()
    expect(bench.page.get_by_role("combobox", name="Reasoning effort")).to_be_disabled()
    expect(bench.page.get_by_text("this model does not reason").first).to_be_visible()
