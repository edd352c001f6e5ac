"""Hooks around a call and around each of its messages: the same shape for a client and for a server.

@contextlib.asynccontextmanager
async def timed(call: Call) -> AsyncIterator[None]:
    start = time.perf_counter()
    try:
        yield                      # the call, up to the end its user sees; a failure is raised here
    finally:
        print(call.method, time.perf_counter() - start)

async def shout(call: Call, message: Any) -> Any:
    return msgspec.structs.replace(message, text=message.text.upper())

thriftwire.Server(services, middleware=[Middleware(around=timed, sent=shout)])
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from thriftwire.call import Call

Around: TypeAlias = Callable[[Call], contextlib.AbstractAsyncContextManager[Any]]
OnMessage: TypeAlias = Callable[[Call, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Middleware:
    """What is run around calls, in order, the first outermost.

    ``around`` may change the call's metadata before it begins and sees its failure; it can replace the failure by
    raising another but not undo it. ``sent`` and ``received`` return the message to use in its place. A message is a
    struct on streams; on other methods it is the tuple of the arguments, or the result.
    """

    around: Around | None = None
    sent: OnMessage | None = None
    received: OnMessage | None = None


def _composed(hooks: Sequence[OnMessage]) -> OnMessage | None:
    if len(hooks) <= 1:
        return hooks[0] if hooks else None

    async def all_of_them(call: Call, message: Any) -> Any:
        for hook in hooks:
            message = await hook(call, message)
        return message

    return all_of_them


class Chain:
    """Several middleware as one; ``sent`` and ``received`` are None when no message needs them."""

    __slots__ = ("_around", "received", "sent")

    def __init__(self, middleware: Sequence[Middleware] = ()) -> None:
        self._around = [each.around for each in middleware if each.around is not None]
        self.sent = _composed([each.sent for each in middleware if each.sent is not None])
        self.received = _composed([each.received for each in reversed(middleware) if each.received is not None])

    async def enter(self, call: Call) -> contextlib.AsyncExitStack | None:
        """Begin what is around the call; the value is for `leave`, None when there is nothing."""
        if not self._around:
            return None
        async with contextlib.AsyncExitStack() as stack:
            for around in self._around:
                await stack.enter_async_context(around(call))
            return stack.pop_all()
        raise AssertionError("middleware swallowed the failure of another to begin")


async def leave(stack: contextlib.AsyncExitStack | None, error: BaseException | None = None) -> None:
    """End what is around a call, with the error it ended with; raises what a hook raised in its place."""
    if stack is None:
        return
    if error is None:
        await stack.aclose()
    else:
        await stack.__aexit__(type(error), error, error.__traceback__)
