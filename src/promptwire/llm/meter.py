"""The place for counting what became of simulated answers, so that somebody else can wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType


class Meter:
    """Counts the answers that are entered: how many go on, ended by themselves, or were told to stop."""

    def __init__(self) -> None:
        self.active = 0
        self.finished = 0
        self.told_to_stop = 0  # the reader left, or gave up waiting
        self._waiting: list[tuple[Callable[[Meter], bool], asyncio.Event]] = []

    def __enter__(self) -> None:
        self.active += 1
        self._tell()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, where: TracebackType | None
    ) -> None:
        self.active -= 1
        if kind is None:
            self.finished += 1
        elif issubclass(kind, asyncio.CancelledError | GeneratorExit | ConnectionError):
            self.told_to_stop += 1
        self._tell()

    async def until(self, condition: Callable[[Meter], bool]) -> None:
        """Wait until ``condition`` holds."""
        if not condition(self):
            event = asyncio.Event()
            self._waiting.append((condition, event))
            await event.wait()

    def _tell(self) -> None:
        for condition, event in self._waiting:
            if condition(self):
                event.set()
        self._waiting = [(condition, event) for condition, event in self._waiting if not event.is_set()]
