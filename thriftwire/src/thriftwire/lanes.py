"""One call's lane on a connection: a bounded inbox, the waits on it, and the clocks that end them.

A lane holds at most about ``INBOX_BYTES`` and ``INBOX_COUNT`` messages that nobody has taken. On a wire without
windows (TTHeader Streaming) the only brake is TCP's, so a full lane stops reading for *every* call on the connection
until it is half empty: the head-of-line price of sharing one. A lane that holds others up for longer than the
connection's ``stall_s`` is ended with `LimitExceeded`. Heavy streams do better alone (``pool="long"``) or over gRPC.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from thriftwire.errors import LimitExceeded, RecvTimeout, RPCError, StreamTimeout
from thriftwire.events import End, Event, Headers, Message, Reset

INBOX_COUNT: Final = 256
INBOX_BYTES: Final = 64 * 1024


class Link(Protocol):
    """What a lane asks of the connection it is on."""

    lanes: dict[int, Lane]
    stall_s: float | None
    write_paused: bool

    def send(self, event: Event) -> None:
        """Put an event on its way; raises LocalProtocolError."""
        ...

    def room(self, call_id: int) -> int | None:
        """Bytes that may be sent on the call; None on a wire without windows."""
        ...

    def consumed(self, call_id: int, size: int) -> None:
        """Give credit back for what was taken."""
        ...

    def hold(self, lane: Lane) -> None:
        """Stop reading: the lane is full."""
        ...

    def release(self, lane: Lane) -> None:
        """The lane is no longer full."""
        ...

    def retire(self) -> None:
        """Open no new call here."""
        ...

    def await_room(self, lane: Lane) -> None:
        """Call the lane's `Lane.wake_sender` when there may be room."""
        ...

    def forget(self, lane: Lane) -> None:
        """The call is over."""
        ...


class Patience:
    """A limit on each of many waits, at the price of one timer: it is moved, not made, per wait."""

    __slots__ = ("_expired", "_limit_s", "_loop", "_timer", "_until")

    def __init__(self, loop: asyncio.AbstractEventLoop, limit_s: float, expired: Callable[[], None]) -> None:
        self._loop, self._limit_s, self._expired = loop, limit_s, expired
        self._timer: asyncio.TimerHandle | None = None
        self._until: float | None = None

    def begin(self) -> None:
        """A wait begins."""
        self._until = self._loop.time() + self._limit_s
        if self._timer is None:
            self._timer = self._loop.call_at(self._until, self._check)

    def end(self) -> None:
        """The wait is over."""
        self._until = None

    def close(self) -> None:
        """No wait will begin again."""
        self._until = None
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        self._timer = None
        if self._until is None:
            return
        if self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._check)
        else:
            self._expired()


class Brake:
    """What a lane that is full stops: the reading of its link, though not for long when others are held up by it."""

    __slots__ = ("_lane", "_stalled", "on")

    def __init__(self, lane: Lane) -> None:
        self._lane, self.on = lane, False
        self._stalled: asyncio.TimerHandle | None = None

    def pull(self) -> None:
        """Stop reading."""
        self.on = True
        self._lane.link.hold(self._lane)
        self._watch()

    def release(self) -> None:
        """Read on."""
        if self.on:
            self.on = False
            self._lane.link.release(self._lane)
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _watch(self) -> None:
        if (stall_s := self._lane.link.stall_s) is not None:
            self._stalled = self._lane.loop.call_later(stall_s, self._stall)

    def _stall(self) -> None:
        self._stalled = None
        if len(self._lane.link.lanes) > 1:
            self._lane.timed_out(LimitExceeded("messages were taken too slowly and held up other calls"))
        else:
            self._watch()


