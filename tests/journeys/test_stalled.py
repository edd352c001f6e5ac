"""Readers that read nothing: each holds little, nobody else notices them, and they end by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

import pytest

from journeys.native import ask, begun, put, stream
from journeys.served import Served, eventually, serving, settled
from journeys.vendor import Vendor, vendor

STALLED: Final = 300  # so many that what a process takes once, whoever reads, counts for little
HELD: Final = 256 * 1024  # bytes in one process, what the allocator keeps included
READING: Final = 8
TOKENS: Final = 50
ENDLESS: Final[dict[str, Any]] = {
    "model": "openai/endless",
    "messages": [{"role": "user", "content": "on and on"}],
}
PACED: Final[dict[str, Any]] = ENDLESS | {
    "model": "simulated/typewriter",
    "simulate": {"tokens": TOKENS, "interval_ms": 20},
}
FACES: Final[dict[str, dict[str, Any]]] = {"plain": ENDLESS, "kept": ENDLESS | {"resumable_s": 0.1}}


@contextmanager
def before_a_vendor(data: Path, topology: list[str], unread_s: float = 60.0) -> Iterator[tuple[Served, Vendor]]:
    """A Promptwire whose ``openai`` answers without end, as fast as it is read."""
    with (
        vendor() as asked,
        serving(data, *topology, PROMPTWIRE_OPENAI_BASE_URL=asked.url, PROMPTWIRE_UNREAD_S=str(unread_s)) as served,
    ):
        yield served, asked


def memories(served: Served) -> list[int]:
    """Bytes each of its processes holds."""
    return [worker.memory_info().rss for worker in served.workers()]


def memory(served: Served) -> int:
    """Bytes all its processes hold."""
    return sum(memories(served))


def stall(served: Served, stack: ExitStack, body: dict[str, Any], count: int) -> None:
    """So many readers who read a token and no more, for as long as ``stack`` lasts."""
    for _ in range(count):
        begun(served, stack, body)


@pytest.mark.parametrize("face", FACES)
def test_a_reader_that_reads_nothing_holds_little(topology: list[str], tmp_path: Path, face: str) -> None:
    with before_a_vendor(tmp_path / "own", topology) as (served, asked):
        with ExitStack() as warm:
            stall(served, warm, FACES[face], 1)
        eventually(lambda: asked.listening == 0, "the vendor is told that the reader left")
        before = memories(served)
        with ExitStack() as stack:
            stall(served, stack, FACES[face], STALLED)
            settled(lambda: memory(served), 60)
            held = [(now - then) / STALLED for now, then in zip(memories(served), before, strict=True)]
            assert asked.listening == STALLED
        assert max(held) < HELD, f"KiB for each reader: {[round(size / 1024) for size in held]}"
        eventually(lambda: asked.listening == 0, "the vendor is told that everybody left")


def gaps(served: Served) -> float:
    """The median time between two events of readers who read along, in seconds."""

    def read(_: int) -> list[float]:
        at: list[float] = []
        last = ""
        for event in stream(served, "/api/chat", PACED):
            at.append(time.perf_counter())
            last = event.name
        assert last == "done"
        assert len(at) > TOKENS
        return [after - before for before, after in pairwise(at)]

    with ThreadPoolExecutor(READING) as pool:
        return median(gap for found in pool.map(read, range(READING)) for gap in found)


@pytest.mark.parametrize("face", FACES)
def test_who_reads_along_does_not_notice_them(topology: list[str], tmp_path: Path, face: str) -> None:
    with before_a_vendor(tmp_path / "own", topology) as (served, asked), ExitStack() as stack:
        alone = gaps(served)
        stall(served, stack, FACES[face], STALLED)
        settled(lambda: memory(served), 60)
        beside = gaps(served)
        assert asked.listening == STALLED
    assert beside < 2 * alone, f"{beside * 1000:.1f} ms between two events, {alone * 1000:.1f} ms without them"


@pytest.mark.parametrize("face", FACES)
def test_they_end_by_themselves_and_leave_nothing(topology: list[str], tmp_path: Path, face: str) -> None:
    count = 60
    with before_a_vendor(tmp_path / "own", topology, unread_s=1) as (served, asked):
        status, said = put(served, "/api/limits/streams", {"kind": "streams", "amount": count})
        assert status == 200, said
        assert list(stream(served, "/api/chat", PACED))[-1].name == "done"
        held: list[int] = []
        tasks = served.tasks()
        for _ in range(2):
            with ExitStack() as stack:
                stall(served, stack, FACES[face], count)
                eventually(lambda: asked.listening == 0, "the vendor is told, though no reader left", 60)
            eventually(lambda: used(served) == 0, "no slot is taken any more")
            eventually(lambda: served.tasks() <= tasks + 1, "no more tasks than before, but the sign of life of runs")
            held.append(memory(served))
        assert list(stream(served, "/api/chat", PACED))[-1].name == "done"
        eventually(lambda: statuses(served) == {"done", "cancelled"}, "every run has ended in the list")
    assert held[1] - held[0] < count * HELD / 2, "what one wave took serves the next"


def used(served: Served) -> float:
    """How many streams the limit counts now."""
    return sum(level["used"] for level in ask(served, "GET", "/api/limits/levels")[1]["levels"])


def statuses(served: Served) -> set[str]:
    """How the runs in the list stand."""
    return {run["status"] for run in ask(served, "GET", "/api/runs")[1]["runs"]}
