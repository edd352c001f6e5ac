"""Serving: a `Server` listens, gives each call to its handler in a task of its own, and drains when it stops."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from thriftwire.call import BACKWARD_PREFIX, Call, Metadata, close, serve
from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    DecodeError,
    LocalProtocolError,
    RPCError,
    StreamTimeout,
    TransportError,
)
from thriftwire.events import End, Event, Failure, Headers, Open, Reset
from thriftwire.failures import end_error, handler_end, reset_error, to_failure
from thriftwire.lanes import Lane
from thriftwire.machine import Machine
from thriftwire.middleware import Chain, Middleware, leave
from thriftwire.service import Method, Service
from thriftwire.sniff import Wire
from thriftwire.sockets import Connection, listen
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

logger = logging.getLogger("thriftwire.server")

_FAREWELL_S: Final = 1.0  # what cancelled handlers get to clean up when the server stops


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTimeouts:
    """Limits of a server's calls in seconds, None for none.

    ``stream_s``: the whole call, however long the client would wait. ``recv_s``: the wait for one message of a client.
    ``send_s``: the wait for a client that takes nothing.
    """

    stream_s: float | None = None
    recv_s: float | None = 300.0
    send_s: float | None = 300.0


@dataclass(frozen=True, slots=True)
class _Route:
    """A method and the handler's implementation of it."""

    method: Method
    handle: Callable[..., Any]


class ServerLane(Lane):
    """A server's end of one call: its handler is cancelled when the client gives up."""

    __slots__ = ("call", "gone", "opened", "reply_headers", "task")

    def __init__(self, link: Connection, event: Open, call: Call) -> None:
        super().__init__(link, event.call_id, link.loop)
        self.call, self.opened = call, event
        self.task: asyncio.Task[None] | None = None
        self.gone = False  # the client hears nothing any more
        self.reply_headers = False  # they are on their way

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
        if self.error is not None:
            return
        super().fail(error)
        self.call.cancel(error, path)
        if self.task is not None:
            self.task.cancel()

    def timed_out(self, error: RPCError) -> None:
        """A clock ran out: a wait fails where it is waited, the call as a whole is stopped."""
        if isinstance(error, StreamTimeout):
            self.stop(error)
        else:
            super().fail(error)

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
        ours = error is self.error or self.call.ran_out(error, self._loop.time())
        if isinstance(error, RPCError) and ours:
            return End(call_id=self.call_id, trailers=trailers, failure=to_failure(error))
        return handler_end(self.call_id, error, trailers)

    def _say(self, end: End) -> None:
        try:
            if not self.reply_headers:
                self.begin()
            self.link.send(end)
        except LocalProtocolError as error:
            # what the wire cannot carry (a business status on framed calls) is refused loudly, not lost
            logger.error("%s.%s: %s", self.call.service, self.call.method, error)  # noqa: TRY400 - says it all
            failure = Failure(ApplicationError.INTERNAL_ERROR, f"the answer could not be sent: {error}")
            self.link.send(End(call_id=self.call_id, failure=failure))


class Requests:
    """A handler's view of what the client sends: an async iterator, closed with the call."""

    __slots__ = ("_decode", "_lane", "_received")

    def __init__(self, lane: ServerLane, method: Method, chain: Chain) -> None:
        self._lane, self._decode, self._received = lane, method.request.decode, chain.received

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
        request = self._decode(payload)
        return request if self._received is None else await self._received(lane.call, request)


