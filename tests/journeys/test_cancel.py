"""Readers that leave, and a service that is killed: nothing is left over, nothing ends cleanly."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from journeys.native import begun, stream
from journeys.native import events as run_stream
from journeys.served import Served, eventually, serving, settled
from promptwire.errors import Failure

READERS = 20


def endless(interval_ms: float = 20) -> dict[str, Any]:
    """A request whose answer goes on for longer than any test."""
    return {
        "model": "simulated/typewriter",
        "messages": [{"role": "user", "content": "on and on"}],
        "simulate": {"tokens": 10_000_000, "interval_ms": interval_ms},
    }


def sockets(served: Served) -> int:
    """The established connections of all its processes."""
    links = [link for worker in served.workers() for link in worker.net_connections("inet")]
    return sum(link.status == psutil.CONN_ESTABLISHED for link in links)


def test_two_hundred_aborted_streams_leave_nothing(own: Served) -> None:
    with ThreadPoolExecutor(READERS) as pool:  # opens about as many connections between processes as are kept open
        brief = endless() | {"simulate": {"tokens": 20}}
        for opened in [pool.submit(lambda: list(stream(own, "/api/chat", brief))) for _ in range(READERS)]:
            opened.result()
    settled(lambda: -sockets(own))
    tasks, links = own.tasks(), sockets(own)
    with ExitStack() as stack:
        for _ in range(200):
            begun(own, stack, endless())
        assert own.tasks() >= tasks + 200
        assert sockets(own) >= links + 200
    kept = links + READERS  # how many are kept between processes depends on how the many came
    eventually(lambda: sockets(own) <= kept, f"no more than {kept} sockets")
    eventually(lambda: own.tasks() <= tasks, f"no more than {tasks} tasks")


def test_a_killed_model_service_ends_no_stream_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path / "split", "--split") as served:
        begun_all = threading.Barrier(READERS + 1)

        def read(reader: int) -> str:
            try:
                for seen, _ in enumerate(run_stream(served.url, "/api/chat", endless())):
                    if seen == 3:
                        begun_all.wait(60)
            except Failure as failure:
                return f"{failure.class_} {failure.phase}"
            return f"a clean end for {reader}"

        with ThreadPoolExecutor(READERS) as pool:
            reads = [pool.submit(read, reader) for reader in range(READERS)]
            begun_all.wait(60)
            killed = served.role("llm")
            killed.kill()
            assert Counter(one.result(30) for one in reads) == {"upstream_cut mid_stream": READERS}
        again = list(stream(served, "/api/chat", endless() | {"simulate": {"tokens": 3}}))
        assert again[-1].name == "done"
        assert served.role("llm").pid != killed.pid


@pytest.mark.parametrize("role", ["prompt", "gateway"])
def test_a_killed_role_comes_back_where_it_was(tmp_path: Path, role: str) -> None:
    with serving(tmp_path / "split", "--split") as served:
        served.role(role).kill()
        events = list(stream(served, "/api/prompts/demo/run", {"simulate": {"tokens": 3}}))
        assert events[-1].name == "done"


def test_a_killed_parent_leaves_no_orphans(tmp_path: Path) -> None:
    with serving(tmp_path / "split", "--split", ends=-signal.SIGKILL) as served:
        children = served.workers()
        assert len(children) == 3
        served.process.kill()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []
