"""Processes under measurement: started, pinned to a core where that is possible, and their CPU time read."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

ROOT: Final = Path(__file__).parents[1]
KITEX: Final = ROOT / "thriftwire/tests/interop/kitex/build/kitex-peer"
_ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'thriftwire/tests'}"}


def cores() -> tuple[int, int]:
    """The core for what is measured, and the one for what loads it; the same when there is one."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return usable[0], usable[-1]


def pin(pid: int, core: int) -> None:
    """Keep a process, and what it will start, on one core, where the machine can."""
    with contextlib.suppress(AttributeError, psutil.Error, OSError):
        psutil.Process(pid).cpu_affinity([core])


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process and its children, to the nanosecond where the kernel tells."""
    process = psutil.Process(pid)
    return sum(_own(each) for each in (process, *process.children(recursive=True)))


def _own(process: psutil.Process) -> float:
    try:
        stats = [path.read_text().split()[0] for path in Path(f"/proc/{process.pid}/task").glob("*/schedstat")]
        if stats:
            return sum(map(int, stats)) / 1e9
    except OSError:
        pass
    times = process.cpu_times()
    return times.user + times.system


def peer(module: str) -> list[str]:
    """The command of a peer written in Python."""
    return [sys.executable, "-m", f"bench.peers.{module}"]


@contextlib.contextmanager
def running(command: Sequence[str | Path], *, core: int, **more: Any) -> Generator[subprocess.Popen[str], None, None]:
    """A process that ends with the block; a ``quiet`` one says nothing."""
    environment = _ENVIRONMENT | more.pop("environment", {})
    if more.pop("quiet", False):
        more |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | more
    process = subprocess.Popen(command, text=True, env=environment, cwd=ROOT, **pipes)
    pin(process.pid, core)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def line(process: subprocess.Popen[str]) -> str:
    """The next line a process says. Raises RuntimeError when it ends instead."""
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        raise RuntimeError(f"{process.args!r} ended with {process.wait()}")
    return said.strip()


def answer(command: Sequence[str | Path], argument: dict[str, Any], *, core: int) -> dict[str, Any]:
    """What a process that does one thing said of it."""
    with running([*command, "load", json.dumps(argument)], core=core) as process:
        return json.loads(line(process))


def idle(pid: int, seconds: float = 1.0) -> float:
    """CPU seconds a process spends doing nothing for a second."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds
