"""The word for what a test cannot run without.

``@pytest.mark.needs("kitex")`` skips with the reason where the Kitex peer is not built, and fails there when
``PROMPTWIRE_REQUIRE`` (names with commas between) says it must be. The platform's tests have their own copy: the
library knows nothing of the platform.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

KITEX: Final = Path(__file__).parent / "interop/kitex/build/kitex-peer"


def etcd() -> str | None:
    """The etcd server."""
    return None if shutil.which("etcd") else "etcd is not installed"


def kitex() -> str | None:
    """The Kitex peer, built from interop/kitex."""
    return None if KITEX.exists() else "the Kitex peer is not built (make interop)"


PROBES: Final[Mapping[str, Callable[[], str | None]]] = {"etcd": etcd, "kitex": kitex}


def required() -> set[str]:
    """The names in ``PROMPTWIRE_REQUIRE``."""
    return set(os.environ.get("PROMPTWIRE_REQUIRE", "").replace(" ", "").split(",")) - {""}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--matrix`` prints what was tried against Kitex as a table."""
    parser.addoption("--matrix", action="store_true", help="print the interop matrix")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail, a test that needs what is absent."""
    for name in (name for mark in item.iter_markers("needs") for name in mark.args):
        reason = PROBES[name]()
        if reason is not None and name in required():
            pytest.fail(f"PROMPTWIRE_REQUIRE names {name}, and {reason}", pytrace=False)
        if reason is not None:
            pytest.skip(reason)
