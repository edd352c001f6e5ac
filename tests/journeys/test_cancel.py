"""Readers that leave, that read nothing, and a service that is killed: nothing is left over, nothing ends cleanly."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from journeys.native import events as run_stream
from journeys.native import stream
from journeys.served import Served, eventually, serving, settled
from journeys.vendor import vendor
from promptwire.errors import Failure

READERS = 20
HELD = 256 * 1024  # bytes in one process, what the allocator keeps included
HELD_SPLIT = 512 * 1024  # in three together: each hop has buffers of its own
STALLED = 300  # so many that what a process takes once, whoever reads, counts for little


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


def memory(served: Served) -> int:
    """Bytes all its processes hold."""
    return sum(worker.memory_info().rss for worker in served.workers())


def begun(served: Served, stack: ExitStack, body: dict[str, Any]) -> socket.socket:
    """A stream whose first token is here, and of which nothing more has been read."""
    address = urlsplit(served.url)
    link = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=60))
    content = json.dumps(body).encode()
    head = "POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
    link.sendall(f"{head}{len(content)}\r\n\r\n".encode() + content)
    seen = b""
    while b"event: delta" not in seen:
        piece = link.recv(4096)
        assert piece, seen
        seen += piece
    return link


def test_two_hundred_aborted_streams_leave_nothing(own: Served) -> None:
    with ThreadPoolExecutor(READERS) as pool:  # opens as many connections between processes as are kept open
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
    eventually(lambda: sockets(own) <= links, f"no more than {links} sockets")
    eventually(lambda: own.tasks() <= tasks, f"no more than {tasks} tasks")


def test_a_reader_that_reads_nothing_holds_little(topology: list[str], tmp_path: Path) -> None:
    with (
        vendor() as endless_vendor,
        serving(tmp_path / "own", *topology, PROMPTWIRE_OPENAI_BASE_URL=endless_vendor.url) as served,
    ):
        body = endless() | {"model": "openai/endless"}
        with ExitStack() as warm:
            begun(served, warm, body)
        eventually(lambda: endless_vendor.listening == 0, "the vendor is told that the reader left")
        before = memory(served)
        with ExitStack() as stack:
            for _ in range(STALLED):
                begun(served, stack, body)
            settled(lambda: memory(served))
            held = (memory(served) - before) / STALLED
            assert endless_vendor.listening == STALLED
        assert held < (HELD_SPLIT if topology else HELD), f"{held / 1024:.0f} KiB for each reader"
        eventually(lambda: endless_vendor.listening == 0, "the vendor is told that everybody left")


def test_a_stream_goes_on_while_others_read_nothing(own: Served) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            begun(own, stack, endless(interval_ms=0))
        events = list(stream(own, "/api/chat", endless() | {"simulate": {"tokens": 50, "interval_ms": 1}}))
    assert events[-1].name == "done"


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
