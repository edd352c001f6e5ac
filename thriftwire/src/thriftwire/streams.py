"""`yield from` for asynchronous generators: a layer that looks at what passes is not woken for each of its items.

A stream of many layers costs a step of each layer for each item, there and back. Here a layer says once what is to be
done with the items of the stream below, a *stage*, and goes to sleep until that stream ends:

    @streamed
    async def answer(request):
        async with opened(request) as words:
            yield Start()
            yield onward(words, counted)
            yield Done()

To its reader this is an asynchronous generator like others. A reader who can take items in a plain function has them
poured (`pour`): each then passes the stages of all layers as function calls, from where it arrives to where it is
written, and no task is woken for it. What fails below is raised at the `yield`, and so is a cancellation, so layers
clean up as always, with ``try`` and ``with``.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Final, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Sink: TypeAlias = Callable[[T], None]
"""Takes one item. What it raises is raised where the stream waits for items, as if they had failed."""

Stage: TypeAlias = Callable[[Sink[Any]], Sink[Any]]
"""What is done with each item, given what takes the result: it may hand on one item, none, or several.

It is made anew when the reader changes, so what it has to remember is its layer's.
"""


class Flow(Protocol):
    """Whether the reader has had enough for now. ``full`` is looked at after each piece that arrives."""

    full: bool


class Wait(Protocol):
    """Told when a layer begins to wait for the stream below, and when that has ended without a failure."""

    def begin(self) -> None:
        """A wait begins."""
        ...

    def end(self) -> None:
        """The wait is over."""
        ...


class Poured:
    """What can be poured without a step for each item: the face of every such stream."""

    __slots__ = ()

    async def pour(self, sink: Sink[Any], flow: Flow) -> bool:
        """See `thriftwire.streams.pour`. Of one stream only one step at a time is in progress."""
        raise NotImplementedError


class Onward(Generic[T]):
    """The rest of a layer's items, as they come from the stream below (see `onward`)."""

    __slots__ = ("stage", "stream", "wait")

    def __init__(self, stream: AsyncIterator[Any] | Poured, stage: Stage | None, wait: Wait | None) -> None:
        self.stream, self.stage, self.wait = stream, stage, wait


def onward(stream: AsyncIterator[Any] | Poured, stage: Stage | None = None, wait: Wait | None = None) -> Onward[Any]:
    """Yielded by a `streamed` generator: all items of ``stream`` follow, as ``stage`` hands them on.

    The generator goes on when they have ended. It closes ``stream``, as whoever opens one does.
    """
    return Onward(stream, stage, wait)


async def pour(stream: AsyncIterator[Any] | Poured, sink: Sink[Any], flow: Flow) -> bool:
    """Give ``sink`` what comes until ``flow`` is full: then true, and there may be more. Raises what the stream does.

    The sink is called in whatever context an item arrives in.
    """
    if isinstance(stream, Poured):
        return await stream.pour(sink, flow)
    async for item in stream:
        sink(item)
        if flow.full:
            return True
    return False


async def pour_all(stream: AsyncIterator[Any] | Poured, sink: Sink[Any]) -> None:
    """Give ``sink`` all that comes. Raises what the stream does."""
    while await pour(stream, sink, _ALL):
        pass


class _Constant:
    """The flow of a reader who asks for each item, or who takes all."""

    def __init__(self, *, full: bool) -> None:
        self.full = full


_ONE_BY_ONE: Final = _Constant(full=True)
_ALL: Final = _Constant(full=False)


class Stream(Poured, AsyncGenerator[T, None]):
    """What a `streamed` function gives: an asynchronous generator that can be poured."""

    __slots__ = ("_below", "_body", "_came", "_failure", "_keep", "_running", "_sink", "_staged")

    def __init__(self, body: AsyncGenerator[T | Onward[T], None]) -> None:
        self._body = body
        self._running = False  # a step is in progress
        self._below: Onward[T] | None = None  # what the body waits for
        self._sink: Sink[T] | None = None  # that of the last step, and what it is behind the stage of `_below`
        self._staged: Sink[Any] = _nowhere
        self._came: deque[T] = deque()  # and was not asked for yet
        self._keep = self._came.append
        self._failure: Exception | None = None  # that comes after them

    async def __anext__(self) -> T:
        """The next item."""
        came = self._came
        while not came:
            self._raise_kept()
            try:
                more = await self._step(self._keep, _ONE_BY_ONE)
            except Exception as error:
                if not came:
                    raise
                self._failure = error  # once what came before it was asked for
                break
            if not more and not came:
                raise StopAsyncIteration
        return came.popleft()

    async def pour(self, sink: Sink[T], flow: Flow) -> bool:
        """See `thriftwire.streams.pour`."""
        while self._came:
            sink(self._came.popleft())
            if flow.full:
                return True
        self._raise_kept()
        return await self._step(sink, flow)

    async def asend(self, value: None) -> T:
        """The next item; nothing can be sent."""
        return await self.__anext__()

    async def athrow(self, typ: Any, val: Any = None, tb: Any = None) -> T:
        """Raise in the body, where it waits; then the next item."""
        self._refuse_two()
        self._below = None
        self._told(await self._body.athrow(typ, val, tb), self._keep)
        return await self.__anext__()

    async def aclose(self) -> None:
        """Close the body; what came and was not asked for is dropped."""
        self._refuse_two()
        self._came.clear()
        self._below = self._failure = None
        await self._body.aclose()

    async def _step(self, sink: Sink[T], flow: Flow) -> bool:
        """Run until the flow is full, which is true, or to the end."""
        self._refuse_two()
        self._running = True
        try:
            while True:
                if self._below is None:
                    self._told(await self._body.__anext__(), sink)
                elif await self._pour_below(self._below, sink, flow):
                    return True
                if flow.full and self._below is None:
                    return True
        except StopAsyncIteration:
            return False
        finally:
            self._running = False

    async def _pour_below(self, below: Onward[T], sink: Sink[T], flow: Flow) -> bool:
        """Pour what the body waits for until the flow is full, which is true; else the body goes on."""
        if sink is not self._sink:
            self._sink, self._staged = sink, sink if below.stage is None else below.stage(sink)
        try:
            if below.wait is not None:
                below.wait.begin()
            more = await pour(below.stream, self._staged, flow)
            if below.wait is not None:
                below.wait.end()
        except BaseException as error:  # noqa: BLE001 - the body's to see
            self._below = None
            self._told(await self._body.athrow(error), sink)
            return False
        if not more:
            self._below = None
        return more

    def _told(self, item: T | Onward[T], sink: Sink[T]) -> None:
        """What the body has yielded."""
        if isinstance(item, Onward):
            self._below, self._sink = item, None
        else:
            sink(item)

    def _raise_kept(self) -> None:
        if (failure := self._failure) is not None:
            self._failure = None
            raise failure

    def _refuse_two(self) -> None:
        if self._running:
            raise RuntimeError("a step of this stream is in progress")


def _nowhere(item: object) -> None:
    """The sink of a stream that waits for nothing."""


def streamed(
    function: Callable[P, AsyncGenerator[T | Onward[T], None]],
) -> Callable[P, AsyncGenerator[T, None]]:
    """Let an asynchronous generator function yield `onward` in place of many items."""

    @functools.wraps(function)
    def made(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
        return Stream(function(*args, **kwargs))

    return made
