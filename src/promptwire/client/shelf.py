"""The place where it is decided where a prompt comes from: server, cache, snapshot or fallback. It asks nobody.

A prompt is fresh for its time; then it is still given at once, and one caller is told to ask anew in the background.
Only the first asking waits. A version never changes, but snippets that are put into it may.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

from promptwire.api.version import Commit
from promptwire.client.errors import Internal, Overloaded, PromptwireError, TimedOut, Upstream
from promptwire.client.snapshots import Ask, Snapshots

Source: TypeAlias = Literal["server", "cache", "stale", "snapshot", "fallback"]

MAX_KEPT: Final = 1000  # prompts; the one longest unused goes
AGAIN_S: Final = 5.0  # after a refresh that failed

DOWN: Final = (Overloaded, Upstream, TimedOut, Internal)
"""What says that the server is unwell, not that the request is wrong."""

log = logging.getLogger("promptwire.client")


class Found(NamedTuple):
    """A prompt at hand. ``refresh``: whoever gets it asks anew, without being waited for."""

    commit: Commit
    source: Source
    refresh: bool = False


class _Kept:
    def __init__(self, commit: Commit, source: Source, at: float) -> None:
        self.commit, self.at = commit, at
        self.source: Source = source
        self.asking = False
        self.not_before = 0.0


class Shelf:
    """The prompts of one client; any number of threads may use it."""

    def __init__(self, snapshots: Snapshots, clock: Callable[[], float] = time.monotonic) -> None:
        self._snapshots, self._clock = snapshots, clock
        self._kept = OrderedDict[Ask, _Kept]()
        self._lock = threading.Lock()
        self._warned: set[tuple[Ask, Source]] = set()

    def look(self, ask: Ask, ttl_s: float, fallback: Commit | None = None) -> Found | None:
        """What is at hand; None: the server has to be asked and waited for."""
        with self._lock:
            kept = self._kept.get(ask)
            if kept is None or (kept.source == "fallback" and fallback is None):
                return None
            self._kept.move_to_end(ask)
            now = self._clock()
            if kept.source == "server" and now - kept.at < ttl_s:
                return Found(kept.commit, "cache")
            refresh = not kept.asking and now >= kept.not_before
            kept.asking = kept.asking or refresh
            commit = fallback if kept.source == "fallback" and fallback is not None else kept.commit
            source: Source = "stale" if kept.source == "server" else kept.source
            return Found(commit, source, refresh)

    def answered(self, ask: Ask, commit: Commit) -> Found:
        """The server answered."""
        self._put(ask, commit, "server")
        self._snapshots.keep(ask, commit)
        return Found(commit, "server")

    def failed(self, ask: Ask, error: PromptwireError, fallback: Commit | None) -> Found:
        """The server did not answer the first asking: what stands in. Raises the error when nothing does."""
        if isinstance(error, DOWN) and (commit := self._snapshots.find(ask)) is not None:
            self._put(ask, commit, "snapshot")
            return self._told(ask, Found(commit, "snapshot"), error)
        if fallback is None:
            raise error
        self._put(ask, fallback, "fallback")
        return self._told(ask, Found(fallback, "fallback"), error)

    def refresh_failed(self, ask: Ask, error: PromptwireError) -> None:
        """The server did not answer in the background: what is there stays, and it is asked again a little later."""
        with self._lock:
            if (kept := self._kept.get(ask)) is not None:
                kept.asking, kept.not_before = False, self._clock() + AGAIN_S
        self._warn(ask, "stale", error)

    def _put(self, ask: Ask, commit: Commit, source: Source) -> None:
        with self._lock:
            kept = self._kept[ask] = _Kept(commit, source, self._clock())
            kept.not_before = 0.0 if source == "server" else self._clock() + AGAIN_S
            self._kept.move_to_end(ask)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        if source == "server":
            self._warned -= {(ask, each) for each in ("stale", "snapshot", "fallback")}

    def _told(self, ask: Ask, found: Found, error: PromptwireError) -> Found:
        self._warn(ask, found.source, error)
        return found

    def _warn(self, ask: Ask, source: Source, error: PromptwireError) -> None:
        if (ask, source) not in self._warned:  # once, until the server answers again
            self._warned.add((ask, source))
            log.warning("prompt %s comes from %s: %s", ask, WHERE[source], error)


WHERE: Final = {
    "stale": "an earlier answer of the server",
    "snapshot": "the snapshot on disk",
    "fallback": "the fallback in the program",
}
