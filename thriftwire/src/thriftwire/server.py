"""Serving: a `Server` listens, gives each call to its handler in a task of its own, and drains when it stops."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from thriftwire.call import Call, Metadata
from thriftwire.errors import ApplicationError, LimitExceeded, TransportError
from thriftwire.events import End, Event, Failure, Headers, Open
from thriftwire.hooks import Hooks
from thriftwire.limits import Limits
from thriftwire.machine import Machine
from thriftwire.middleware import Middleware
from thriftwire.service import Service
from thriftwire.serving import Route, ServerLane, logger, run_call
from thriftwire.sniff import Wire
from thriftwire.sockets import Connection, listen
from thriftwire.states import Role
from thriftwire.tracing import Side, Tracer
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

_HELLO_S: Final = 30.0  # what a connection gets to say which wire it speaks
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


class Server:
    """Handlers of services on one port, whatever wire a client speaks.

    A handler is any object with the service's methods (its Protocol). Each call runs in its own task with its own
    `thriftwire.current()`; it is cancelled when the client resets the call, goes away, or its deadline passes.
    ``max_calls`` is for one connection; `Limits` are for all. ``name`` is the service's name to others: what calls made
    from a handler are known by unless their client has one.
    """

    def __init__(
        self,
        services: Mapping[Service[Any], object],
        *,
        name: str = "",
        timeouts: ServerTimeouts | None = None,
        middleware: Sequence[Middleware] = (),
        limits: Limits | None = None,
        tracers: Sequence[Tracer] = (),
        tls: ssl.SSLContext | None = None,
        stall_s: float | None = 5.0,
        max_connections: int | None = None,
        max_calls: int = 10_000,
        max_message: int = 16 * 1024 * 1024,
    ) -> None:
        self.name = name
        self.address = ""
        self._timeouts = timeouts or ServerTimeouts()
        self._hooks = Hooks(Side.SERVER, middleware=middleware, limits=limits, tracers=tracers)
        self._tls, self._stall_s, self._max_message = tls, stall_s, max_message
        self._max_connections, self._max_calls = max_connections, max_calls
        self._services = _routes(services)
        self._methods = _unique_methods(self._services)
        self._connections: set[Connection] = set()
        self._calls: dict[asyncio.Task[None], ServerLane] = {}
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
        if self._calls:
            await asyncio.wait(self._calls, timeout=grace_s)
        for lane in tuple(self._calls.values()):
            lane.stop(TransportError("the server is shutting down"))
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=_FAREWELL_S)
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
        if self._max_connections is not None and len(self._connections) > self._max_connections:
            logger.warning("%s is turned away: more than %d connections", connection.peer, self._max_connections)
            connection.abort()
        elif self._draining:
            connection.close()
        else:
            connection.expect_hello(_HELLO_S)

    def _machine(self, wire: Wire) -> Machine | None:
        machine = _server_machine(wire, self._max_message)
        if machine is not None and self._draining:
            machine.shutdown()
        return machine

    def _opened(self, link: Connection, event: Open) -> None:
        route = self._route(event)
        if len(link.lanes) >= self._max_calls:
            route = Failure(LimitExceeded.code, f"more than {self._max_calls} calls on one connection")
        if isinstance(route, Failure):
            _refuse(link, event, route)
            return
        call = self._incoming(link, event)
        lane = ServerLane(link, event, call)
        lane.limit(deadline=call.deadline, recv_s=self._timeouts.recv_s, send_s=self._timeouts.send_s)
        task = link.loop.create_task(run_call(lane, route, self._hooks), name=f"{event.service}.{event.method}")
        lane.task = task
        self._calls[task] = lane
        task.add_done_callback(self._calls.pop)

    def _route(self, event: Open) -> Route | Failure:
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
            server=self.name,
            peer=link.peer,
            metadata=Metadata(
                upstream={**event.upstream, **event.transient},
                persistent=dict(event.persistent),
            ),
            request_headers=dict(event.headers),
            deadline=link.loop.time() + min(limits) if limits else None,
        )


def _server_machine(wire: Wire, max_message: int) -> Machine | None:
    if wire is Wire.TTSTREAM:
        return StreamingMachine(Role.SERVER, max_message=max_message)
    if wire is not Wire.GRPC:
        return UnaryMachine(Role.SERVER, max_message=max_message)
    try:
        from thriftwire.grpc.connection import GRPCMachine
    except ImportError as missing:
        logger.warning("a gRPC client is turned away: %s", missing)
        return None
    return GRPCMachine(Role.SERVER, max_message=max_message)


def _refuse(link: Connection, event: Open, failure: Failure) -> None:
    """Answer at once a call that no handler will see."""
    answers: list[Event] = [Headers(call_id=event.call_id), End(call_id=event.call_id, failure=failure)]
    for answer in answers:
        link.send(answer)


def _routes(services: Mapping[Service[Any], object]) -> dict[str, dict[str, Route]]:
    """Every method by service and name. Raises TypeError when a handler lacks one."""
    routes: dict[str, dict[str, Route]] = {}
    for service, handler in services.items():
        for method in service.methods.values():
            handle = getattr(handler, method.attribute, None)
            if not callable(handle):
                raise TypeError(f"{type(handler).__name__} has no method {method.attribute} of {service.name}")
            routes.setdefault(service.name, {})[method.name] = Route(method, handle)
    return routes


def _unique_methods(services: Mapping[str, Mapping[str, Route]]) -> dict[str, Route]:
    """Methods whose name is unique here: they are found without their service's name, as in Kitex."""
    found: dict[str, Route] = {}
    twice: set[str] = set()
    for routes in services.values():
        for name, route in routes.items():
            if name in found:
                twice.add(name)
            found[name] = route
    return {name: route for name, route in found.items() if name not in twice}
