"""A client's side of one call: its lane, and the iterator its user reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, Protocol

from thriftwire.call import BACKWARD_PREFIX, Call, close, outgoing
from thriftwire.endpoints import Peers
from thriftwire.errors import (
    ApplicationError,
    Cancelled,
    ConnectError,
    RemoteProtocolError,
    RPCError,
    ServerDraining,
    StreamTimeout,
)
from thriftwire.events import End, Headers, Open, Reset
from thriftwire.failures import end_error, reset_error, to_failure
from thriftwire.hooks import CallHooks, Hooks
from thriftwire.lanes import Lane
from thriftwire.service import Method, Service
from thriftwire.sockets import Connection
from thriftwire.streams import Flow, Poured, Sink
from thriftwire.tracing import Trace

_MOVES: Final = 2  # times a call goes to another peer because one that is going away refused it


class Caller(Protocol):
    """What an exchange asks of its client."""

    service: Service[Any]
    name: str
    hooks: Hooks
    stream_s: float | None
    recv_s: float | None
    send_s: float | None

    def peers(self, method: Method) -> Peers:
        """Where a method's calls go."""
        ...

    def spawn(self, work: Awaitable[None]) -> None:
        """Run what outlives the call that needed it."""
        ...


class ClientLane(Lane):
    """A client's end of one call: it tells the server when the call is given up."""

    __slots__ = ("call", "failed_request", "streaming", "trace")

    def __init__(self, link: Connection, call_id: int, call: Call, *, streaming: bool, trace: Trace | None) -> None:
        super().__init__(link, call_id, link.loop)
        self.call, self.streaming, self.trace = call, streaming, trace
        self.failed_request: Exception | None = None  # what the caller's own iterator of requests raised

    def put_headers(self, event: Headers) -> None:
        """The server's headers came."""
        call = self.call
        call.headers.clear()
        call.headers.update(event.headers)
        if not self.streaming:  # a reply's entries are its backward metadata (kitex-wire 1.4)
            call.metadata.backward.update(event.headers)
        if self.trace is not None:
            self.trace.headers_came()
        super().put_headers(event)

    def put_end(self, event: End) -> None:
        """The server finished, and the call with it."""
        call = self.call
        call.trailers.clear()
        for key, value in event.trailers.items():
            if key.startswith(BACKWARD_PREFIX):
                call.metadata.backward[key.removeprefix(BACKWARD_PREFIX)] = value
            else:
                call.trailers[key] = value
        if event.failure is not None and event.failure.code == ServerDraining.code:
            self.link.retire()
        super().put_end(event)
        self.close()

    def put_reset(self, event: Reset) -> None:
        """The server gave the call up."""
        self.fail(reset_error(event))

    def timed_out(self, error: RPCError) -> None:
        """A clock ran out."""
        self.abort(error)

    def cancel(self, reason: RPCError, path: tuple[str, ...]) -> None:
        """The call this one was made from was cancelled."""
        self.abort(reason, path)

    def half_close(self) -> None:
        """Say that no message follows, unless the call is over."""
        if not self.over:
            self.link.send(End(call_id=self.call_id))

    def abort(self, error: RPCError, path: tuple[str, ...] = ()) -> None:
        """Give the call up, telling the server why and whom it crossed."""
        if not self.over:
            names = (self.call.caller,) if self.call.caller else ()
            self.link.send(Reset(call_id=self.call_id, failure=to_failure(error), path=path + names))
        self.fail(error)

    def fail(self, error: RPCError, *, at_once: bool = True) -> None:
        """End the call with an error, unless the server has already ended it."""
        if self.ended is None:
            super().fail(error, at_once=at_once)

    def give_up(self, error: BaseException | None) -> None:
        """The user is done: whatever the state of the call is, nothing of it is alive afterwards."""
        if self.call.parent is not None:
            self.call.parent.dependents.discard(self)
        if error is not None:
            self.abort(error if isinstance(error, RPCError) else Cancelled(f"the caller gave up: {_brief(error)}"))
        self.discard()


def _brief(error: BaseException) -> str:
    return "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__


