"""The Kitex peer as a process: one that serves, or one that makes a call."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

PEER: Final = Path(__file__).parent / "kitex/build/kitex-peer"
PATIENCE_S: Final = 20.0


class Received(msgspec.Struct):
    """A message as the peer got it, its blob told by its length."""

    message: str
    n: int = 0
    blob: int = 0


class Outcome(msgspec.Struct):
    """How a call of the peer's went. ``kind`` is ok, biz, declared or error."""

    kind: str
    code: int = 0
    text: str = ""
    extra: dict[str, str] | None = None
    messages: list[Received] | None = None
    headers: dict[str, str] | None = None
    trailers: dict[str, str] | None = None
    backward: dict[str, str] | None = None
    millis: int = 0

    @property
    def texts(self) -> list[str]:
        """The text of each message."""
        return [received.message for received in self.messages or ()]


class Load(msgspec.Struct):
    """What many calls at once came to."""

    failed: int
    messages: int
    seconds: float
    cpu_seconds: float
    text: str | None = None


async def start(command: str, argument: dict[str, Any]) -> Process:
    """The peer, running."""
    text = msgspec.json.encode(argument).decode()
    return await asyncio.create_subprocess_exec(PEER, command, text, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)


async def _answer(command: str, argument: dict[str, Any]) -> bytes:
    process = await start(command, argument)
    try:
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        raise
    assert process.returncode == 0, f"the peer could not: {argument}"
    return output


async def call(**argument: Any) -> Outcome:
    """One call of the peer's; client.go says what it can be told."""
    return msgspec.json.decode(await _answer("call", argument), type=Outcome)


async def load(**argument: Any) -> Load:
    """Many calls of the peer's at once; load.go says what it can be told."""
    return msgspec.json.decode(await _answer("load", argument), type=Load)


class Serving:
    """A peer that serves: its address, and what its handlers saw."""

    def __init__(self, process: Process, address: str) -> None:
        self.process, self.address = process, address

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    async def event(self, name: str) -> dict[str, str]:
        """The next event of this name; others before it are passed over."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.process.stdout.readline():
                event = msgspec.json.decode(line, type=dict[str, str])
                if event["event"] == name:
                    return event
        raise AssertionError(f"the peer ended without {name!r}")

    def kill(self) -> None:
        """End it without a word to anybody."""
        self.process.kill()

    def stop(self) -> None:
        """Ask it to stop gracefully."""
        self.process.send_signal(signal.SIGTERM)


@contextlib.asynccontextmanager
async def serving(**argument: Any) -> AsyncGenerator[Serving, None]:
    """A Kitex server, until the block is left; server.go says what it can be told."""
    process = await start("serve", argument)
    try:
        peer = Serving(process, "")
        peer.address = (await peer.event("listening"))["address"]
        yield peer
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


Serve = Callable[..., contextlib.AbstractAsyncContextManager[Serving]]
