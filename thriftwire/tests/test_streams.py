"""A layer that says what follows is not woken for it, and is in all else an asynchronous generator like others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thriftwire.streams import Flow, Onward, Poured, Sink, onward, pour, streamed

FIRST, LAST = 100, 200


class Free:
    """A reader who takes everything."""

    full = False


class Until:
    """A reader who has enough after so many items."""

    def __init__(self, items: int) -> None:
        self.got: list[Any] = []
        self.full = False
        self._items = items

    def take(self, item: Any) -> None:
        self.got.append(item)
        self.full = len(self.got) >= self._items

    def more(self, items: int) -> None:
        self._items += items
        self.full = False


class Tap(Poured):
    """What a socket is: gives each item to whoever pours, at once."""

    def __init__(self) -> None:
        self.emit: Sink[Any] = print
        self.open = asyncio.Event()
        self.over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def pour(self, sink: Sink[Any], flow: Flow) -> bool:
        self.emit = sink
        self.open.set()
        return await self.over


async def counted(items: list[Any]) -> AsyncGenerator[Any, None]:
    """The items; an exception among them is raised."""
    for item in items:
        await asyncio.sleep(0)
        if isinstance(item, Exception):
            raise item
        yield item


def doubled(emit: Sink[Any]) -> Sink[Any]:
    """A stage that hands on even items twice and odd ones never."""

    def take(item: int) -> None:
        if item % 2 == 0:
            emit(item)
            emit(item)

    return take


@streamed
async def layer(below: AsyncIterator[Any] | Poured, said: list[str]) -> AsyncGenerator[Any | Onward[Any], None]:
    """Something before, the items twice or never, something after; notes how it ends."""
    try:
        yield FIRST
        yield onward(below, doubled)
        yield LAST
    except BaseException as error:
        said.append(type(error).__name__)
        raise
    finally:
        said.append("closed")


async def plain(below: AsyncIterator[Any], said: list[str]) -> AsyncGenerator[Any, None]:
    """The same as an asynchronous generator of the language."""
    try:
        yield FIRST
        async for item in below:
            if item % 2 == 0:
                yield item
                yield item
        yield LAST
    except BaseException as error:
        said.append(type(error).__name__)
        raise
    finally:
        said.append("closed")


async def pulled(stream: AsyncIterator[Any]) -> list[Any]:
    """What a reader gets who asks for each item, the failure at its end included."""
    got: list[Any] = []
    try:
        async for item in stream:
            got.append(item)  # noqa: PERF401 - what came before the failure counts
    except ValueError as error:
        got.append(str(error))
    return got


async def poured(stream: AsyncIterator[Any], *, pause: int | None = None) -> list[Any]:
    """What a reader gets who has items poured, with a pause after every so many."""
    reader = Until(pause or 1_000_000)
    try:
        while await pour(stream, reader.take, reader):
            reader.more(pause or 0)
    except ValueError as error:
        reader.got.append(str(error))
    return reader.got


ITEMS = st.lists(st.integers(0, 9), max_size=12)


@given(items=ITEMS, fails=st.booleans(), pause=st.integers(1, 4), asked=st.integers(0, 3))
def test_however_it_is_read_it_is_the_same(items: list[Any], fails: bool, pause: int, asked: int) -> None:
    given_items = [*items, *([ValueError("broken")] if fails else [])]

    async def check() -> None:
        said: list[list[str]] = [[], [], [], []]
        expected = await pulled(plain(counted(given_items), said[0]))
        assert await pulled(layer(counted(given_items), said[1])) == expected
        assert await poured(layer(counted(given_items), said[2]), pause=pause) == expected
        changed = layer(counted(given_items), said[3])
        first = [item for _ in range(min(asked, len(expected) - fails)) async for item in _one(changed)]
        assert first + await poured(changed) == expected
        assert said[1] == said[2] == said[3] == said[0]

    asyncio.run(check())


async def _one(stream: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield await anext(stream)


async def test_an_item_is_where_it_goes_before_any_task_has_run() -> None:
    tap, reader, said = Tap(), Until(1_000), list[str]()
    reading = asyncio.ensure_future(pour(layer(onto(tap), said), reader.take, reader))
    await tap.open.wait()
    tap.emit(2)
    tap.emit(3)
    assert reader.got == [FIRST, 2, 2]
    tap.over.set_result(False)
    assert not await reading
    assert reader.got == [FIRST, 2, 2, LAST] and said == ["closed"]


@streamed
async def onto(below: Poured) -> AsyncGenerator[Any | Onward[Any], None]:
    """A layer that changes nothing."""
    yield onward(below)


async def test_a_cancellation_is_raised_where_each_layer_waits_the_innermost_first() -> None:
    tap, said = Tap(), list[str]()
    reading = asyncio.ensure_future(pour(layer(layer(onto(tap), said), said), print, Free()))
    await tap.open.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert said == ["CancelledError", "closed"] * 2


async def test_a_layer_may_answer_a_failure_and_go_on() -> None:
    @streamed
    async def forgiving() -> AsyncGenerator[Any | Onward[Any], None]:
        try:
            yield onward(counted([1, ValueError("broken")]))
        except ValueError as error:
            yield str(error)
        yield onward(counted([2]))

    assert await pulled(forgiving()) == await poured(forgiving()) == [1, "broken", 2]


async def test_what_a_stage_raises_comes_after_what_it_handed_on() -> None:
    def strict(emit: Sink[Any]) -> Sink[Any]:
        def take(items: list[int]) -> None:
            for item in items:
                if item < 0:
                    raise ValueError("below 0")
                emit(item)

        return take

    @streamed
    async def checked() -> AsyncGenerator[Any | Onward[Any], None]:
        yield onward(counted([[1, 2], [3, -1, 4], [5]]), strict)

    assert await pulled(checked()) == await poured(checked()) == [1, 2, 3, "below 0"]
    left = checked()
    assert [await anext(left) for _ in range(3)] == [1, 2, 3]
    await left.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(left)


async def test_who_leaves_closes_the_layer() -> None:
    said: list[str] = []
    async with aclosing(layer(counted([2, 4]), said)) as stream:
        assert [await anext(stream), await anext(stream)] == [FIRST, 2]
    assert said == ["GeneratorExit", "closed"]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_what_is_thrown_is_raised_where_the_layer_waits() -> None:
    said: list[str] = []
    stream = layer(counted([2, 4]), said)
    await anext(stream)
    await stream.asend(None)
    with pytest.raises(ValueError, match="thrown"):
        await stream.athrow(ValueError("thrown"))
    assert said == ["ValueError", "closed"]


async def test_one_step_at_a_time() -> None:
    tap = Tap()
    stream = onto(tap)
    reading = asyncio.ensure_future(pour(stream, print, Free()))
    await tap.open.wait()
    with pytest.raises(RuntimeError, match="in progress"):
        await anext(stream)
    with pytest.raises(RuntimeError, match="in progress"):
        await stream.aclose()
    tap.over.set_result(False)
    assert not await reading


async def test_a_wait_is_told_of_its_begin_and_of_its_end_unless_it_fails() -> None:
    said: list[str] = []

    class Told:
        def begin(self) -> None:
            said.append("begin")

        def end(self) -> None:
            said.append("end")

    @streamed
    async def waiting(items: list[Any]) -> AsyncGenerator[Any | Onward[Any], None]:
        yield onward(counted(items), None, Told())

    assert await pulled(waiting([1])) == [1]
    assert said == ["begin", "end"] * 2
    said.clear()
    await poured(waiting([1, 2, 3]))
    assert said == ["begin", "end"]
    said.clear()
    await poured(waiting([1, ValueError("broken")]))
    assert said == ["begin"]