class Lane:
    """One call on a link, from one side. The link feeds it; one task takes from it and one may send."""

    __slots__ = (
        "_brake",
        "_deadline",
        "_receiver",
        "_recv",
        "_sender",
        "_sending",
        "_take",
        "call_id",
        "ended",
        "error",
        "headers",
        "inbox",
        "link",
        "loop",
        "over",
        "size",
        "windowed",
    )

    def __init__(self, link: Link, call_id: int, loop: asyncio.AbstractEventLoop) -> None:
        self.link, self.call_id, self.loop = link, call_id, loop
        self.inbox: deque[bytes] = deque()
        self.size = 0  # bytes in the inbox
        self.windowed = link.room(call_id) is not None
        self.headers: Headers | None = None
        self.ended: End | None = None
        self.error: RPCError | None = None
        self.over = False  # nothing more is sent here
        self._brake = Brake(self)
        self._receiver: asyncio.Future[None] | None = None
        self._take: Callable[[bytes], bool] | Exception | None = None  # takes what comes, at once; or what it raised
        self._sender: asyncio.Future[None] | None = None
        self._recv: Patience | None = None
        self._sending: Patience | None = None
        self._deadline: asyncio.TimerHandle | None = None
        link.lanes[call_id] = self

    def limit(self, *, deadline: float | None, recv_s: float | None, send_s: float | None) -> None:
        """Set the clocks: the end of the call, the longest wait for one message, and for room to send one."""
        if deadline is not None:
            passed = StreamTimeout("the call's deadline passed")
            self._deadline = self.loop.call_at(deadline, self.timed_out, passed)
        if recv_s is not None:
            late = RecvTimeout(f"no message came for {recv_s:g} s")
            self._recv = Patience(self.loop, recv_s, lambda: self.timed_out(late))
        if send_s is not None:
            stuck = RecvTimeout(f"the peer took nothing for {send_s:g} s")
            self._sending = Patience(self.loop, send_s, lambda: self.timed_out(stuck))

    # Fed by the link

    def put(self, payload: bytes) -> None:
        """A message came."""
        if self.error is not None:
            self.link.consumed(self.call_id, len(payload))
            return
        if callable(take := self._take):
            self._hand(payload, take)
            return
        self.inbox.append(payload)
        self.size += len(payload)
        if not self._brake.on and not self.windowed and (self.size > INBOX_BYTES or len(self.inbox) > INBOX_COUNT):
            self._brake.pull()
        if (receiver := self._receiver) is not None and not receiver.done():
            receiver.set_result(None)

    def put_event(self, event: Headers | End | Reset) -> None:
        """Something else than a message came."""
        match event:
            case Headers():
                self.put_headers(event)
            case End():
                self.put_end(event)
            case Reset():
                self.put_reset(event)

    def put_headers(self, event: Headers) -> None:
        """The server's headers came."""
        self.headers = event
        self._wake()

    def put_end(self, event: End) -> None:
        """The peer finished its side."""
        self.ended = event
        self._wake()

    def put_reset(self, event: Reset) -> None:
        """The peer ended the call at once."""
        raise NotImplementedError

    def fail(self, error: RPCError, *, at_once: bool = True) -> None:
        """End the call with an error; what is queued may still be taken unless it must end ``at_once``."""
        if self.error is not None:
            return
        self.error = error
        if at_once:
            self.discard()
        self.close()

    def discard(self) -> None:
        """Throw away what is queued."""
        if self.inbox:
            self.inbox.clear()
            self.link.consumed(self.call_id, self.size)
            self.size = 0
        self._brake.release()

    def close(self) -> None:
        """The call is over on this link: stop the clocks and wake whoever waits."""
        self.over = True
        self.link.forget(self)
        for clock in (self._recv, self._sending):
            if clock is not None:
                clock.close()
        if self._deadline is not None:
            self._deadline.cancel()
        self._brake.release()
        self._wake()
        self.wake_sender()

    # Taking

    def pop(self) -> bytes:
        """The next message; the inbox must hold one."""
        payload = self.inbox.popleft()
        self.size -= len(payload)
        if self.windowed:
            self.link.consumed(self.call_id, len(payload))
        elif self._brake.on and self.size <= INBOX_BYTES // 2 and len(self.inbox) <= INBOX_COUNT // 2:
            self._brake.release()
        return payload

    async def take(self) -> bytes | None:
        """The next message, None when the peer has finished. Raises the error that ended the call."""
        while not self.inbox:
            if self.error is not None:
                raise self.error
            if self.ended is not None:
                return None
            await self.arrival()
        return self.pop()

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        """Give ``take`` every message where it arrives until it wants no more, which is true, or the peer has finished.

        Raises the error that ended the call, and what ``take`` raises.
        """
        while True:
            while self.inbox:
                if not take(self.pop()):
                    return True
            if self.error is not None:
                raise self.error
            if self.ended is not None:
                return False
            self._take = take
            try:
                await self.arrival()
                if isinstance(self._take, Exception):
                    raise self._take
                if self._take is None:
                    return True
            finally:
                self._take = None

    async def arrival(self) -> None:
        """Wait until something has come: headers, a message, an end, an error."""
        self._receiver = self.loop.create_future()
        if self._recv is not None:
            self._recv.begin()
        try:
            await self._receiver
        finally:
            self._receiver = None
            if self._recv is not None:
                self._recv.end()

    # Sending

    @property
    def choked(self) -> bool:
        """A message sent now would only pile up: await `room` first."""
        return self.link.write_paused or (self.windowed and (self.link.room(self.call_id) or 0) <= 0)

    async def room(self) -> None:
        """Wait until a message may be sent. Raises the error that ended the call."""
        while not self.over and self.choked:
            self.link.await_room(self)
            self._sender = self.loop.create_future()
            if self._sending is not None:
                self._sending.begin()
            try:
                await self._sender
            finally:
                self._sender = None
                if self._sending is not None:
                    self._sending.end()
        if self.error is not None:
            raise self.error

    def send(self, payload: bytes) -> None:
        """Send a message, unless the call is over. Raises the error that ended it."""
        if self.error is not None:
            raise self.error
        if not self.over:
            self.link.send(Message(self.call_id, payload))

    def wake_sender(self) -> None:
        """There may be room now."""
        if (sender := self._sender) is not None and not sender.done():
            sender.set_result(None)

    # What each side does its own way

    def timed_out(self, error: RPCError) -> None:
        """A clock ran out."""
        raise NotImplementedError

    def _hand(self, payload: bytes, take: Callable[[bytes], bool]) -> None:
        """Give a message to who takes it here; who waits is only told when that is over."""
        if self.windowed:
            self.link.consumed(self.call_id, len(payload))
        if self._recv is not None:
            self._recv.begin()
        try:
            self._take = take if take(payload) else None
        except Exception as error:  # noqa: BLE001 - of who waits
            self._take = error
        if self._take is not take:
            self._wake()

    def _wake(self) -> None:
        if (receiver := self._receiver) is not None and not receiver.done():
            receiver.set_result(None)
