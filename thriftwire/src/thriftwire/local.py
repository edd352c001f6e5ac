"""A link that is a function call: a handler in the same process behind the face of a client.

What crosses a wire crosses here too: metadata by its rules, deadlines, cancellation, business status errors, headers
and trailers. Messages are passed as they are, without a copy. The handler runs in its caller's task, one step per
message, but in a context of its own, so neither side sees what the other does to context variables.
"""

from __future__ import annotations

import asyncio
import contextlib
import types
from collections.abc import AsyncIterator, Awaitable, Generator, Sequence
from contextvars import Context, copy_context
from typing import Any, TypeVar, cast

from thriftwire.call import Call, close, incoming, outgoing, serve
from thriftwire.client import Timeouts, stub
from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    LimitExceeded,
    RecvTimeout,
    RPCError,
    StreamTimeout,
)
from thriftwire.failures import end_error, handler_end
from thriftwire.hooks import CallHooks, Hooks
from thriftwire.lanes import Patience
from thriftwire.limits import Limits
from thriftwire.middleware import Middleware
from thriftwire.service import Method, Service
from thriftwire.serving import log_failure
from thriftwire.streams import Flow, Poured, Sink, pour
from thriftwire.tracing import Side, Tracer

P = TypeVar("P")


@types.coroutine
def _within(
    context: Context, awaitable: Awaitable[Any], thrown: BaseException | None = None
) -> Generator[Any, Any, Any]:
    """An await whose every step runs in the given context; what is ``thrown`` comes first into one that waits."""
    run, steps = context.run, _steps(awaitable)
    try:
        waiting = run(steps.send, None) if thrown is None else run(steps.throw, thrown)
        while True:
            try:
                answer = yield waiting
            except BaseException as error:  # noqa: BLE001 - thrown in by the task: the handler's to see
                waiting = run(steps.throw, error)
            else:
                waiting = run(steps.send, answer)
    except StopIteration as stop:
        return stop.value


def _steps(awaitable: Any) -> Generator[Any, Any, Any]:
    """What ``__await__`` gives for coroutines and asynchronous generators, which is more than an iterator."""
    return awaitable.__await__()


class _Requests:
    """A handler's view of its caller's requests: each is made in the caller's context."""

    __slots__ = ("_context", "_hooks", "_requests", "failed")

    def __init__(self, requests: AsyncIterator[Any], context: Context, hooks: CallHooks | None) -> None:
        self._requests, self._context, self._hooks = requests, context, hooks
        self.failed: Exception | None = None  # what the caller's own iterator raised

    def __aiter__(self) -> _Requests:
        return self

    async def __anext__(self) -> Any:
        try:
            request = await _within(self._context, self._requests.__anext__())
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failed = error
            raise Cancelled(f"the requests failed: {type(error).__name__}") from error
        return request if self._hooks is None else await self._hooks.outgoing(request, _as_it_is)

    async def aclose(self) -> None:
        await _within(self._context, close(self._requests))


