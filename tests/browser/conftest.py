"""A real Chromium before a Promptwire of its own, and a simulated vendor that tells when it was told to stop."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from browser.bench import Bench
from browser.vendor import Vendor, vending
from journeys.served import Served, serving

expect.set_options(timeout=20_000)  # a shared machine is slow now and then; a quick one waits for nothing

IMAGES: Final = Path(__file__).parents[2] / "docs/images"
NUMBERS: Final = itertools.count(1)
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser and a page for it to show."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.needs("chromium", "console"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, without a window."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def vendor() -> Iterator[Vendor]:
    """An OpenAI-compatible vendor, as far as Promptwire can see."""
    with vending() as vendor:
        yield vendor


@pytest.fixture(scope="session")
def served(vendor: Vendor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Promptwire that knows the vendor."""
    data = tmp_path_factory.mktemp("browser")
    with serving(data, PROMPTWIRE_OPENAI_BASE_URL=vendor.url, PROMPTWIRE_OPENAI_API_KEY="unused") as served:
        yield served


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A person's browser: what one test stores another does not see."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab. What the page throws fails the test."""
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert thrown == []


@pytest.fixture
def bench(page: Page, served: Served) -> Bench:
    """A prompt of the test's own, open in a tab."""
    bench = Bench(page, served, f"lecture-{next(NUMBERS)}")
    bench.create()
    bench.open()
    return bench


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture for the documentation, when PROMPTWIRE_PICTURES is set."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("PROMPTWIRE_PICTURES"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")

    return take
