"""The place where a run outlives the connection of its reader: kept, read on, polled, stopped.

A run started with ``resumable_s`` is taken from its service by a task of its own and kept as the very bytes its
readers get, so what is read twice is the same twice, and the model is asked once. It waits for the reader that is
furthest ahead, holds a bounded part of itself, and ends when nobody has read it for so many seconds. Runs are kept in
this process: with several gateways, requests for a run belong to the one that began it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Final, NamedTuple, cast

from msgspec import Raw

import thriftwire.call
from promptwire.api.message import Event, RateLimit
from promptwire.api.run import (
    CancelRunReply,
    CancelRunRequest,
    NumberedEvent,
    RunEventsReply,
    RunEventsRequest,
    StreamRunRequest,
)
from promptwire.errors import Failure
from promptwire.gateway.caller import Caller
from promptwire.gateway.frames import OVERHEAD, Frames
from promptwire.gateway.sse import Native, cut, translated
from thriftwire.streams import pour

AHEAD: Final = 8 * 1024  # bytes of a run that no reader has taken yet, while there are readers
KEPT: Final = 4 * 1024 * 1024  # bytes of one run
KEPT_IN_ALL: Final = 256 * 1024 * 1024
MAX_RESUMABLE_S: Final = 3600.0
MAX_WAIT_S: Final = 60.0
PAGE: Final = 1024 * 1024  # bytes of events in one answer to a poll


class Frame(NamedTuple):
    """One event as its readers get it; ``last``: nothing follows. ``limits`` stand in an answer's headers."""

    number: int
    data: bytes
    last: bool
    limits: Sequence[RateLimit] | None = None


class Replay:
    """The frames of a kept run (see `promptwire.gateway.sse.Dialect`)."""

    def __init__(self) -> None:
        self.ended = False
        self._number = 0

    def event(self, event: Frame) -> bytes:
        """The frame as it is."""
        self.ended, self._number = event.last, event.number
        return event.data

    def error(self, failure: Failure) -> bytes:
        """What went wrong with this reading, not with the run: it takes no number of the run's."""
        self.ended = True
        return Native.frame(self._number, "error", failure.to_error())


class _Reader:
    """One reading of a run: how far it came, and that there is news."""

    def __init__(self, taken: int) -> None:
        self.taken = taken  # bytes
        self.news = asyncio.Event()


