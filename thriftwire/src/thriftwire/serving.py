"""A server's side of one call: its lane, what its handler reads, and the task that runs the handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from thriftwire.call import BACKWARD_PREFIX, Call, close, serve
from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    DecodeError,
    LimitExceeded,
    LocalProtocolError,
    RecvTimeout,
    RPCError,
)
from thriftwire.events import End, Failure, Headers, Open, Reset
from thriftwire.failures import end_error, handler_end, reset_error, to_failure
from thriftwire.hooks import CallHooks, Hooks
from thriftwire.lanes import Lane
from thriftwire.service import Method
from thriftwire.sockets import Connection
from thriftwire.streams import pour

logger = logging.getLogger("thriftwire.server")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and the handler's implementation of it."""

    method: Method
    handle: Callable[..., Any]


class ServerLane(Lane):
    """A server's end of one call: its handler is cancelled when the client gives up."""

    __slots__ = ("call", "gone", "opened", "refusal", "reply_headers", "stopped", "task")

    def __init__(self, link: Connection, event: Open, call: Call) -> None:
        super().__init__(link, event.call_id, link.loop)
        self.call, self.opened = call, event
        self.task: asyncio.Task[None] | None = None
        self.gone = False  # the client hears nothing any more
        self.stopped = False  # its handler has been told to end
        self.reply_headers = False  # they are on their way
        self.refusal: LimitExceeded | None = None  # a limit of ours that ended the call

    def put_reset(self, event: Reset) -> None:
        """The client gave the call up, or was told to by whoever called it."""
        self.cut(reset_error(event), event.path)

    def fail(self, error: RPCError, *, at_once: bool = True) -> None:
        """The connection was lost."""
        self.cut(error)

    def cut(self, error: RPCError, path: tuple[str, ...] = ()) -> None:
        """Nobody is there to answer: end the handler."""
        self.gone = True
        self.stop(error, path)

    def stop(self, error: RPCError, path: tuple[str, ...] = ()) -> None:
        """End the handler; the client, if there, is told why."""
        if self.stopped:
            return
        self.stopped = True
        super().fail(error)  # keeps an earlier error
        self.call.cancel(error, path)
        if self.task is not None:
            self.task.cancel()

    def timed_out(self, error: RPCError) -> None:
        """A clock ran out: a wait fails where it is waited, anything else ends the handler."""
        if isinstance(error, RecvTimeout):
            super().fail(error)
        else:
            self.stop(error)

    def reply(self, payload: bytes) -> None:
        """Send a message, after the headers if it is the first."""
        if not self.reply_headers:
            self.begin()
        self.send(payload)

    def begin(self) -> None:
        """Send the headers."""
        self.reply_headers = True
        headers = self.call.headers
        if self.opened.streaming is False:  # the entries of a unary reply are its backward metadata (kitex-wire 1.4)
            headers = headers | self.call.metadata.backward
        self.link.send(Headers(call_id=self.call_id, headers=headers))

    def finish(self, error: Exception | None) -> None:
        """Tell the client how the call ended, if it is there to hear it."""
        if not self.gone:
            self._say(self._end(error))
        self.close()

    def _end(self, error: Exception | None) -> End:
        trailers = dict(self.call.trailers)
        if self.opened.streaming is not False:
            trailers |= {BACKWARD_PREFIX + key: value for key, value in self.call.metadata.backward.items()}
        if error is None:
            return End(call_id=self.call_id, trailers=trailers)
        ours = error in (self.error, self.refusal) or self.call.ran_out(error, self.loop.time())
        if isinstance(error, RPCError) and ours:
            return End(call_id=self.call_id, trailers=trailers, failure=to_failure(error))
        return handler_end(self.call_id, error, trailers)

    def _say(self, end: End) -> None:
        try:
            if not self.reply_headers:
                self.begin()
            self.link.send(end)
        except LocalProtocolError as error:
            self._say_instead(error)

    def _say_instead(self, error: LocalProtocolError) -> None:
        """What the wire cannot carry (a business status on framed calls) is refused loudly, not lost."""
        failure = Failure(ApplicationError.INTERNAL_ERROR, f"the answer could not be sent: {error}")
        try:
            self.link.send(End(call_id=self.call_id, failure=failure))
        except LocalProtocolError:  # the connection has ended: nobody is there to hear
            logger.debug("%s.%s: %s", self.call.service, self.call.method, error)
        else:
            logger.error("%s.%s: %s", self.call.service, self.call.method, error)


