"""The loops tests run on, and the frames recorded from Kitex: a ``vector``, or the ``vectors`` of a number."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvloop

from thriftwire.ttheader import frames

pytest_plugins = ["needs"]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Everything runs on uvloop, and what touches transports on asyncio's own loop too."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": uvloop.new_event_loop}
    if item.path.name == "test_sockets.py":
        loops["asyncio"] = asyncio.new_event_loop
    return loops


class Vector(NamedTuple):
    """One recorded frame."""

    label: str
    data: bytes
    frame: frames.Frame | None  # what it must decode to; None for a bare Thrift message
    sender: str  # "client" or "server" in whole conversations, else ""

    @property
    def name(self) -> str:
        return self.label.split()[0]


def _frame(said: dict[str, Any]) -> frames.Frame:
    header = frames.Header(
        said["protocol_id"],
        said["str"],
        {int(key): value for key, value in said["int"].items()},
        said["acl"],
    )
    return frames.Frame(said["flags"], said["seqid"], header, bytes.fromhex(said["payload_hex"]))


def _load() -> list[Vector]:
    said = json.loads((Path(__file__).parent / "golden" / "kitex-vectors.json").read_text())
    return [
        Vector(
            entry["label"],
            bytes.fromhex(entry["hex"]),
            _frame(entry["frame"]) if "frame" in entry else None,
            entry.get("from", ""),
        )
        for entry in said
    ]


_VECTORS = _load()


_ASKED: dict[str, Callable[[Vector], bool]] = {
    "vector": lambda vector: True,
    "framed": lambda vector: vector.frame is not None,
    "unary": lambda vector: vector.name.startswith("U"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``vector``, ``framed`` (in a TTHeader) or ``unary`` runs once per such recorded frame."""
    for name, wanted in _ASKED.items():
        if name in metafunc.fixturenames:
            chosen = {f"{vector.name}-{number}": vector for number, vector in enumerate(_VECTORS) if wanted(vector)}
            metafunc.parametrize(name, chosen.values(), ids=chosen)


@pytest.fixture
def vectors() -> Callable[[str], list[Vector]]:
    """The vectors of one number, like ``S11``."""
    return lambda name: [vector for vector in _VECTORS if vector.name == name]