class Exchange(Poured):
    """A call to a handler in this process: an async iterator of its responses, as `thriftwire.client.Exchange` is."""

    __slots__ = (
        "_call",
        "_cancelling",
        "_clocked",
        "_context",
        "_deadline",
        "_error",
        "_handle",
        "_hooks",
        "_link",
        "_loop",
        "_method",
        "_over",
        "_plain",
        "_recv",
        "_replies",
        "_request",
        "_served",
        "_task",
    )

    def __init__(self, link: _Link, method: Method, request: Any) -> None:
        timeouts = link.timeouts
        self._link, self._method, self._request = link, method, request
        self._handle = getattr(link.handler, method.attribute)
        self._call = outgoing(
            link.service.name,
            method.name,
            caller=link.name,
            timeout_s=timeouts.stream_s,
            recv_timeout_s=timeouts.recv_s,
        )
        self._context = copy_context()
        self._loop = asyncio.get_running_loop()
        self._served: Call | None = None
        self._replies: Any = None
        self._hooks: CallHooks | None = None
        self._task: asyncio.Task[Any] | None = None  # that in which a step of the handler is in progress
        self._cancelling = 0
        self._error: RPCError | None = None  # a clock ran out
        self._deadline: asyncio.TimerHandle | None = None
        self._recv: Patience | None = None
        self._clocked = False  # there is a clock that may cut a step short
        self._over = False
        self._plain = False  # there is nothing but the handler

    def __aiter__(self) -> Exchange:
        """The iterator is its own."""
        return self

    async def __anext__(self) -> Any:
        """The next response. Raises BizStatusError or RPCError when the call failed."""
        if self._over:
            raise StopAsyncIteration
        try:
            if (replies := self._replies) is None:
                replies = self._replies = await self._begin()
                self._plain = not self._clocked and self._hooks is None
            if self._error is not None:
                raise self._error
            step = replies.__anext__()
            message = await (self._step(step) if self._clocked else _within(self._context, step))
            if self._hooks is not None:
                message = await self._hooks.incoming(message, _as_it_is)
        except BaseException as error:
            await self._end(error)
            raise
        return message

    async def pour(self, sink: Sink[Any], flow: Flow) -> bool:
        """See `thriftwire.streams.pour`. Where there is only the handler, its stream is poured as it is."""
        try:
            while not self._plain:
                sink(await self.__anext__())
                if flow.full:
                    return True
        except StopAsyncIteration:
            return False
        try:
            more = await _within(self._context, pour(self._replies, sink, flow))
        except BaseException as error:
            await self._end(error)
            raise
        if not more:
            await self._finish(None)
        return more

    async def single(self) -> Any:
        """The one response of a call that has one."""
        try:
            result = await self._step(await self._begin())
            if self._hooks is not None:
                result = await self._hooks.incoming(result, _as_it_is)
        except BaseException as error:
            failure = await self._failure(error)
            if failure is error:
                raise
            raise failure from error
        await self._finish(None)
        return result

    async def aclose(self) -> None:
        """Leave: the handler's generator is closed."""
        if not self._over:
            await self._finish(Cancelled("the caller left"))

    def __del__(self) -> None:
        if self._replies is None or self._over:
            return
        with contextlib.suppress(RuntimeError):  # no loop runs here: nothing can be awaited
            task = asyncio.get_running_loop().create_task(_close(self._replies, self._hooks), context=self._context)
            self._link.tasks.add(task)
            task.add_done_callback(self._link.tasks.discard)
        self._stop()

    async def _begin(self) -> Any:
        """Call the handler: an iterator of replies, or an awaitable of the one."""
        call, method, request = self._call, self._method, self._request
        call.headers.clear()
        call.trailers.clear()
        streaming = method.mode.streaming
        hooks = self._hooks = self._context.run(self._link.hooks.admit, call, streaming=streaming)
        if hooks is not None:
            await hooks.enter()
        served = self._served = incoming(call, peer="local")
        if call.parent is not None:
            call.parent.dependents.add(served)
        self._context.run(serve, served)
        self._set_clocks()
        if method.mode.client_streams:
            self._request = request = _Requests(request, copy_context(), hooks)
        elif hooks is not None:
            request = await hooks.outgoing(request, _as_it_is)
        args = (request,) if streaming else cast("tuple[Any, ...]", request)
        return self._context.run(self._handle, *args)

    def _set_clocks(self) -> None:
        call, loop = self._call, self._loop
        self._clocked = call.deadline is not None or call.recv_timeout_s is not None
        if call.deadline is not None:
            error = StreamTimeout("the call's deadline passed")
            self._deadline = loop.call_at(call.deadline, self._timed_out, error)
        if (limit_s := call.recv_timeout_s) is not None:
            late = RecvTimeout(f"no message came for {limit_s:g} s")
            self._recv = Patience(loop, limit_s, lambda: self._timed_out(late))

    async def _step(self, awaitable: Awaitable[Any]) -> Any:
        """One step of the handler, which a clock may cut short."""
        task = self._task = asyncio.current_task(self._loop)
        if self._recv is not None:
            self._recv.begin()
        try:
            result = await _within(self._context, awaitable)
        finally:
            self._task = None
            if self._recv is not None:
                self._recv.end()
            if self._error is not None and task is not None and task.cancelling() > self._cancelling:
                task.uncancel()
        if self._error is not None:  # also when the handler took no notice
            raise self._error
        return result

    def _timed_out(self, error: RPCError) -> None:
        if self._error is not None or self._over:
            return
        self._error = error
        if self._served is not None:
            self._served.cancel(error)
        if self._task is not None:
            self._cancelling = self._task.cancelling()
            self._task.cancel()

    async def _end(self, error: BaseException) -> None:
        """The handler has raised ``error``: leave nothing of the call, and raise what is not it but made of it."""
        if isinstance(error, StopAsyncIteration):
            await self._finish(None)
        elif (failure := await self._failure(error)) is not error:
            raise failure from error

    async def _failure(self, error: BaseException) -> BaseException:
        """End with what a wire would have made of the handler's error; the value is to be raised."""
        if isinstance(self._request, _Requests) and self._request.failed is not None:
            error = self._request.failed
        elif self._error is not None:
            error = self._error
        elif isinstance(error, Exception) and not self._passes(error):
            log_failure(self._call, error)
            error = end_error(handler_end(0, error, {})) or error
        await self._finish(error)
        return error

    def _passes(self, error: Exception) -> bool:
        if isinstance(error, BizStatusError | ApplicationError):
            return True
        hooks = self._hooks or self._link.hooks
        if isinstance(error, LimitExceeded) and error is hooks.refusal:
            return True
        if self._call.ran_out(error, self._loop.time()):
            return True
        return not self._method.mode.streaming and isinstance(error, self._method.throws)

    async def _finish(self, error: BaseException | None) -> None:
        """The call is over for its user: leave nothing behind."""
        if self._over:
            return
        self._stop()
        replies, self._replies = self._replies, None
        try:
            await _within(self._context, close(replies))
            if isinstance(self._request, _Requests):
                await self._request.aclose()
        finally:
            if self._hooks is not None:
                await self._hooks.end(error)

    def _stop(self) -> None:
        self._over, self._plain = True, False
        if self._call.parent is not None and self._served is not None:
            self._call.parent.dependents.discard(self._served)
        if self._deadline is not None:
            self._deadline.cancel()
        if self._recv is not None:
            self._recv.close()