class Exchange(Poured):
    """A client's side of one call: an async iterator of its responses.

    Nothing is sent before the first is asked for. Leaving early by `aclose`, cancellation, or by letting go of the
    iterator tells the server at once.
    """

    __slots__ = (
        "_call",
        "_client",
        "_decode",
        "_hooks",
        "_lane",
        "_method",
        "_moves",
        "_over",
        "_payload",
        "_request",
        "_sender",
    )

    def __init__(self, client: Caller, method: Method, request: Any) -> None:
        self._client, self._method, self._request = client, method, request
        self._call = outgoing(
            client.service.name,
            method.name,
            caller=client.name,
            timeout_s=client.stream_s,
            recv_timeout_s=client.recv_s,
        )
        self._decode = method.response.decode
        self._hooks: CallHooks | None = None
        self._lane: ClientLane | None = None
        self._sender: asyncio.Task[None] | None = None
        self._payload: bytes | None = None  # the request, as long as it might have to be sent again
        self._moves = 0
        self._over = False

    def __aiter__(self) -> Exchange:
        """The iterator is its own."""
        return self

    async def __anext__(self) -> Any:
        """The next response. Raises BizStatusError or RPCError when the call failed."""
        if (lane := self._lane) is None:
            if self._over:
                raise StopAsyncIteration
            lane = await self._begin()
        try:
            payload = lane.pop() if lane.inbox else await lane.take()
            while payload is None and self._refused(lane):
                lane = await self._move(lane)
                payload = await lane.take()
            if payload is not None:
                self._payload = None
                if self._hooks is None:
                    message = self._decode(payload)
                else:
                    message = await self._hooks.incoming(payload, self._decode)
                if self._method.throws and isinstance(message, self._method.throws):
                    await self._drain(lane)
                    raise message
                return message
            self._conclude(lane)
        except BaseException as error:
            await self._fail(lane, error)
            raise
        await self._finish(None)
        raise StopAsyncIteration

    async def pour(self, sink: Sink[Any], flow: Flow) -> bool:
        """See `thriftwire.streams.pour`. What is looked at by others than the reader comes one by one."""
        try:
            while (lane := self._lane) is None or self._payload is not None or self._hooks or self._method.throws:
                sink(await self.__anext__())
                if flow.full:
                    return True
        except StopAsyncIteration:
            return False
        decode = self._decode

        def take(payload: bytes) -> bool:
            sink(decode(payload))
            return not flow.full

        try:
            if await lane.pour(take):
                return True
            self._conclude(lane)
        except BaseException as error:
            await self._fail(lane, error)
            raise
        await self._finish(None)
        return False

    async def single(self) -> Any:
        """The one response of a call that has one, after its end; None when the method is oneway."""
        try:
            if self._method.oneway:
                await self._begin()
                await self._finish(None)
                return None
            try:
                reply = await self.__anext__()
            except StopAsyncIteration:
                raise ApplicationError(ApplicationError.MISSING_RESULT, "the server ended without a result") from None
            try:
                await self.__anext__()
            except StopAsyncIteration:
                return reply
            raise RemoteProtocolError("a second message where one belongs")
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Leave: when the call is not over, the server is told that it was cancelled."""
        if not self._over:
            await self._finish(Cancelled("the caller left"))

    def __del__(self) -> None:
        if self._over or (lane := self._lane) is None:
            return
        loop = lane.loop
        if not loop.is_closed():
            _drop(loop, self._client, lane, self._sender, self._hooks)

    async def _begin(self) -> ClientLane:
        call, client, method = self._call, self._client, self._method
        try:
            hooks = self._hooks = client.hooks.admit(call, streaming=method.mode.streaming)
            if hooks is not None:
                await hooks.enter()
            if method.mode.client_streams:
                lane = await self._open()
                sending = _send_all(lane, method, self._request, hooks)
                self._sender = lane.loop.create_task(sending)
            else:
                encode = method.request.encode
                request = self._request
                payload = encode(request) if hooks is None else await hooks.outgoing(request, encode)
                self._payload = payload
                lane = await self._ask(payload)
            self._request = None
        except BaseException as error:
            await self._finish(error)
            raise
        return lane

    async def _ask(self, payload: bytes) -> ClientLane:
        """Open the call and send its one request."""
        lane = await self._open()
        if lane.choked:
            await lane.room()
        lane.send(payload)
        lane.half_close()
        if self._method.oneway:
            lane.close()
        return lane

    def _refused(self, lane: ClientLane) -> bool:
        """A server that is going away took no notice of the call: it may be made elsewhere."""
        ended = lane.ended
        refused = ended is not None and ended.failure is not None and ended.failure.code == ServerDraining.code
        return refused and self._payload is not None and self._moves < _MOVES

    async def _move(self, lane: ClientLane) -> ClientLane:
        self._moves += 1
        lane.give_up(None)
        try:
            return await self._ask(self._payload or b"")
        except ConnectError as error:
            raise ServerDraining("the server is going away, and no other can be reached") from error

    async def _connection(self) -> Connection:
        peers, call = self._client.peers(self._method), self._call
        if (connection := peers.free()) is not None:
            return connection
        if call.deadline is None:
            return await peers.acquire()
        try:
            async with asyncio.timeout_at(call.deadline):
                return await peers.acquire()
        except TimeoutError as error:
            raise StreamTimeout("the call's deadline passed before it had a connection") from error

    async def _open(self) -> ClientLane:
        """Open the call on a connection, bound to the call it is made from."""
        link = await self._connection()
        call, method, metadata = self._call, self._method, self._call.metadata
        call_id = link.machine.new_call_id()
        call.peer = link.peer
        link.send(
            Open(
                call_id=call_id,
                service=call.service,
                method=method.name,
                streaming=method.mode.streaming,
                oneway=method.oneway,
                transient=metadata.transient,
                persistent=metadata.persistent,
                headers=call.request_headers,
                caller=call.caller,
                timeout_ms=call.remaining_ms(link.loop.time()),
            )
        )
        trace = None if self._hooks is None else self._hooks.trace
        streaming = method.mode.streaming
        lane = ClientLane(link, call_id, call, streaming=streaming, trace=trace)
        lane.limit(deadline=call.deadline, recv_s=call.recv_timeout_s, send_s=self._client.send_s)
        if trace is not None:
            trace.opened()
        if call.parent is not None:
            call.parent.dependents.add(lane)
            if call.parent.reason is not None:
                lane.cancel(call.parent.reason, call.parent.path)
        self._lane = lane
        return lane

    def _conclude(self, lane: ClientLane) -> None:
        """The server has ended the call. Raises what it ended with."""
        error = end_error(lane.ended) if lane.ended is not None else None
        if isinstance(error, RPCError) and self._call.expired(lane.loop.time()):
            raise StreamTimeout("the call's deadline passed") from error  # the server saw it a bit sooner
        if error is not None:
            raise error

    @staticmethod
    async def _drain(lane: ClientLane) -> None:
        while await lane.take() is not None:
            pass

    async def _fail(self, lane: ClientLane, error: BaseException) -> None:
        """End with ``error``, unless it is that of the caller's requests: then raise that."""
        failure = lane.failed_request or error
        await self._finish(failure)
        if failure is not error:
            raise failure from None

    async def _finish(self, error: BaseException | None) -> None:
        """The call is over for its user: leave nothing behind."""
        if self._over:
            return
        self._over = True
        if self._lane is not None:
            self._lane.give_up(error)
        self._lane, self._payload = None, None
        try:
            if self._sender is not None:
                self._sender.cancel()
                await asyncio.wait((self._sender,))
        finally:
            if self._hooks is not None:
                await self._hooks.end(error)


