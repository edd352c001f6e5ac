"""The place for the reading of one run over any number of connections: what came, what is missing, when to give up.

No socket and no clock of its own: whoever reads feeds bytes, says when a connection broke, and does what it is told.
A run that was started with ``resumable_s`` is kept by the server for that long without a reader, so a connection that
breaks is made anew and the events go on after the last that came: the same events, once each, no second call of the
model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from promptwire.api.message import Event
from promptwire.client.errors import Conflict, NotFound, UpstreamCut
from promptwire.client.server import path
from promptwire.client.sse import Frames, run_event

ENDS: Final = frozenset({"done", "error"})
WAITS_S: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)  # before each attempt without progress; the last again and again


class Resume(NamedTuple):
    """Ask for the rest, after so many seconds."""

    path: str
    headers: dict[str, str]
    wait_s: float


class Reading:
    """One run's reading. ``resumable_s`` 0: it is not kept, and a break is its end."""

    def __init__(self, resumable_s: float = 0.0) -> None:
        self.run_id = ""
        self.ended = False
        self.last = 0  # the number of the last event that came
        self._resumable_s = resumable_s
        self._frames = Frames()
        self._attempts = 0
        self._since: float | None = None  # when it broke

    def opened(self, run_id: str | None) -> None:
        """A connection answers; what half came over the one before is forgotten."""
        self.run_id = self.run_id or run_id or ""
        self._frames = Frames()

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete. Raises PromptwireError: the run's own error."""
        for frame in self._frames.feed(data):
            number = int(frame.id) if frame.id.isdecimal() else self.last + 1
            if self.ended or number <= self.last:  # it came before, or is about this connection alone
                continue
            self.last, self._attempts, self._since = number, 0, None
            self.ended = frame.name in ENDS
            if (event := run_event(frame)) is not None:
                yield event

    def broken(self, cause: object, now: float) -> Resume:
        """What to do after a connection ended without the run's end. Raises UpstreamCut when it is to be given up."""
        if isinstance(cause, NotFound | Conflict):
            raise self._cut(f"and the rest is no longer kept: {cause.message}")
        if not self._resumable_s or not self.run_id:
            raise self._cut("")
        self._since = now if self._since is None else self._since
        if now - self._since > self._resumable_s:
            raise self._cut(f"and could not be read on within {self._resumable_s:g} s: {cause}")
        wait_s = WAITS_S[min(self._attempts, len(WAITS_S) - 1)]
        self._attempts += 1
        return Resume(path("runs", self.run_id, "stream"), {"last-event-id": str(self.last)}, wait_s)

    def _cut(self, more: str) -> UpstreamCut:
        self.ended = True
        said = "the stream stopped before its end" + (f" after event {self.last}, {more}" if more else "")
        return UpstreamCut("upstream_cut", said, phase="mid_stream" if self.last else "first_packet")
