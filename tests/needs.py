"""The word for what a test cannot run without.

``@pytest.mark.needs("chromium")`` skips with the reason where Chromium is absent, and fails there when
``PROMPTWIRE_REQUIRE`` (names with commas between) says it must be present.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

CONSOLE: Final = Path(__file__).parents[1] / "src/promptwire/gateway/static/index.html"


def program(*names: str) -> Callable[[], str | None]:
    """A probe for any one of these programs on the path."""
    return lambda: None if any(map(shutil.which, names)) else f"{' or '.join(names)} is not installed"


def postgres() -> str | None:
    """PostgreSQL's server; Debian keeps it off the path."""
    return None if postgres_path() else "the PostgreSQL server is not installed"


def postgres_path() -> Path | None:
    """Where PostgreSQL's server is."""
    onpath = shutil.which("postgres")
    found = [Path(onpath)] if onpath else sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1] if found else None


def console() -> str | None:
    """The built console."""
    return None if CONSOLE.exists() else "the console is not built (make console)"


PROBES: Final[Mapping[str, Callable[[], str | None]]] = {
    "chromium": program("chromium", "chromium-browser"),
    "console": console,
    "node": program("node"),
    "postgres": postgres,
    "redis": program("redis-server"),
}


def required() -> set[str]:
    """The names in ``PROMPTWIRE_REQUIRE``."""
    return set(os.environ.get("PROMPTWIRE_REQUIRE", "").replace(" ", "").split(",")) - {""}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail, a test that needs what is absent."""
    for name in (name for mark in item.iter_markers("needs") for name in mark.args):
        need(name)


def need(name: str) -> None:
    """Skip where ``name`` is absent; fail there when it is required."""
    reason = PROBES[name]()
    if reason is not None and name in required():
        pytest.fail(f"PROMPTWIRE_REQUIRE names {name}, and {reason}", pytrace=False)
    if reason is not None:
        pytest.skip(reason)
