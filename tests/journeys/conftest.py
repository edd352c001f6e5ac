"""A Promptwire in each topology, on free ports and in its own data directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from journeys.served import Served, serving

TOPOLOGIES: Final = {"one": [], "split": ["--split"], "split-grpc": ["--split", "--transport", "grpc"]}


@pytest.fixture(scope="session", params=TOPOLOGIES)
def topology(request: pytest.FixtureRequest) -> list[str]:
    """How the platform is laid out: the arguments that say so."""
    return TOPOLOGIES[request.param]


@pytest.fixture(scope="session")
def served(topology: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One Promptwire for the tests that leave it as it was."""
    with serving(tmp_path_factory.mktemp("served"), *topology) as served:
        yield served


@pytest.fixture
def own(topology: list[str], tmp_path: Path) -> Iterator[Served]:
    """A Promptwire of the test's own."""
    with serving(tmp_path / "own", *topology) as served:
        yield served
