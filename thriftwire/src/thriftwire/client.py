"""Calling a service: `connect` gives an object with the service's methods, whatever wire is under it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from thriftwire.call import BACKWARD_PREFIX, Call, close, outgoing
from thriftwire.endpoints import Pool, PoolOptions, Sharing
from thriftwire.errors import ApplicationError, Cancelled, RemoteProtocolError, RPCError, StreamTimeout
from thriftwire.events import End, Headers, Open, Reset
from thriftwire.failures import end_error, reset_error, to_failure
from thriftwire.lanes import Lane
from thriftwire.machine import Machine
from thriftwire.middleware import Chain, Middleware, leave
from thriftwire.service import Method, Service
from thriftwire.sockets import Connection
from thriftwire.states import Role
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


def _machines(transport: Transport, *, package: str, scheme: str, max_message: int) -> tuple[_Make, _Make]:
    """What makes the machines of streams and of other calls: on gRPC they are the same."""
    if transport == "grpc":
        from thriftwire.grpc.connection import GRPCMachine

        def grpc() -> Machine:
            return GRPCMachine(Role.CLIENT, package=package, scheme=scheme, max_message=max_message)

        return grpc, grpc

    def streams() -> Machine:
        return StreamingMachine(Role.CLIENT, max_message=max_message)

    def unary() -> Machine:
        return UnaryMachine(Role.CLIENT, variant=_VARIANTS[transport], max_message=max_message)

    return streams, unary


class ClientLane(Lane):
    """A client's end of one call: it tells the server when the call is given up."""

    __slots__ = ("call", "failed_request", "name", "streaming")

    def __init__(self, link: Connection, call_id: int, call: Call, *, name: str, streaming: bool) -> None:
        super().__init__(link, call_id, link.loop)
        self.call, self.name, self.streaming = call, name, streaming
        self.failed_request: Exception | None = None  # what the caller's own iterator of requests raised

    def put_headers(self, event: Headers) -> None:
        """The server's headers came."""
        call = self.call
        call.headers.clear()
        call.headers.update(event.headers)
        if not self.streaming:  # a reply's entries are its backward metadata (kitex-wire 1.4)
            call.metadata.backward.update(event.headers)
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
        if self.error is None and self.ended is None:
            names = (self.name,) if self.name else ()
            self.link.send(Reset(call_id=self.call_id, failure=to_failure(error), path=path + names))
        self.fail(error)

    def fail(self, error: RPCError, *, at_once: bool = True) -> None:
        """End the call with an error, unless the server has already ended it."""
        if self.ended is None:
            super().fail(error, at_once=at_once)


class Client:
    """The peers of one service and what is done around each call to it."""

    def __init__(
        self,
        address: str,
        service: Service[Any],
        *,
        transport: Transport = "ttstream",
        name: str = "",
        timeouts: Timeouts,
        middleware: Sequence[Middleware] = (),
        pool: PoolOptions,
        max_message: int,
    ) -> None:
        self.service, self.name, self.timeouts = service, name, timeouts
        self.chain = Chain(middleware)
        self._tasks: set[asyncio.Task[None]] = set()
        scheme = "http" if pool.tls is None else "https"
        streams, unary = _machines(transport, package=service.package, scheme=scheme, max_message=max_message)
        self._streams = Pool(address, streams, pool)
        self._unary = self._streams if streams is unary else Pool(address, unary, pool)

    def pool(self, method: Method) -> Pool:
        """The connections that carry a method."""
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


