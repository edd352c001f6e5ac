"""The place for giving up waiting: every stream's clocks, looked at by one coarse timer.

A stream does nothing per packet but say that it came; the timer runs only while streams exist, and ends an overdue wait
by cancelling the task that waits, which unwinds the vendor's connection on its way out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Self, TypeVar

from promptwire.api.llm import Timeouts
from promptwire.errors import Failure

T = TypeVar("T")

TICK_S: Final = 0.05
LONGEST_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to wait, in seconds: for the connection, the first token, the next packet, and the whole answer."""

    connect_s: float = 10.0
    first_token_s: float = 60.0
    idle_s: float = 60.0
    total_s: float = 600.0

    def but(self, given: Timeouts | None) -> Waits:
        """These, but for what ``given`` sets. Raises Failure (invalid_request) for a time that is none."""
        if given is None:
            return self
        changed = {name: value for name in given.__struct_fields__ if (value := getattr(given, name)) is not None}
        for name, value in changed.items():
            if not 0 < value <= LONGEST_S:
                raise Failure(
                    "invalid_request", f"timeouts.{name} is more than 0 and at most {LONGEST_S:g} s, not {value:g}"
                )
        return replace(self, **changed)


class Wheel:
    """The one timer of a process: looks at every watch each tick."""

    def __init__(self, tick_s: float = TICK_S) -> None:
        self._tick_s = tick_s
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._watches)

    def watch(self, timeouts: Waits, *, deadline: float | None = None) -> Watch:
        """A watch over one answer, to be entered; ``deadline`` is the caller's, in the loop's clock."""
        return Watch(self, timeouts, deadline)

    def add(self, watch: Watch) -> None:
        """Look at ``watch`` from now on."""
        self._watches.add(watch)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)

    def remove(self, watch: Watch) -> None:
        """Look at ``watch`` no more."""
        self._watches.discard(watch)
        if not self._watches and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for watch in self._watches:
            watch.check(now)
        self._timer = loop.call_later(self._tick_s, self._tick)


class Watch:
    """The clocks of one answer. They are looked at while a wait of `over` lasts; a slow reader is nobody's timeout."""

    __slots__ = (
        "_cancelling",
        "_due",
        "_end",
        "_first_due",
        "_idle_s",
        "_loop",
        "_overdue",
        "_task",
        "_timeouts",
        "_wheel",
        "heard",
    )

    def __init__(self, wheel: Wheel, timeouts: Waits, deadline: float | None) -> None:
        self._wheel = wheel
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + timeouts.total_s
        if deadline is not None:
            self._end = min(self._end, deadline)
        self._first_due: float | None = None  # when the first token is overdue; None once it came
        self._due = 0.0  # when the wait that lasts now is overdue
        self._task: asyncio.Task[Any] | None = None  # the one that waits now
        self._cancelling = 0
        self._overdue: Failure | None = None
        self.heard = False  # a packet came since it was last looked: the wait that lasts is a new one
        self.attempt(timeouts)

    def __enter__(self) -> Self:
        self._wheel.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._wheel.remove(self)

    def attempt(self, timeouts: Waits) -> None:
        """A vendor is asked from now on: its first token is awaited, as long as ``timeouts`` say."""
        self._timeouts = timeouts
        self._first_due = self._loop.time() + self._timeouts.first_token_s
        self._overdue = None

    def first_token(self) -> None:
        """The first token came: from now on the time between packets counts."""
        self._first_due = None

    @property
    def remaining_s(self) -> float:
        """What is left of the whole answer's time."""
        return max(0.0, self._end - self._loop.time())

    def over(self, chunks: AsyncIterator[T]) -> Guarded[T]:
        """``chunks``, each wait for which raises Failure when it is overdue."""
        return Guarded(self, chunks)

    def begin(self) -> None:
        """A wait begins in the current task. Raises Failure when there is no time left."""
        now = self._loop.time()
        if now >= self._end:
            raise self._total()
        due = self._first_due
        self._due = min(self._end, now + self._timeouts.idle_s if due is None else due)
        self.heard = False
        # A stream is read in a task. Whoever asks for it without naming the loop pays for a system call.
        if (task := asyncio.current_task(self._loop)) is not None:
            self._task, self._cancelling = task, task.cancelling()

    def end(self) -> None:
        """The wait ended."""
        self._task = None

    def check(self, now: float) -> None:
        """End the wait that lasts now, if it is overdue."""
        if self._task is None or self._overdue is not None:
            return
        if self.heard:
            self.heard = False
            self._due = min(self._end, now + self._timeouts.idle_s)
        if now >= self._due:
            self._overdue = self._verdict()
            self._task.cancel()

    def overdue(self) -> Failure | None:
        """Asked with a cancellation in hand: the Failure it stands for, if it is ours alone."""
        if self._overdue is None or self._task is None or self._task.uncancel() > self._cancelling:
            return None
        return self._overdue

    def _verdict(self) -> Failure:
        if self._due >= self._end:
            return self._total()
        if self._first_due is None:
            message = f"no packet came for {self._timeouts.idle_s:g} s"
            return Failure("timeout_idle", message, phase="mid_stream")
        message = f"no token came within {self._timeouts.first_token_s:g} s"
        return Failure("timeout_first_token", message, phase="first_packet")

    def _total(self) -> Failure:
        phase = "mid_stream" if self._first_due is None else "first_packet"
        return Failure("timeout_total", "the answer did not end in time", phase=phase)


class Guarded(Generic[T]):
    """A stream whose waits are watched."""

    __slots__ = ("_next", "_watch")

    def __init__(self, watch: Watch, chunks: AsyncIterator[T]) -> None:
        self._watch = watch
        self._next = chunks.__anext__

    def __aiter__(self) -> Guarded[T]:
        return self

    async def __anext__(self) -> T:
        watch = self._watch
        watch.begin()
        try:
            return await self._next()
        except asyncio.CancelledError:
            if (failure := watch.overdue()) is not None:
                raise failure from None
            raise
        finally:
            watch.end()
