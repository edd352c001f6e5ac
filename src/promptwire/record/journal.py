"""The place where recordings are written: in the background, with a sign of life while runs go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from promptwire.backlog import Backlog
from promptwire.record.recording import Recording
from promptwire.record.store import LEASE_S, RecordStore
from promptwire.tasks import stopped

BEAT_S: Final = LEASE_S / 3
MOST: Final = 5_000  # runs that wait to be written

log = logging.getLogger(__name__)


class Journal:
    """Writes recordings to ``store``; without ``contents`` only their figures."""

    def __init__(self, store: RecordStore, *, contents: bool = True, beat_s: float = BEAT_S) -> None:
        self._store, self._contents, self._beat_s = store, contents, beat_s
        self._backlog = Backlog("runs", self._write, most=MOST)
        self._running: set[str] = set()
        self._beating: asyncio.Task[None] | None = None

    def tell(self, recording: Recording) -> None:
        """A run has begun, or has ended."""
        if recording.status == "running":
            self._running.add(recording.run_id)
            if self._beating is None:
                self._beating = asyncio.get_running_loop().create_task(self._beat())
        else:
            self._running.discard(recording.run_id)
        self._backlog.add(recording)

    async def flush(self) -> None:
        """Write what waits."""
        await self._backlog.flush()

    async def close(self) -> None:
        """Write the rest, and stop."""
        if self._beating is not None:
            await stopped(self._beating)
            self._beating = None
        await self._backlog.close()

    async def _write(self, told: Sequence[Recording]) -> None:
        latest = {recording.run_id: recording for recording in told}
        rows = await asyncio.to_thread(lambda: [one.row(contents=self._contents) for one in latest.values()])
        await self._store.put(rows)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            if self._running:
                try:
                    await self._store.still_running()
                except SQLAlchemyError:
                    log.exception("runs that go on could not be kept alive")
