"""The place for ``serve --split``: each role as its own process on this machine, kept alive together.

The parent binds every socket and hands it down, so an address outlives the process that answers on it: while a role
restarts, new calls wait in the socket's queue. A child reads a pipe that only its parent holds open; when the pipe
ends, however the parent died, the child stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Final, cast

from promptwire.plan import NEEDS, Role, bound
from promptwire.settings import Settings, to_environment

ORDER: Final[tuple[Role, ...]] = ("llm", "prompt", "gateway")  # stopped from the last to the first
STOP_GRACE_S: Final = 2.0  # beyond the time a child takes to drain
FIRST_DELAY_S: Final = 0.1  # before a dead child is started again; doubled each time
LAST_DELAY_S: Final = 5.0
STEADY_S: Final = 10.0  # a child that lived so long starts again after the first delay

log = logging.getLogger(__name__)


class NeverReady(Exception):
    """A child ended before it was ready for the first time; it has said why itself. Carries its exit code."""

    def __init__(self, role: Role, code: int) -> None:
        super().__init__(f"{role} did not start")
        self.code = code


def supervise(settings: Settings) -> int:
    """Run every role as a child until SIGTERM or SIGINT; the exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
    return asyncio.run(_supervise(settings))


async def _supervise(settings: Settings) -> int:
    with contextlib.ExitStack() as stack:
        sockets: dict[Role, socket.socket] = {role: stack.enter_context(_socket(role, settings)) for role in ORDER}
        children = [Child(role, settings, sockets) for role in ORDER]
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        keepers = [asyncio.create_task(child.keep()) for child in children]
        announcer = asyncio.create_task(_announce(children, sockets))
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for child in reversed(children):
                await child.stop(settings.drain_s + STOP_GRACE_S)
            announcer.cancel()
            stop.cancel()
            ends = await asyncio.gather(*keepers, return_exceptions=True)
        return next((end.code for end in ends if isinstance(end, NeverReady)), 0)


async def _announce(children: Sequence[Child], sockets: Mapping[Role, socket.socket]) -> None:
    """Say that the whole is ready: the first line is the gateway's."""
    for child in children:
        await child.ready.wait()
    print(children[-1].said, flush=True)
    for child in children:
        print(f"  {child.role}: {_where(sockets[child.role])}, process {child.pid}", flush=True)


class Child:
    """One role's process, started again whenever it dies until it is stopped."""

    def __init__(self, role: Role, settings: Settings, sockets: Mapping[Role, socket.socket]) -> None:
        self.role: Role = role
        self.ready = asyncio.Event()
        self.said = ""  # its first line, once it is ready
        self._environment = {**os.environ, **to_environment(settings)}
        self._socket = sockets[role]
        self._command = _command(role, sockets)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The running process."""
        return None if self._process is None else self._process.pid

    async def keep(self) -> None:
        """Start the process, and start it again when it dies. Raises NeverReady when it never came up at all."""
        delay = FIRST_DELAY_S
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if not self.ready.is_set():
                raise NeverReady(self.role, code)
            delay = FIRST_DELAY_S if loop.time() - began > STEADY_S else min(delay * 2, LAST_DELAY_S)
            log.error("%s died (%s); starting it again in %.1f s", self.role, _cause(code), delay)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._stopping.wait()

    async def stop(self, patience_s: float) -> None:
        """Ask the process to drain and end; end it when its patience runs out."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not stop within %.0f s; killed", self.role, patience_s)
            process.kill()
            await process.wait()

    async def _run_once(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,  # held open by nobody but this process
            stdout=asyncio.subprocess.PIPE,
            pass_fds=[self._socket.fileno()],
            start_new_session=True,  # Ctrl+C reaches the parent alone, which stops its children in order
        )
        log.info("%s is process %d", self.role, process.pid)
        if self._stopping.is_set():  # it was asked to stop before it existed
            process.terminate()
        output = cast("asyncio.StreamReader", process.stdout)
        while line := await output.readline():
            if not self.ready.is_set():
                self.said = line.decode().strip()
                self.ready.set()
        return await process.wait()


def _socket(role: Role, settings: Settings) -> socket.socket:
    return bound(settings.host, settings.port) if role == "gateway" else bound("127.0.0.1", 0)


def _command(role: Role, sockets: Mapping[Role, socket.socket]) -> list[str]:
    where = f"fd:{sockets[role].fileno()}"
    words = [sys.executable, "-m", "promptwire", "serve", role, "--supervised"]
    words += ["--site", where] if role == "gateway" else ["--listen", where]
    for need in NEEDS[role]:
        words += ["--connect", f"{need}={_where(sockets[need])}"]
    return words


def _where(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