def _as_it_is(message: Any) -> Any:
    """A message within a process needs no bytes."""
    return message


async def _close(replies: Any, hooks: CallHooks | None) -> None:
    """Close the generator of a handler whose reader has let go of it."""
    await close(replies)
    if hooks is not None:
        await hooks.end(Cancelled("the caller let go of the stream"))


class _Link:
    """A handler and what is done around each call to it."""

    def __init__(self, service: Service[Any], handler: object, *, name: str, timeouts: Timeouts, hooks: Hooks) -> None:
        self.service, self.handler, self.name, self.timeouts, self.hooks = service, handler, name, timeouts, hooks
        self.tasks: set[asyncio.Task[None]] = set()


@contextlib.asynccontextmanager
async def connect(
    service: Service[P],
    handler: P,
    *,
    name: str = "",
    timeouts: Timeouts | None = None,
    middleware: Sequence[Middleware] = (),
    limits: Limits | None = None,
    tracers: Sequence[Tracer] = (),
) -> AsyncIterator[P]:
    """Call a handler in this process as if it were far away: `thriftwire.connect` without a network."""
    hooks = Hooks(Side.LOCAL, middleware=middleware, limits=limits, tracers=tracers)
    link = _Link(service, handler, name=name, timeouts=timeouts or Timeouts(), hooks=hooks)
    try:
        yield stub(service, lambda method, request: Exchange(link, method, request))
    finally:
        if link.tasks:
            await asyncio.wait(link.tasks)
