"""A whole Promptwire as a person starts it: its address, its processes, and what they say of themselves."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

READY_S: Final = 60.0  # a shared machine may be slow; a quick one waits for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running Promptwire."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def processes(self) -> list[psutil.Process]:
        """Every process of it, the parent first."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def role(self, role: str) -> psutil.Process:
        """The process that serves ``role`` now."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                words = process.cmdline()
                if "--supervised" in words and words[words.index("serve") + 1] == role:
                    return process
        raise LookupError(f"no process serves {role}")

    def workers(self) -> list[psutil.Process]:
        """The processes that serve, without a parent that only watches over them."""
        processes = self.processes()
        return processes[1:] if len(processes) > 1 else processes

    def tasks(self) -> int:
        """How many tasks run in the whole of it, as it says itself on SIGUSR1."""
        said = self.log.stat().st_size
        workers = self.workers()
        for worker in workers:
            worker.send_signal(signal.SIGUSR1)

        def counts() -> list[int]:
            with self.log.open("rb") as file:
                file.seek(said)
                return [int(count) for count in re.findall(rb"(\d+) tasks: ", file.read())]

        eventually(lambda: len(counts()) == len(workers), "every process says its tasks")
        return sum(counts())


def eventually(condition: Callable[[], bool], what: str, within_s: float = 20.0) -> None:
    """Wait for another process to come to a state; there is no event to wait on across the boundary."""
    end = time.monotonic() + within_s
    pause = select.poll()
    while not condition():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        pause.poll(20)


def settled(measure: Callable[[], int], within_s: float = 20.0) -> None:
    """Wait until a number another process makes has stopped growing."""
    largest, seen_at = measure(), time.monotonic()

    def still() -> bool:
        nonlocal largest, seen_at
        if (now := measure()) > largest:
            largest, seen_at = now, time.monotonic()
        return time.monotonic() - seen_at > 1.0

    eventually(still, "it stops growing", within_s)


@contextlib.contextmanager
def serving(data: Path, *arguments: str, ends: int = 0, **environment: str) -> Iterator[Served]:
    """Start ``promptwire serve`` and stop it as an operator does, unless it has stopped; ``ends``: its exit code."""
    command = [sys.executable, "-m", "promptwire", "serve", "--port", "0", "--data", str(data), *arguments]
    data.mkdir(parents=True, exist_ok=True)
    log = data / "stderr.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, **environment})
    assert process.stdout is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], READY_S)
        line = process.stdout.readline().decode().strip() if ready else ""
        assert line.startswith("http://"), f"did not start: {log.read_text()}"
        yield Served(url=line, process=process, log=log)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == ends, log.read_text()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def simulating() -> Iterator[str]:
    """Start ``promptwire simulate``; the base URL of a vendor that is somebody else."""
    command = [sys.executable, "-m", "promptwire", "simulate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            ready, _, _ = select.select([process.stdout], [], [], READY_S)
            line = process.stdout.readline().decode() if ready else ""
            found = re.search(r"http://\S+", line)
            assert found is not None, f"the vendor did not start: {line!r}"
            yield found[0]
        finally:
            process.kill()
