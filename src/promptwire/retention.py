"""The place where what is kept is forgotten in time: at the start, and every so often."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from promptwire.tasks import stopped

EVERY_S: Final = 600.0

log = logging.getLogger(__name__)


class Retention:
    """Forgets. Each of ``forget`` gives how many it forgot, by what they are called."""

    def __init__(self, forget: Mapping[str, Callable[[], Awaitable[int]]], *, every_s: float = EVERY_S) -> None:
        self._forget, self._every_s = forget, every_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to forget."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            await stopped(self._task)

    async def once(self) -> None:
        """Forget what is too old now."""
        for what, forget in self._forget.items():
            try:
                if number := await forget():
                    log.info("%d %s are no longer kept", number, what)
            except SQLAlchemyError:
                log.exception("old %s could not be forgotten", what)

    async def _run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(self._every_s)
