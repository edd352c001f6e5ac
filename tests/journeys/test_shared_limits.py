"""Limits that several processes share on a Redis: what holds while it is lost, and when one of them is killed."""

from __future__ import annotations

import base64
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from subprocess import Popen

import pytest

from journeys.native import ask, stream
from journeys.served import Served, eventually, serving
from journeys.test_limits import HELLO, SLOW, error, levels, limit, sent
from servers import redis_of_its_own

pytestmark = pytest.mark.needs("redis")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[list[Served], Popen[str]]]:
    """Two Promptwires that share a database and a Redis, and that Redis's process."""
    database, key = f"sqlite:///{tmp_path}/shared.db", base64.b64encode(os.urandom(32)).decode()
    with ExitStack() as stack:
        url, redis = stack.enter_context(redis_of_its_own(tmp_path))
        servers = [
            stack.enter_context(
                serving(
                    tmp_path / name,
                    PROMPTWIRE_REDIS_URL=url,
                    PROMPTWIRE_DATABASE_URL=database,
                    PROMPTWIRE_MASTER_KEY=key,
                )
            )
            for name in ("a", "b")
        ]
        yield servers, redis


def test_while_counters_are_lost_each_limit_does_as_it_says_and_shows_it(
    two: tuple[list[Served], Popen[str]],
) -> None:
    (one, other), redis = two
    free = SLOW | {"model": "simulated/typewriter"}
    limit(one, "shared", "requests", 6, burst=0.2)
    assert sent(one, "/api/chat", HELLO)[0] == 200
    eventually(lambda: ask(other, "GET", "/api/limits")[1]["limits"] != [], "the other knows the limit")
    eventually(lambda: sent(other, "/api/chat", HELLO)[0] == 429, "it holds there too")
    assert ask(one, "DELETE", "/api/limits/shared")[0] == 200
    limit(one, "closed", "requests", 6000, when_lost="closed", model="simulated/echo")
    limit(one, "open", "requests", 6000, when_lost="open", model="simulated/typewriter")
    limit(one, "share", "streams", 4, when_lost="share", model="simulated/typewriter")
    assert not any(level["lost"] for level in levels(one).values())
    for server in (one, other):
        eventually(lambda: sent(server, "/api/chat", HELLO)[0] == 200, "the old limit is gone")  # noqa: B023
        eventually(lambda: levels(server)["closed"]["processes"] == 2, "they know of each other")  # noqa: B023

    redis.send_signal(signal.SIGSTOP)  # it is there, and answers nobody
    try:
        refused = sent(one, "/api/chat", HELLO)
        assert (refused[0], error(refused)["class"]) == (503, "overloaded")
        assert error(refused)["details"] == {"limit": "closed", "lost": "closed"}
    finally:
        redis.send_signal(signal.SIGCONT)
    eventually(lambda: sent(one, "/api/chat", HELLO)[0] == 200, "it is back")

    redis.kill()
    with ExitStack() as stack:
        for server in (one, other):
            assert error(sent(server, "/api/chat", HELLO))["class"] == "overloaded"
            for _ in range(2):  # of four, between two processes
                assert next(stack.enter_context(closing(stream(server, "/api/chat", free)))).name == "start"
            refused = sent(server, "/api/chat", free)
            assert (refused[0], error(refused)["class"]) == (429, "concurrency_limited")
            gauges = levels(server)
            assert set(gauges) == {"closed", "open", "share"} and all(level["lost"] for level in gauges.values())
            assert gauges["share"]["used"] == 2


def test_what_a_killed_process_held_is_free_when_its_lease_ends(tmp_path: Path, redis_server: str) -> None:
    slot, tokens = f"slot-{os.getpid()}", f"tokens-{os.getpid()}"
    with serving(tmp_path / "own", "--split", PROMPTWIRE_REDIS_URL=redis_server) as served:
        limit(served, slot, "streams", 1)
        limit(served, tokens, "tokens", 100_000, window_s=1e9)
        begun = threading.Event()

        def read() -> str:
            last = ""
            for event in stream(served, "/api/chat", SLOW | {"timeouts": {"total_s": 2}}):
                last = event.name
                begun.set()
            return last

        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(read)
            assert begun.wait(30)
            served.role("llm").kill()
            assert reading.result(30) == "error"
        assert error(sent(served, "/api/chat", HELLO))["class"] == "concurrency_limited"
        eventually(lambda: sent(served, "/api/chat", HELLO)[0] == 200, "the lease ends", within_s=30)
        eventually(lambda: 900 < levels(served)[tokens]["used"] < 1100, "what it used is unknown: all of it is spent")