class Requests:
    """A handler's view of what the client sends: an async iterator, closed with the call."""

    __slots__ = ("_decode", "_hooks", "_lane")

    def __init__(self, lane: ServerLane, method: Method, hooks: CallHooks | None) -> None:
        self._lane, self._decode, self._hooks = lane, method.request.decode, hooks

    def __aiter__(self) -> Requests:
        """The iterator is its own."""
        return self

    async def __anext__(self) -> Any:
        """The next request. Raises what ended the call early: Cancelled, RecvTimeout, TransportError."""
        lane = self._lane
        payload = lane.pop() if lane.inbox else await lane.take()
        if payload is None:
            if lane.ended is not None and (error := end_error(lane.ended)) is not None:
                raise error
            raise StopAsyncIteration
        if self._hooks is None:
            return self._decode(payload)
        return await self._hooks.incoming(payload, self._decode)


async def run_call(lane: ServerLane, route: Route, hooks: Hooks) -> None:
    """Serve one call: whatever the handler does, its caller is told, and nothing is left."""
    serve(lane.call)
    try:
        mine = hooks.admit(lane.call, streaming=route.method.mode.streaming)
    except LimitExceeded as refusal:
        lane.refusal = refusal
        lane.finish(refusal)
        return
    outcome = await _outcome(lane, _handle(lane, route, mine))
    if mine is not None:
        lane.refusal = mine.refusal
        outcome = await _outcome(lane, mine.end(outcome)) or outcome
    if outcome is not None:
        log_failure(lane.call, outcome, lane.error)
    lane.finish(outcome)


async def _outcome(lane: ServerLane, work: Awaitable[None]) -> Exception | None:
    """What work on a call ended with, None when it went well. Its task ends with it, so cancellation stops here."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - a task boundary: whatever a handler raises is told to its caller
        return error
    except asyncio.CancelledError:
        return lane.error or Cancelled("the handler was cancelled")
    return None


async def _handle(lane: ServerLane, route: Route, hooks: CallHooks | None) -> None:
    if hooks is not None:
        if hooks.trace is not None:
            hooks.trace.opened()
        await hooks.enter()
    method = route.method
    requests = Requests(lane, method, hooks)
    if method.mode.client_streams:
        result = route.handle(requests)
    else:
        request = await _only(requests)
        result = route.handle(request) if method.mode.streaming else route.handle(*request)
    if method.mode.server_streams:
        await _send_all(lane, method, result, hooks)
        return
    try:
        reply = await result
    except method.throws as error:  # a declared exception is a result too
        lane.reply(method.response.encode(error))
        return
    if not method.oneway:
        await _send(lane, reply, method, hooks)


async def _only(requests: Requests) -> Any:
    try:
        return await anext(requests)
    except StopAsyncIteration:
        raise DecodeError("the call ended without a request") from None


async def _send(lane: ServerLane, message: Any, method: Method, hooks: CallHooks | None) -> None:
    encode = method.response.encode
    payload = encode(message) if hooks is None else await hooks.outgoing(message, encode)
    if lane.choked:
        await lane.room()
    lane.reply(payload)


async def _send_all(lane: ServerLane, method: Method, replies: AsyncIterator[Any], hooks: CallHooks | None) -> None:
    encode = method.response.encode
    try:
        if hooks is None:
            sending = _Sending(lane, encode)
            await sending.room()
            while await pour(replies, sending.send, sending):
                await sending.room()
            return
        async for message in replies:
            payload = await hooks.outgoing(message, encode)
            if lane.choked:
                await lane.room()
            lane.reply(payload)
    finally:
        await close(replies)


class _Sending:
    """Replies on their way to a lane, as long as it takes them (see `thriftwire.streams.Flow`)."""

    __slots__ = ("_encode", "_lane", "full")

    def __init__(self, lane: ServerLane, encode: Callable[[Any], bytes]) -> None:
        self._lane, self._encode = lane, encode
        self.full = False

    def send(self, message: Any) -> None:
        lane = self._lane
        lane.reply(self._encode(message))
        self.full = lane.choked

    async def room(self) -> None:
        if self._lane.choked:
            await self._lane.room()
        self.full = False


def log_failure(call: Call, error: Exception, known: Exception | None = None) -> None:
    """A handler's own answers are its business, a caller's mistakes are news, and the rest is a fault."""
    match error:
        case BizStatusError() | ApplicationError():
            return
        case RPCError() if error is known:
            logger.debug("%s.%s for %s: %s", call.service, call.method, call.peer, error)
        case RPCError() | DecodeError():
            logger.warning("%s.%s for %s: %s", call.service, call.method, call.peer, error)
        case _:
            logger.error("%s.%s for %s failed", call.service, call.method, call.peer, exc_info=error)
