"""The place for who reads an answer: takes their request in, and ends the work when they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

from starlette.types import Receive, Scope

from promptwire.errors import Failure
from promptwire.gateway.answers import stopping
from promptwire.gateway.headers import header

T = TypeVar("T")

MAX_BODY: Final = 20 * 1024 * 1024


class Departed(Exception):
    """The reader left: there is nobody to answer."""


class TooLarge(Failure):
    """The body is larger than `MAX_BODY`."""

    def __init__(self) -> None:
        super().__init__("invalid_request", f"the body is larger than {MAX_BODY // 1024**2} MiB")
        self.http_status = 413


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises TooLarge, and Departed."""
    announced = header(scope, b"content-length") or ""
    if announced.isdecimal() and int(announced) > MAX_BODY:
        raise TooLarge
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Departed
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > MAX_BODY:
            raise TooLarge
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def attended(
    receive: Receive, work: Coroutine[Any, Any, T], beat: Callable[[], Awaitable[float]] | None = None
) -> T:
    """What ``work`` gives, while the reader is there; when they leave it is cancelled. Raises Departed.

    The request's body must have been read. ``beat`` is called now and then; it gives the time (in the loop's clock)
    at which it wants to be called again. Work that is cancelled was so because the server stops: raises Failure.

    The work has a task of its own, so that what wakes it up need not pass through all that led here.
    """
    loop = asyncio.get_running_loop()
    working, watching = loop.create_task(work), loop.create_task(_watch(receive, beat))
    tasks = (working, watching)
    over: asyncio.Future[None] = loop.create_future()  # one of them is: `asyncio.wait` takes longer to begin
    for task in tasks:
        task.add_done_callback(lambda _: over.done() or over.set_result(None))
    try:
        await over
    except asyncio.CancelledError:
        pass  # the server stops: the work ends with its last word
    finally:
        departed = watching.done() and not working.done()  # who has the whole answer may leave
        for task in tasks:
            task.cancel()
    await asyncio.wait(tasks)
    if departed:
        if not working.cancelled():
            working.exception()  # which nobody hears
        watching.result()
    if not watching.cancelled():
        watching.exception()  # nor this
    if working.cancelled():
        raise stopping()
    return working.result()


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives, whether its reader is there or not. Raises Failure when the server stops."""
    try:
        return await work
    except asyncio.CancelledError:
        raise stopping() from None


async def _watch(receive: Receive, beat: Callable[[], Awaitable[float]] | None) -> NoReturn:
    """Raises Departed when the reader leaves."""
    due = None if beat is None else await beat()
    while True:
        try:
            async with asyncio.timeout_at(due):
                message = await receive()
        except TimeoutError:
            if beat is not None:
                due = await beat()
            continue
        if message["type"] == "http.disconnect":
            raise Departed
