"""The place for one connection of the HTTP server: how much it keeps for a reader who takes nothing, and how long."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UNWRITTEN: Final = 8 * 1024  # bytes of an answer beyond what the kernel takes, above which the run waits
UNREAD_S: Final = 60.0  # until a reader who takes not a byte is thought to have left, as nginx does


class Link(HttpToolsProtocol):
    """uvicorn's connection with bounds: bytes it holds, and the time a reader may take nothing of them."""

    def __init__(self, *arguments: Any, unread_s: float = UNREAD_S, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unread_s = unread_s
        self._unwritten = 0  # bytes when it was last looked
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """The connection is there."""
        transport.set_write_buffer_limits(high=UNWRITTEN)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The reader takes less than is written."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """The reader has taken most of it."""
        self._stop()
        super().resume_writing()

    def _wait(self) -> None:
        self._unwritten = self.transport.get_write_buffer_size()
        self._patience = self.loop.call_later(self._unread_s, self._look)

    def _look(self) -> None:
        """Close at once when nothing was taken since: the run ends as for every reader who leaves."""
        if self.transport.get_write_buffer_size() < self._unwritten:
            self._wait()
        else:
            self.transport.abort()

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
