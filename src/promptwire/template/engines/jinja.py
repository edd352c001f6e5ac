"""The place for Jinja templates: asked of a worker process that is killed when it takes too long or too much.

A template is a program somebody else wrote. The sandbox keeps it from reaching anything, the worker from using up
anything: computing time, memory and output are bounded, and a killed worker is replaced at the next request.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from promptwire.template.engines.jinja_worker import CPU_S, Reply, Request, read, write
from promptwire.template.engines.outline import Outline, TemplateError

WALL_S: Final = 10.0  # beyond the computing time: a machine may be busy
WORKERS: Final = 2


class Jinja:
    """Jinja templates through up to ``workers`` processes. Blocking, and safe to call from several threads."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = [_Worker() for _ in range(workers)]
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)

    def outlines(self, texts: Sequence[str]) -> list[Outline]:
        """What each text says of itself. Raises TemplateError when the worker had to be killed."""
        return self._ask(Request(texts=list(texts))).outlines or []

    def render(self, texts: Sequence[str], values: Mapping[str, Any], limit: int) -> list[str]:
        """The rendered texts, at most ``limit`` characters together. Raises TemplateError."""
        reply = self._ask(Request(texts=list(texts), values=dict(values), limit=limit))
        if reply.fault is not None:
            raise TemplateError(*reply.fault, at=reply.at)
        return reply.texts or []

    def close(self) -> None:
        """End the processes; a render in progress fails."""
        for worker in self._workers:
            worker.end()

    def _ask(self, request: Request) -> Reply:
        with self._worker() as worker:
            return worker.ask(request)

    @contextlib.contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._free.get()
        try:
            yield worker
        finally:
            self._free.put(worker)


class _Worker:
    """One process, started when it is first asked and again after it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = threading.Lock()

    def ask(self, request: Request) -> Reply:
        """One request, one reply. Raises TemplateError when the process did not survive it."""
        with self._asked:
            return self._ask(request)

    def end(self) -> None:
        """End the process from any thread; who waits for its reply gets none."""
        if (process := self._process) is not None:
            process.kill()
        with self._asked:
            self.kill()

    def _ask(self, request: Request) -> Reply:
        process = self._process or self._start()
        patience = threading.Timer(WALL_S, process.kill)
        patience.start()
        try:
            write(cast("Any", process.stdin), request)
            return msgspec.json.decode(read(cast("Any", process.stdout)), type=Reply)
        except (OSError, EOFError) as error:
            self.kill()
            raise TemplateError(_cause(process.returncode)) from error
        except BaseException:
            self.kill()  # its reply would be taken for the next one's
            raise
        finally:
            patience.cancel()

    def kill(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # our own module
            [sys.executable, "-I", "-m", "promptwire.template.engines.jinja_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        return self._process


def _cause(code: int) -> str:
    if code == -signal.SIGPROF:
        return f"the template takes more than {CPU_S:g} s of computing"
    if code == -signal.SIGKILL:
        return f"the template took more than {WALL_S:g} s"
    return "the template takes too much memory"