def _drop(
    loop: asyncio.AbstractEventLoop,
    client: Caller,
    lane: ClientLane,
    sender: asyncio.Task[None] | None,
    hooks: CallHooks | None,
) -> None:
    """What `Exchange._finish` does, for an iterator nobody holds: at once, in the loop's own thread."""
    error = Cancelled("the caller let go of the stream")

    def finish() -> None:
        lane.give_up(error)
        if sender is not None:
            sender.cancel()
        if hooks is not None:
            client.spawn(hooks.end(error))

    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        finish()
    else:
        loop.call_soon_threadsafe(finish)


async def _send_all(lane: ClientLane, method: Method, requests: Any, hooks: CallHooks | None) -> None:
    """Send a client's stream, then half-close. The iterator is closed here: only its reader can."""
    encode = method.request.encode
    try:
        async for request in requests:
            if lane.over:
                return
            payload = encode(request) if hooks is None else await hooks.outgoing(request, encode)
            if lane.choked:
                await lane.room()
            lane.send(payload)
        lane.half_close()
    except Exception as error:  # noqa: BLE001 - a task boundary: the reader of the responses raises it
        if error is not lane.error:
            lane.failed_request = error
            lane.abort(Cancelled(f"the requests failed: {type(error).__name__}"))
    finally:
        await close(requests)
