"""What readers who read nothing cost: the memory each holds, and what those who read along notice of them."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import psutil

from bench.chain import INTERVAL_MS, read
from bench.contenders import CONTENDERS, Contender, Under, vendor
from bench.processes import cpu_seconds, idle

STALLED: Final = 300
MORE_THAN_ANYBODY_HOLDS: Final = 10_000_000  # chunks of a stream that nobody reads
READING: Final = 8
CHUNKS: Final = 200
ROUNDS: Final = 3
QUIET: Final = 0.02  # of a core: then nothing moves any more

COLUMNS: Final = (("CPU of all chunks, ms", 23), ("first p50, ms", 16), ("gap p50, ms", 16), ("gap p99, ms", 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What every round found."""

    held: list[float] = field(default_factory=list[float])  # KiB for each of those who read nothing
    alone: list[list[float]] = field(default_factory=list[list[float]])
    beside: list[list[float]] = field(default_factory=list[list[float]])


def run() -> None:
    """Promptwire in each topology: readers alone, and the same beside many who read nothing."""
    print(
        f"\n{READING} streams of a chunk every {INTERVAL_MS} ms, alone and beside {STALLED} readers who read nothing;"
    )
    print(f"medians of {ROUNDS} rounds, memory in KiB for each of them in all processes together")
    titles = "".join(f"{title:>{wide}}" for title, wide in COLUMNS)
    width = max(map(len, CONTENDERS))
    print(f"\n  {'':{width}}{'KiB':>7}{titles}")
    for name, contender in CONTENDERS.items():
        if name.startswith("Promptwire"):
            found = _measured(contender)
            alone, beside = (_medians(each) for each in (found.alone, found.beside))
            pairs = zip(beside, alone, COLUMNS, strict=True)
            cells = "".join(f"{f'{new:.1f} ({new / old:.2f} x)':>{wide}}" for new, old, (_, wide) in pairs)
            print(f"  {name:{width}}{median(found.held):>7.0f}{cells}")


def _measured(contender: Contender) -> Found:
    found = Found()
    with vendor() as asked, contender.start(asked.port) as under:
        with contextlib.ExitStack() as warm:
            _stall(warm, under, 1)
            read(under, CHUNKS, streams=READING)
        for number in range(ROUNDS):
            found.alone.append(_reading(under))
            before = _memory(under.pid)
            with contextlib.ExitStack() as stack:
                _stall(stack, under, STALLED)
                _wait_until_quiet(under.pid)
                if number == 0:  # what the allocator keeps serves the next round
                    found.held.append((_memory(under.pid) - before) / STALLED / 1024)
                found.beside.append(_reading(under))
            _wait_until_quiet(under.pid)
    return found


def _reading(under: Under) -> list[float]:
    """CPU, the first chunk, and the gaps, in ms."""
    before = cpu_seconds(under.pid)
    done: dict[str, Any] = read(under, CHUNKS, streams=READING)
    spent_ms = (cpu_seconds(under.pid) - before) * 1000
    return [spent_ms, done["first_ms"][0], *done["gap_ms"]]


def _stall(stack: contextlib.ExitStack, under: Under, count: int) -> None:
    """So many readers who read the beginning of an answer and no more, while ``stack`` lasts."""
    face = under.face
    body = json.dumps(face.body(f"{MORE_THAN_ANYBODY_HOLDS} chunks, 0 ms apart")).encode()
    head = (
        f"POST {face.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    )
    for _ in range(count):
        link = stack.enter_context(socket.create_connection(("127.0.0.1", under.port), timeout=60))
        link.sendall(head.encode() + b"\r\n\r\n" + body)
        if not link.recv(1024).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("a stream did not begin")


def _wait_until_quiet(pid: int) -> None:
    while idle(pid) > QUIET:
        pass


def _memory(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


def _medians(rounds: list[list[float]]) -> list[float]:
    return [median(values) for values in zip(*rounds, strict=True)]
