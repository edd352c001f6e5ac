"""Peers for the tests against Kitex, and the table of what they covered."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

import thriftwire
from interop.api.echo import ECHO_SVC, EchoSvc
from interop.handler import Echo
from interop.matrix import COLUMNS, Cell, Row, covered, table
from interop.peer import Serving, serving

Connect = Callable[..., contextlib.AbstractAsyncContextManager[EchoSvc]]


@pytest.fixture
async def kitex() -> AsyncGenerator[Serving, None]:
    """A Kitex server."""
    async with serving() as peer:
        yield peer


@pytest.fixture
async def echo() -> Echo:
    """The handler of `ours`."""
    return Echo()


@pytest.fixture
async def ours(echo: Echo) -> AsyncGenerator[thriftwire.Server, None]:
    """A thriftwire server."""
    server = thriftwire.Server({ECHO_SVC: echo}, name="py.server")
    await server.start()
    yield server
    await server.stop(grace_s=0)


@pytest.fixture(autouse=True)
def told(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Which cell of the matrix a test is, for the table."""
    if (said := covered(request.function)) is not None:
        direction = "to" if "calling" in request.path.name else "from"
        record_property("cell", f"{said[0].name} {direction} {request.node.callspec.params['wire']}")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the matrix when asked for it."""
    if not config.getoption("matrix"):
        return
    results: dict[Cell, str] = {}
    for word, category in (("ok", "passed"), ("FAILED", "failed"), ("skipped", "skipped")):
        for report in terminalreporter.getreports(category):
            for name, value in report.user_properties:
                if name == "cell" and results.get(cell := _cell(str(value))) != "FAILED":
                    results[cell] = word
    terminalreporter.section("Interoperation with Kitex")
    terminalreporter.write_line(table(results))


def _cell(text: str) -> Cell:
    """The cell that `told` wrote."""
    row, *column = text.split()
    direction, wire = next(each for each in COLUMNS if list(each) == column)
    return Cell(Row[row], direction, wire)