class Exchange:
    """A client's side of one call: an async iterator of its responses.

    Nothing is sent before the first is asked for. Leaving early by `aclose`, cancellation, or by letting go of the
    iterator tells the server at once.
    """

    __slots__ = (
        "_call",
        "_client",
        "_decode",
        "_lane",
        "_method",
        "_over",
        "_received",
        "_request",
        "_sender",
        "_stack",
    )

    def __init__(self, client: Client, method: Method, request: Any) -> None:
        timeouts = client.timeouts
        self._client, self._method, self._request = client, method, request
        self._call = outgoing(
            client.service.name,
            method.name,
            caller=client.name,
            timeout_s=timeouts.stream_s,
            recv_timeout_s=timeouts.recv_s,
        )
        self._decode = method.response.decode
        self._received = client.chain.received
        self._lane: ClientLane | None = None
        self._sender: asyncio.Task[None] | None = None
        self._stack: contextlib.AsyncExitStack | None = None
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
            if payload is not None:
                message = self._decode(payload)
                if self._method.throws and isinstance(message, self._method.throws):
                    await self._drain(lane)
                    raise message
                if self._received is not None:
                    message = await self._received(self._call, message)
                return message
            if lane.ended is not None and (error := end_error(lane.ended)) is not None:
                raise error
        except BaseException as error:
            failure = lane.failed_request or error
            await self._finish(failure)
            if failure is not error:
                raise failure from None
            raise
        await self._finish(None)
        raise StopAsyncIteration

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
        if self._lane is None or self._over:
            return
        loop = self._client_loop()
        if loop is None or loop.is_closed():
            return
        error = Cancelled("the caller let go of the stream")
        _drop(loop, self._client, self._lane, self._sender, self._stack, error)

    def _client_loop(self) -> asyncio.AbstractEventLoop | None:
        link = self._lane.link if self._lane is not None else None
        return link.loop if isinstance(link, Connection) else None

    async def _begin(self) -> ClientLane:
        call, client = self._call, self._client
        try:
            self._stack = await client.chain.enter(call)
            request = None if self._method.mode.client_streams else await self._encoded(self._request)
            lane = self._lane = self._open(await self._connection())
            if call.parent is not None:
                call.parent.dependents.add(lane)
                if call.parent.reason is not None:
                    lane.cancel(call.parent.reason, call.parent.path)
            if request is None:
                sending = _send_all(lane, self._method, self._request, client.chain)
                self._sender = asyncio.get_running_loop().create_task(sending)
            else:
                if lane.choked:
                    await lane.room()
                lane.send(request)
                lane.half_close()
                if self._method.oneway:
                    lane.close()
            self._request = None
            return lane
        except BaseException as error:
            await self._finish(error)
            raise

    async def _encoded(self, request: Any) -> bytes:
        if (sent := self._client.chain.sent) is not None:
            request = await sent(self._call, request)
        return self._method.request.encode(request)

    async def _connection(self) -> Connection:
        pool, call = self._client.pool(self._method), self._call
        if (connection := pool.free()) is not None:
            return connection
        if call.deadline is None:
            return await pool.acquire()
        try:
            async with asyncio.timeout_at(call.deadline):
                return await pool.acquire()
        except TimeoutError as error:
            raise StreamTimeout("the call's deadline passed before it had a connection") from error

    def _open(self, link: Connection) -> ClientLane:
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
        lane = ClientLane(link, call_id, call, name=self._client.name, streaming=method.mode.streaming)
        lane.limit(deadline=call.deadline, recv_s=call.recv_timeout_s, send_s=self._client.timeouts.send_s)
        return lane

    @staticmethod
    async def _drain(lane: ClientLane) -> None:
        while await lane.take() is not None:
            pass

    async def _finish(self, error: BaseException | None) -> None:
        """The call is over for its user: leave nothing behind."""
        if self._over:
            return
        self._over = True
        lane, self._lane = self._lane, None
        if lane is not None:
            _give_up(lane, error)
        stack, self._stack = self._stack, None
        try:
            if self._sender is not None:
                self._sender.cancel()
                await asyncio.wait((self._sender,))
        finally:
            await leave(stack, error)


def _give_up(lane: ClientLane, error: BaseException | None) -> None:
    """Whatever the call's state is, nothing of it is alive afterwards."""
    parent = lane.call.parent
    if parent is not None:
        parent.dependents.discard(lane)
    if lane.error is None and lane.ended is None and error is not None:
        lane.abort(error if isinstance(error, RPCError) else Cancelled(f"the caller gave up: {_brief(error)}"))
    lane.discard()


def _brief(error: BaseException) -> str:
    return "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__


def _drop(
    loop: asyncio.AbstractEventLoop,
    client: Client,
    lane: ClientLane,
    sender: asyncio.Task[None] | None,
    stack: contextlib.AsyncExitStack | None,
    error: RPCError,
) -> None:
    """What `Exchange._finish` does, for an iterator nobody holds: at once, in the loop's own thread."""

    def finish() -> None:
        _give_up(lane, error)
        if sender is not None:
            sender.cancel()
        if stack is not None:
            client.spawn(leave(stack, error))

    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        finish()
    else:
        loop.call_soon_threadsafe(finish)


async def _send_all(lane: ClientLane, method: Method, requests: Any, chain: Chain) -> None:
    """Send a client's stream, then half-close. The iterator is closed here: only its reader can."""
    encode, sent = method.request.encode, chain.sent
    try:
        async for request in requests:
            if lane.over:
                return
            payload = encode(request if sent is None else await sent(lane.call, request))
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


@contextlib.asynccontextmanager
async def connect(
    address: str,
    service: Service[P],
    *,
    transport: Transport = "ttstream",
    name: str = "",
    timeouts: Timeouts | None = None,
    middleware: Sequence[Middleware] = (),
    sharing: Sharing = "mux",
    stall_s: float | None = 5.0,
    tls: ssl.SSLContext | None = None,
    max_message: int = 16 * 1024 * 1024,
) -> AsyncIterator[P]:
    """Call a service at ``host:port`` (or ``unix:path``); connections are made when calls need them.

    ``transport`` is the wire of methods that do not stream; those that do use TTHeader Streaming, unless it is
    ``grpc``, which carries all. ``name`` is this service's own name: servers see it as the caller, and a cancellation
    names it in its path. ``sharing`` and ``stall_s`` say how streams share connections and when a reader who holds up
    the others loses its own (`thriftwire.lanes`). Leaving the block closes the connections.
    """
    timeouts = timeouts or Timeouts()
    client = Client(
        address,
        service,
        transport=transport,
        name=name,
        timeouts=timeouts,
        middleware=middleware,
        pool=PoolOptions(sharing=sharing, connect_s=timeouts.connect_s, stall_s=stall_s, tls=tls),
        max_message=max_message,
    )
    try:
        yield stub(service, lambda method, request: Exchange(client, method, request))
    finally:
        await client.close()