class Kept:
    """One run that is kept."""

    def __init__(self, caller: Caller, names: dict[type, str], resumable_s: float, forget: Callable[[], None]) -> None:
        self.owner, self.request_id = caller.key, caller.request_id
        self.ended = False
        self.full = False  # it goes no further for now (see `thriftwire.streams.Flow`)
        self.refused: Failure | None = None  # it failed before its first event
        self._caller, self._resumable_s, self._forget = caller, resumable_s, forget
        self._dialect = Native(names)
        self._frames = Frames()
        self._limits: Sequence[RateLimit] | None = None
        self._readers: set[_Reader] = set()
        self._awaited = False  # the reader who began it is here and has not begun to read
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._cancelled: Failure | None = None

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._frames.end - self._frames.start

    def begin(self, events: AsyncIterator[Any], *, later: bool) -> None:
        """Take the run from its service, in a task that only the run's end ends. ``later``: nobody reads it yet."""
        self._task = asyncio.get_running_loop().create_task(self._take(events))
        self._task.add_done_callback(lambda _: self.ended or self._finish(self._cancelled))  # cancelled unbegun
        self._awaited = not later
        if later:
            self._wait_for_readers()

    def cancel(self, reason: str) -> bool:
        """Stop the run at once; whether it was still going on."""
        if self.ended or self._task is None:
            return False
        self._cancelled = Failure("cancelled", reason, phase=self._phase)
        self._task.cancel()
        return True

    def abandon(self) -> None:
        """The reader who began it left without a word of it."""
        self.cancel("its reader left before it began to answer")
        self._wait_for_readers()

    async def close(self) -> None:
        """Stop the run and forget its timer."""
        self._stop_timer()
        if self._task is not None:
            self.cancel("the server is stopping")
            await asyncio.wait((self._task,))

    async def read(self, after: int) -> AsyncGenerator[Frame, None]:
        """The frames that follow number ``after``, to the end of the run. Raises Failure."""
        reader = _Reader(self._position(after))
        self._readers.add(reader)
        self._awaited = False
        self._stop_timer()
        self._room.set()
        number = after + 1
        try:
            while (frame := await self._next(reader, number)) is not None:
                reader.taken += len(frame.data) + OVERHEAD
                self._room.set()
                yield frame
                if frame.last:
                    return
                number += 1
        finally:
            self._readers.discard(reader)
            self._room.set()
            if not self._readers:
                self._wait_for_readers()

    async def poll(self, after: int, wait_s: float) -> RunEventsReply:
        """What follows number ``after`` by now, or within ``wait_s``. Raises Failure."""
        frames: list[Frame] = []
        size = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s), aclosing(self.read(after)) as reading:
                async for frame in reading:
                    frames.append(frame)
                    size += len(frame.data)
                    if size > PAGE or self._frame(frame.number + 1) is None:
                        break
        events = [_numbered(frame) for frame in frames]
        return RunEventsReply(events=events, ended=frames[-1].last if frames else self.is_over(after))

    async def _next(self, reader: _Reader, number: int) -> Frame | None:
        """The frame of this number, once it is there; None when the run has ended without it. Raises Failure."""
        while (frame := self._frame(number)) is None:
            if self.refused is not None:
                raise self.refused
            if self.ended:
                return None
            reader.news.clear()
            await reader.news.wait()
        return frame

    def _frame(self, number: int) -> Frame | None:
        """The frame of this number, when it is there. Raises Failure when it is no longer."""
        frames = self._frames
        if number < frames.first:
            said = f"the events before number {frames.first} are no longer kept"
            raise Failure("conflict", said, phase="mid_stream")
        if number > frames.last:
            return None
        last = self._dialect.ended and number == frames.last
        return Frame(number, frames.frame(number), last, self._limits if number == 1 else None)

    def _position(self, after: int) -> int:
        """How many bytes the run had with event number ``after``."""
        if after > self._frames.last:
            raise Failure("invalid_request", f"there is no event number {after}")
        return self._frames.position(after)

    def is_over(self, after: int) -> bool:
        """Nothing follows number ``after``, and nothing will."""
        return self.ended and self.refused is None and after == self._frames.last

    async def _take(self, events: AsyncIterator[Any]) -> None:
        failure: Failure | None = None
        try:
            async with aclosing(cast("AsyncGenerator[Any]", events)):
                while await pour(events, self._put, self):
                    await self._wait_for_room()
        except asyncio.CancelledError:
            failure = self._cancelled or Failure("cancelled", "the run was stopped")  # its task ends here
        except Exception as error:  # noqa: BLE001 - the run's boundary: whatever went wrong is said to its readers
            failure = translated(error, self._phase, self._caller)
        self._finish(failure)

    def _put(self, event: Any) -> None:
        if not self._dialect.ended:
            self._limits = getattr(event, "limits", self._limits)  # a Start has them
            self._keep(self._dialect.event(event))
            self.full = self._is_full()

    def _finish(self, failure: Failure | None) -> None:
        self.ended = True
        if not self._dialect.ended:
            failure = (failure or cut(self._phase)).but(phase=None, trace_id=self._caller.trace_id)
            if self._frames.end:
                self._keep(self._dialect.error(failure))
            else:
                self.refused = failure
        self._tell()

    @property
    def _phase(self) -> Any:
        return "mid_stream" if self._frames.end else "first_packet"

    def _keep(self, data: bytes) -> None:
        self._frames.add(data)
        self._frames.keep(KEPT)
        self._tell()

    def _tell(self) -> None:
        for reader in self._readers:
            reader.news.set()

    async def _wait_for_room(self) -> None:
        """Go on when the reader furthest ahead wants more; without readers, as far as the run can be kept."""
        while self._is_full():
            self._room.clear()
            await self._room.wait()
        self.full = False

    def _is_full(self) -> bool:
        if not self._readers:
            return self.size > (AHEAD if self._awaited else KEPT - AHEAD)
        return self._frames.end - max(reader.taken for reader in self._readers) > AHEAD

    def _wait_for_readers(self) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(self._resumable_s, self._expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self.cancel("nobody read the run any more")
        self._forget()


class Runs:
    """The runs of this gateway: the kept ones, and how to stop any. It is the RunService of the contract."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._live: dict[str, tuple[str, Callable[[], None]]] = {}

    async def close(self) -> None:
        """Stop every run that is kept."""
        for kept in tuple(self._kept.values()):
            await kept.close()
        self._kept.clear()

    def keep(
        self,
        caller: Caller,
        events: Callable[[], AsyncIterator[Any]],
        names: dict[type, str],
        resumable_s: float,
        *,
        later: bool = False,
    ) -> AsyncGenerator[Frame, None]:
        """Begin a run that is kept, and read it from its beginning; ``later``: whenever somebody does. Raises Failure.

        Whoever begins it and does not read `abandon`s it, unless it is for later.
        """
        if not 0 < resumable_s <= MAX_RESUMABLE_S:
            raise Failure("invalid_request", f"resumable_s is above 0 and at most {MAX_RESUMABLE_S:g}")
        self._make_room()
        run_id = caller.run_id
        kept = self._kept[run_id] = Kept(caller, names, resumable_s, lambda: self._forget(run_id))
        kept.begin(events(), later=later)
        return kept.read(0)

    @contextlib.contextmanager
    def live(self, caller: Caller, cancel: Callable[[], None]) -> Iterator[None]:
        """A run that its reader's connection holds, while it lasts."""
        self._live[caller.run_id] = (caller.key, cancel)
        try:
            yield
        finally:
            del self._live[caller.run_id]

    def abandon(self, run_id: str) -> None:
        """Stop a kept run whose reader left before being told what it is called: nobody can come back for it."""
        if (kept := self._kept.get(run_id)) is not None:
            kept.abandon()

    def stream_run(self, request: StreamRunRequest) -> AsyncGenerator[Event, None]:
        """Its frames; the gateway writes them as they are."""
        frames = self._find(request.id).read(_after(request))
        return cast("AsyncGenerator[Event, None]", frames)

    def is_over(self, request: StreamRunRequest) -> bool:
        """The reader has everything already."""
        return self._find(request.id).is_over(_after(request))

    async def run_events(self, request: RunEventsRequest) -> RunEventsReply:
        """What follows an event, for clients that cannot stream."""
        if not 0 <= request.wait_s <= MAX_WAIT_S:
            raise Failure("invalid_request", f"wait_s is at least 0 and at most {MAX_WAIT_S:g}")
        return await self._find(request.id).poll(_not_below_0(request.after), request.wait_s)

    async def cancel_run(self, request: CancelRunRequest) -> CancelRunReply:
        """Stop a run at once. Who was not yet told what it is called names the request that began it."""
        owner, cancel = self._live.get(request.id, ("", None))
        if cancel is not None and owner == _key():
            cancel()
            return CancelRunReply(cancelled=True)
        return CancelRunReply(cancelled=self._find(request.id).cancel("the run was stopped"))

    def _find(self, run_id: str) -> Kept:
        kept = self._kept.get(run_id) or self._begun_by(run_id)
        if kept is None or kept.owner != _key():
            raise Failure(
                "not_found",
                f"no run {run_id!r} is going on or kept in this gateway; a run is known only to the gateway that began"
                " it, for as long as it was asked to keep it (resumable_s)",
            )
        return kept

    def _begun_by(self, request_id: str) -> Kept | None:
        """The newest run that a request of this name began."""
        return next((kept for kept in reversed(self._kept.values()) if kept.request_id == request_id), None)

    def _forget(self, run_id: str) -> None:
        self._kept.pop(run_id, None)

    def _make_room(self) -> None:
        """Let go of runs that have ended, the oldest first, until there is room. Raises Failure (overloaded)."""
        size = sum(kept.size for kept in self._kept.values())
        for run_id, kept in tuple(self._kept.items()):
            if size <= KEPT_IN_ALL:
                return
            if kept.ended:
                size -= kept.size
                del self._kept[run_id]
        if size > KEPT_IN_ALL:
            raise Failure("overloaded", "too much of other runs is kept; without resumable_s this one can begin")


def _numbered(frame: Frame) -> NumberedEvent:
    number, event, data = (line.partition(b": ")[2] for line in frame.data.rstrip(b"\n").split(b"\n", 2))
    return NumberedEvent(id=int(number), event=event.decode(), data=Raw(data))


def _after(request: StreamRunRequest) -> int:
    return _not_below_0((request.after if request.after is not None else request.last_event_id) or 0)


def _not_below_0(number: int) -> int:
    if number < 0:
        raise Failure("invalid_request", "events are numbered from 1")
    return number


def _key() -> str:
    call = thriftwire.call.current()
    return "" if call is None else call.metadata.persistent.get("key", "")
