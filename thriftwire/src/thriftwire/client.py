"""Calling a service: `connect` gives an object with the service's methods, whatever wire is under it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from thriftwire.endpoints import BALANCERS, BalancerName, Peers, Resolver, Static
from thriftwire.exchange import Exchange
from thriftwire.hooks import Hooks
from thriftwire.limits import Limits
from thriftwire.machine import Machine
from thriftwire.middleware import Middleware
from thriftwire.pools import PoolOptions, Sharing
from thriftwire.service import Method, Service
from thriftwire.states import Role
from thriftwire.tracing import Side, Tracer
from thriftwire.ttheader.packets import Variant
from thriftwire.ttheader.streaming import StreamingMachine
from thriftwire.ttheader.unary import UnaryMachine

P = TypeVar("P")
Transport: TypeAlias = Literal["ttstream", "ttheader", "framed", "buffered", "ttheaderframed", "grpc"]

_VARIANTS: Final = {
    "ttstream": Variant.TTHEADER_FRAMED,
    "ttheaderframed": Variant.TTHEADER_FRAMED,
    "ttheader": Variant.TTHEADER,
    "framed": Variant.FRAMED,
    "buffered": Variant.BUFFERED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits of a client's calls in seconds, None for none; `thriftwire.calling` overrides the first two per call.

    ``stream_s``: the whole call, connecting included. ``recv_s``: the wait for one message. ``send_s``: the wait for
    room to send one. ``connect_s``: making a connection.
    """

    stream_s: float | None = None
    recv_s: float | None = None
    send_s: float | None = None
    connect_s: float | None = 3.0


_Make: TypeAlias = Callable[[], Machine]


def _machines(
    transport: Transport, *, package: str, scheme: str, max_message: int, window: int | None
) -> tuple[_Make, _Make]:
    """What makes the machines of streams and of other calls: on gRPC they are the same."""
    if transport == "grpc":
        from thriftwire.grpc.connection import GRPCMachine
        from thriftwire.grpc.http2 import WINDOW

        def grpc() -> Machine:
            return GRPCMachine(
                Role.CLIENT, package=package, scheme=scheme, max_message=max_message, window=window or WINDOW
            )

        return grpc, grpc

    def streams() -> Machine:
        return StreamingMachine(Role.CLIENT, max_message=max_message)

    def unary() -> Machine:
        return UnaryMachine(Role.CLIENT, variant=_VARIANTS[transport], max_message=max_message)

    return streams, unary


class Client:
    """The peers of one service and what is done around each call to it."""

    def __init__(
        self,
        resolver: Resolver,
        service: Service[Any],
        *,
        transport: Transport,
        name: str,
        timeouts: Timeouts,
        hooks: Hooks,
        balancer: BalancerName,
        pool: PoolOptions,
        max_message: int,
        window: int | None,
    ) -> None:
        self.service, self.name, self.hooks = service, name, hooks
        self.stream_s, self.recv_s, self.send_s = timeouts.stream_s, timeouts.recv_s, timeouts.send_s
        self._tasks: set[asyncio.Task[None]] = set()
        scheme = "http" if pool.tls is None else "https"
        streams, unary = _machines(
            transport, package=service.package, scheme=scheme, max_message=max_message, window=window
        )
        alone = streams is not unary and pool.sharing != "mux"  # a stream has a connection, and its window, to itself
        self._streams = Peers(resolver, BALANCERS[balancer], streams, replace(pool, window=window if alone else None))
        if pool.sharing == "mux" and streams is not unary:
            pool = replace(pool, sharing="long")  # a connection of ping-pong calls carries one at a time
        self._unary = self._streams if streams is unary else Peers(resolver, BALANCERS[balancer], unary, pool)

    def peers(self, method: Method) -> Peers:
        """Where a method's calls go."""
        return self._streams if method.mode.streaming else self._unary

    def spawn(self, work: Awaitable[None]) -> None:
        """Run what outlives the call that needed it, until the client is closed."""

        async def finished() -> None:
            await work

        task = asyncio.get_running_loop().create_task(finished())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close every connection; calls still running fail."""
        await self._streams.close()
        await self._unary.close()
        if self._tasks:
            await asyncio.wait(self._tasks)


def bind(method: Method, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a method's request codec takes, from the arguments of its Python method. Raises TypeError."""
    if kwargs or len(args) != len(method.request_types):
        names = [name for name, _ in method.request_types]
        given = dict(zip(names, args, strict=False)) | kwargs
        if len(given) != len(args) + len(kwargs) or given.keys() != set(names):
            raise TypeError(f"{method.attribute}() takes ({', '.join(names)})")
        args = tuple(given[name] for name in names)
    return args[0] if method.mode.streaming else args


