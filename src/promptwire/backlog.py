"""The place for what is written behind somebody's back: taken at once, written soon in batches, bounded.

Whoever adds something never waits. When the writing cannot keep up, or what it writes to is gone, what is too much is
dropped and counted, and the log says so. So is what the database refuses for what it is, which would hold up the rest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from promptwire.tasks import stopped

T = TypeVar("T")

BATCH: Final = 500
MOST: Final = 20_000
PAUSE_S: Final = 0.05  # to gather a batch
AGAIN_S: Final = 1.0  # after a batch that could not be written
WARN_S: Final = 10.0
REFUSED: Final = (DataError, IntegrityError)  # nothing but what is written can be the reason

log = logging.getLogger(__name__)


class Backlog(Generic[T]):
    """Waiting ``what``, written by ``write``, at most ``most`` of them."""

    def __init__(
        self, what: str, write: Callable[[Sequence[T]], Awaitable[None]], *, most: int = MOST, pause_s: float = PAUSE_S
    ) -> None:
        self._what, self._write, self._most, self._pause_s = what, write, most, pause_s
        self._waiting: list[T] = []
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._warned_at = float("-inf")
        self.dropped = 0

    def add(self, item: T) -> None:
        """Have it written soon."""
        if len(self._waiting) >= self._most:
            self._drop(1, "they come faster than they are written")
            return
        self._waiting.append(item)
        self._news.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def flush(self) -> None:
        """Write what waits now. What cannot be written goes on waiting."""
        async with self._writing:
            while batch := self._waiting[:BATCH]:
                try:
                    await self._write_all(batch)
                except Exception:
                    log.exception("%d %s could not be written", len(batch), self._what)
                    return
                del self._waiting[: len(batch)]

    async def close(self) -> None:
        """Write the rest, and stop."""
        if self._task is not None:
            await stopped(self._task)
            self._task = None
        await self.flush()
        if self._waiting:
            self._warned_at = float("-inf")
            self._drop(len(self._waiting), "they could not be written before the end")

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(self._pause_s)
            await asyncio.shield(self.flush())
            if self._waiting:
                self._news.set()
                await asyncio.sleep(AGAIN_S)

    async def _write_all(self, batch: Sequence[T]) -> None:
        """Write a batch, if need be without those of it that are refused."""
        try:
            await self._write(batch)
        except REFUSED:
            if len(batch) == 1:
                self._drop(1, "the database refuses them")
                log.exception("one of the %s is refused", self._what)
                return
            middle = len(batch) // 2
            await self._write_all(batch[:middle])
            await self._write_all(batch[middle:])

    def _drop(self, number: int, reason: str) -> None:
        self.dropped += number
        if time.monotonic() - self._warned_at > WARN_S:
            self._warned_at = time.monotonic()
            log.warning("%d %s were dropped so far: %s", self.dropped, self._what, reason)
