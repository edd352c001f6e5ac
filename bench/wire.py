"""What one message costs on each wire: both ends' CPU time, the same structs, server streaming and ping-pong calls."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.processes import KITEX, answer, cores, cpu_seconds, line, peer, running
from bench.table import Result, show

BASE: Final = "thriftwire (TTHeader)"
CONTENDERS: Final[Mapping[str, tuple[Sequence[str | Path], dict[str, Any]]]] = {
    BASE: (peer("thriftwire_peer"), {"wire": "ttstream"}),
    "thriftwire (gRPC)": (peer("thriftwire_grpc_peer"), {"wire": "grpc"}),
    "grpc.aio": (peer("grpc_aio_peer"), {}),
    "grpclib": (peer("grpclib_peer"), {}),
    "Kitex in Go (TTHeader)": ([KITEX], {"wire": "ttstream"}),
    "Kitex in Go (gRPC)": ([KITEX], {"wire": "grpc"}),
}


class Load(NamedTuple):
    """What a client asks for: so many streams or callers at once, so many messages or calls each."""

    title: str
    method: str
    streams: int
    messages: int  # of all streams together
    unit: str = "message"


STREAMS: Final = [
    Load("1 stream", "EchoServer", 1, 20_000),
    Load("64 streams", "EchoServer", 64, 40_000),
    Load("512 streams", "EchoServer", 512, 60_000),
]
CALLS: Final = [
    Load("1 caller, ping-pong", "Ping", 1, 2_000, "call"),
    Load("64 callers, ping-pong", "Ping", 64, 6_000, "call"),
]


@contextlib.contextmanager
def _server(command: Sequence[str | Path], core: int) -> Generator[tuple[int, str], None, None]:
    with running([*command, "serve", "{}"], core=core) as process:
        yield process.pid, json.loads(line(process))["address"]


def measure(name: str, load: Load) -> Result:
    """One contender under one load, after a small one to warm up."""
    command, more = CONTENDERS[name]
    serving, loading = cores()
    with _server(command, serving) as (pid, address):
        each = max(1, load.messages // load.streams)
        asked = {
            "address": address,
            "method": load.method,
            "streams": load.streams,
            "n": each,
            "message": "many",
        } | more
        answer(command, asked | {"n": max(1, each // 10)}, core=loading)
        before = cpu_seconds(pid)
        done = answer(command, asked, core=loading)
        spent = cpu_seconds(pid) - before + done["cpu_seconds"]
    if done["failed"]:
        raise RuntimeError(f"{name}: {done['failed']} of {load.streams} failed: {done.get('text')}")
    return Result(name, spent / done["messages"] * 1e6, done["messages"] / done["seconds"])


def run() -> None:
    """Every contender under every load."""
    names = [name for name in CONTENDERS if "Kitex" not in name or KITEX.exists()]
    for load in [*STREAMS, *CALLS]:
        results = [measure(name, load) for name in names]
        kind = "server streaming, as fast as it goes" if load.method == "EchoServer" else "unary"
        show(f"{load.title} ({kind})", results, base=BASE, unit=load.unit)
    if not KITEX.exists():
        print("\nwithout Kitex: its peer is not built (make interop)")