def stub(service: Service[P], exchange: Callable[[Method, Any], Any]) -> P:
    """An object with the service's methods, each a call by ``exchange``."""
    methods = {method.attribute: _stub_method(method, exchange) for method in service.methods.values()}
    return cast("P", type(f"{service.name}Client", (), {"__slots__": (), **methods})())


def _stub_method(method: Method, exchange: Callable[[Method, Any], Any]) -> Any:
    if method.mode.server_streams:

        def stream(_self: object, *args: Any, **kwargs: Any) -> Any:
            return exchange(method, bind(method, args, kwargs))

        return stream

    async def single(_self: object, *args: Any, **kwargs: Any) -> Any:
        return await exchange(method, bind(method, args, kwargs)).single()

    return single


def _resolver(address: str | Sequence[str] | Resolver) -> Resolver:
    if isinstance(address, str):
        return Static([address])
    return Static(address) if isinstance(address, Sequence) else address


@contextlib.asynccontextmanager
async def connect(
    address: str | Sequence[str] | Resolver,
    service: Service[P],
    *,
    transport: Transport = "ttstream",
    name: str = "",
    timeouts: Timeouts | None = None,
    middleware: Sequence[Middleware] = (),
    limits: Limits | None = None,
    tracers: Sequence[Tracer] = (),
    balancer: BalancerName = "round-robin",
    sharing: Sharing = "mux",
    stall_s: float | None = 5.0,
    max_connections: int = 4096,
    tls: ssl.SSLContext | None = None,
    max_message: int = 16 * 1024 * 1024,
    window: int | None = None,
) -> AsyncIterator[P]:
    """Call a service at ``host:port`` (or ``unix:path``), at several, or where a resolver finds it.

    ``transport`` is the wire of methods that do not stream; those that do use TTHeader Streaming, unless it is
    ``grpc``, which carries all. ``name`` is this service's own name: servers see it as the caller, and a cancellation
    names it in its path. ``sharing`` and ``stall_s`` say how streams share connections and when a reader who holds up
    the others loses its own (`thriftwire.lanes`). Connections are made when calls need them, up to ``max_connections``
    to a peer, beyond which calls wait; making one is tried at another peer when a first cannot be reached, and nothing
    else is ever tried twice. ``window`` is how many bytes of a stream may be under way to a reader who takes nothing,
    where streams do not share one (over gRPC, and on connections of their own); None is the wire's usual 64 KiB or
    what the system finds. Leaving the block closes them.
    """
    timeouts = timeouts or Timeouts()
    client = Client(
        _resolver(address),
        service,
        transport=transport,
        name=name,
        timeouts=timeouts,
        hooks=Hooks(Side.CLIENT, middleware=middleware, limits=limits, tracers=tracers),
        balancer=balancer,
        pool=PoolOptions(
            sharing=sharing,
            max_connections=max_connections,
            connect_s=timeouts.connect_s,
            stall_s=stall_s,
            tls=tls,
        ),
        max_message=max_message,
        window=window,
    )
    try:
        yield stub(service, lambda method, request: Exchange(client, method, request))
    finally:
        await client.close()
