"""Models are rows: a vendor is added, its model tested, called and put away, without a restart."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.bench import Bench
from browser.vendor import Vendor
from journeys.served import Served

Picture = Callable[[Page, str], None]


def add_provider(page: Page, name: str, url: str) -> None:
    page.get_by_role("button", name="Add provider").click()
    page.get_by_label("Name here").fill(name)
    page.get_by_label("Base address").fill(url)
    page.get_by_label("API key").fill("sk-a-secret")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def add_model(page: Page, provider: str, model: str) -> None:
    page.get_by_role("button", name=f"Add a model to {provider}").click()
    page.get_by_label("The vendor's name for it").fill(model)
    expect(page.get_by_label("Our name for it")).to_have_value(f"{provider}/{model}")
    page.get_by_role("button", name="Add a price").click()
    page.get_by_label("Input", exact=True).fill("0.25")
    page.get_by_label("Output", exact=True).fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def edit(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"More for {name}").click()
    page.get_by_role("menuitem", name="Edit").click()


def test_a_vendor_is_added_its_model_tested_and_run(bench: Bench, vendor: Vendor, picture: Picture) -> None:
    page = bench.page
    page.get_by_role("link", name="Models").click()
    add_provider(page, "fake", vendor.url)
    section = page.get_by_role("region", name="fake")
    expect(section).to_contain_text("key set")
    add_model(page, "fake", "echo")
    expect(section).to_contain_text("$0.25 / $2")
    section.get_by_role("button", name="Test").click()
    expect(section.get_by_text("Streaming", exact=True)).to_be_visible(timeout=60_000)
    picture(page, "models")
    bench.open()
    bench.choose_model("fake/echo")
    bench.set_variable("topic", "rows")
    bench.run()
    bench.expect_done()
    expect(bench.answer).to_have_text("Tell me about rows.")
    expect(page.get_by_text("Cost")).to_be_visible()


def test_a_model_is_held_to_so_many_packets(bench: Bench, vendor: Vendor) -> None:
    page = bench.page
    page.get_by_role("link", name="Models").click()
    add_provider(page, "brim", vendor.url)
    add_model(page, "brim", "echo")
    edit(page, "brim/echo")
    page.get_by_label("Characters a packet").fill("2000")
    page.get_by_label("Packets an answer").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    edit(page, "brim/echo")
    expect(page.get_by_label("Characters a packet")).to_have_value("2000")
    expect(page.get_by_label("Packets an answer")).to_have_value("2")
    bench.open()
    bench.choose_model("brim/echo")
    bench.set_variable("topic", "rows")
    bench.run()
    expect(bench.error).to_contain_text("has more than 2 packets")
    expect(bench.answer).to_contain_text("Tell")


def test_a_secret_is_never_read_back_and_survives_an_edit(page: Page, served: Served, vendor: Vendor) -> None:
    page.goto(f"{served.url}/models")
    add_provider(page, "kept", vendor.url)
    edit(page, "kept")
    key = page.get_by_label("API key")
    expect(key).to_have_value("")
    expect(key).to_have_attribute("placeholder", "kept; type to replace it")
    page.get_by_label("Base address").fill(vendor.url.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("another address, so give api_key again")
    page.get_by_label("Base address").fill(f"{vendor.url}/")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="kept")).to_contain_text(f"{vendor.url}/")
    expect(page.get_by_role("region", name="kept")).to_contain_text("key set")
    assert "sk-a-secret" not in page.content()


def test_a_model_put_away_cannot_be_called_until_it_is_back(bench: Bench, vendor: Vendor) -> None:
    page = bench.page
    page.get_by_role("link", name="Models").click()
    add_provider(page, "away", vendor.url)
    add_model(page, "away", "echo")
    page.get_by_role("switch", name="away/echo can be called").click()
    expect(page.get_by_role("switch", name="away/echo can be called")).to_have_attribute("aria-checked", "false")
    bench.open()
    bench.choose_model("away/echo")
    bench.set_variable("topic", "absence")
    bench.run()
    expect(bench.error).to_contain_text("disabled")


def test_a_vendor_that_is_not_there_fails_its_test_with_the_reason(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/models")
    add_provider(page, "nobody", "http://127.0.0.1:9/v1")
    add_model(page, "nobody", "ghost")
    section = page.get_by_role("region", name="nobody")
    section.get_by_role("button", name="Test").click()
    expect(section.get_by_role("img", name="Does not work").first).to_be_visible(timeout=60_000)


def test_a_provider_is_deleted_after_a_second_thought(page: Page, served: Served, vendor: Vendor) -> None:
    page.goto(f"{served.url}/models")
    add_provider(page, "brief", vendor.url)
    page.get_by_role("button", name="More for brief").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("region", name="brief")).to_be_visible()
    page.get_by_role("button", name="More for brief").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("region", name="brief")).to_have_count(0)