class Server:
    """Handlers of services on one port, whatever wire a client speaks.

    A handler is any object with the service's methods (its Protocol). Each call runs in its own task with its own
    `thriftwire.current()`; it is cancelled when the client resets the call, goes away, or its deadline passes.
    """

    def __init__(
        self,
        services: Mapping[Service[Any], object],
        *,
        name: str = "",
        timeouts: ServerTimeouts | None = None,
        middleware: Sequence[Middleware] = (),
        tls: ssl.SSLContext | None = None,
        stall_s: float | None = 5.0,
        max_message: int = 16 * 1024 * 1024,
    ) -> None:
        self.name = name
        self.address = ""
        self._timeouts = timeouts or ServerTimeouts()
        self._chain = Chain(middleware)
        self._tls, self._stall_s, self._max_message = tls, stall_s, max_message
        self._services = _routes(services)
        self._methods = _unique_methods(self._services)
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.AbstractServer | None = None
        self._draining = False

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, reuse_port: bool = False) -> str:
        """Listen, and return `address`; port 0 takes a free one. ``host`` may be any address of `listen`."""
        address = host if host.startswith(("unix:", "memory:", "fd:")) else f"{host}:{port}"
        self._draining = False
        self._listener, self.address = await listen(address, self._connection, tls=self._tls, reuse_port=reuse_port)
        return self.address

    async def stop(self, grace_s: float = 5.0) -> None:
        """Take no new calls, let live ones finish for ``grace_s``, then tell the rest and close everything."""
        self._draining = True
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in tuple(self._connections):
            connection.drain()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        lanes = [lane for connection in self._connections for lane in tuple(connection.lanes.values())]
        for lane in lanes:
            if isinstance(lane, ServerLane):
                lane.stop(TransportError("the server is shutting down"))
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_FAREWELL_S)
            for task in late:
                logger.warning("%s did not end when cancelled", task.get_name())
        closing = [connection.closed for connection in self._connections]
        for connection in tuple(self._connections):
            connection.close()
        if closing:
            await asyncio.wait(closing)

    async def __aenter__(self) -> Self:
        """Listen on a free port of this machine unless `start` has been called."""
        if self._listener is None:
            await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once."""
        await self.stop(grace_s=0)

    # Connections and dispatch

    def _connection(self) -> Connection:
        return Connection(
            self._machine,
            made=self._made,
            opened=self._opened,
            lost=self._connections.discard,
            stall_s=self._stall_s,
        )

    def _made(self, connection: Connection) -> None:
        self._connections.add(connection)
        if self._draining:
            connection.close()

    def _machine(self, wire: Wire) -> Machine:
        machine: Machine
        if wire is Wire.TTSTREAM:
            machine = StreamingMachine(Role.SERVER, max_message=self._max_message)
        elif wire is Wire.GRPC:
            from thriftwire.grpc.connection import GRPCMachine

            machine = GRPCMachine(Role.SERVER, max_message=self._max_message)
        else:
            machine = UnaryMachine(Role.SERVER, max_message=self._max_message)
        if self._draining:
            machine.shutdown()
        return machine

    def _opened(self, link: Connection, event: Open) -> None:
        route = self._route(event)
        if isinstance(route, Failure):
            _refuse(link, event, route)
            return
        call = self._incoming(link, event)
        lane = ServerLane(link, event, call)
        lane.limit(deadline=call.deadline, recv_s=self._timeouts.recv_s, send_s=self._timeouts.send_s)
        task = link.loop.create_task(self._serve(lane, route), name=f"{event.service}.{event.method}")
        lane.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _route(self, event: Open) -> _Route | Failure:
        routes = self._services.get(event.service)
        route = routes.get(event.method) if routes is not None else self._methods.get(event.method)
        if route is None:
            code = ApplicationError.UNKNOWN_METHOD if routes is not None else ApplicationError.UNKNOWN_SERVICE
            return Failure(code, f"unknown service {event.service!r}, method {event.method!r}")
        if event.streaming not in (None, route.method.mode.streaming):
            kind = "is not a streaming method" if event.streaming else "is a streaming method"
            return Failure(ApplicationError.INTERNAL_ERROR, f"{event.method} {kind}")
        return route

    def _incoming(self, link: Connection, event: Open) -> Call:
        limits = [s for s in (event.timeout_ms and event.timeout_ms / 1000, self._timeouts.stream_s) if s is not None]
        return Call(
            service=event.service,
            method=event.method,
            caller=event.caller,
            peer=link.peer,
            metadata=Metadata(
                upstream={**event.upstream, **event.transient},
                persistent=dict(event.persistent),
            ),
            request_headers=dict(event.headers),
            deadline=link.loop.time() + min(limits) if limits else None,
        )

    # One call

    async def _serve(self, lane: ServerLane, route: _Route) -> None:
        call = lane.call
        try:
            serve(call)
            stack = await self._chain.enter(call)
            try:
                await self._handle(lane, route)
            except BaseException as error:
                await leave(stack, error)
                raise
            await leave(stack)
        except Exception as error:  # noqa: BLE001 - a task boundary: whatever a handler raises is told to its caller
            log_failure(call, error, lane.error)
            lane.finish(error)
        except asyncio.CancelledError:
            if lane.error is None:  # not by us: the loop is closing, or the handler cancelled itself
                lane.finish(Cancelled("the handler was cancelled"))
                raise
            lane.finish(lane.error)
        else:
            lane.finish(None)

    async def _handle(self, lane: ServerLane, route: _Route) -> None:
        mode = route.method.mode
        if mode.client_streams:
            result = route.handle(Requests(lane, route.method, self._chain))
        else:
            request = await self._request(lane, route.method)
            result = route.handle(request) if mode.streaming else route.handle(*request)
        if mode.server_streams:
            await self._send_all(lane, route.method, result)
        elif (reply := await self._result(route.method, result)) is not None or not route.method.oneway:
            await self._send(lane, route.method, reply)

    async def _request(self, lane: ServerLane, method: Method) -> Any:
        try:
            return await anext(Requests(lane, method, self._chain))
        except StopAsyncIteration:
            raise DecodeError("the call ended without a request") from None

    @staticmethod
    async def _result(method: Method, result: Any) -> Any:
        """What the handler returned; a declared exception is a result too."""
        try:
            return await result
        except method.throws as error:
            return error

    async def _send(self, lane: ServerLane, method: Method, message: Any) -> None:
        if self._chain.sent is not None and not isinstance(message, Exception):
            message = await self._chain.sent(lane.call, message)
        payload = method.response.encode(message)
        if lane.choked:
            await lane.room()
        lane.reply(payload)

    async def _send_all(self, lane: ServerLane, method: Method, replies: AsyncIterator[Any]) -> None:
        encode, sent = method.response.encode, self._chain.sent
        try:
            async for message in replies:
                payload = encode(message if sent is None else await sent(lane.call, message))
                if lane.choked:
                    await lane.room()
                lane.reply(payload)
        finally:
            await close(replies)


def _refuse(link: Connection, event: Open, failure: Failure) -> None:
    """Answer at once a call that no handler will see."""
    answers: list[Event] = [Headers(call_id=event.call_id), End(call_id=event.call_id, failure=failure)]
    for answer in answers:
        link.send(answer)


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


def _routes(services: Mapping[Service[Any], object]) -> dict[str, dict[str, _Route]]:
    """Every method by service and name. Raises TypeError when a handler lacks one."""
    routes: dict[str, dict[str, _Route]] = {}
    for service, handler in services.items():
        for method in service.methods.values():
            handle = getattr(handler, method.attribute, None)
            if not callable(handle):
                raise TypeError(f"{type(handler).__name__} has no method {method.attribute} of {service.name}")
            routes.setdefault(service.name, {})[method.name] = _Route(method, handle)
    return routes


def _unique_methods(services: Mapping[str, Mapping[str, _Route]]) -> dict[str, _Route]:
    """Methods whose name is unique here: they are found without their service's name, as in Kitex."""
    found: dict[str, _Route] = {}
    twice: set[str] = set()
    for routes in services.values():
        for name, route in routes.items():
            if name in found:
                twice.add(name)
            found[name] = route
    return {name: route for name, route in found.items() if name not in twice}
