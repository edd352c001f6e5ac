"""What is done around a call and its messages, as one: tracing outermost, then limits, then middleware."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from thriftwire.call import Call
from thriftwire.errors import LimitExceeded
from thriftwire.limits import Admission, Gate, Limits
from thriftwire.middleware import Chain, Middleware, leave
from thriftwire.tracing import Side, Trace, Tracer


class Hooks:
    """The hooks of a client or a server. Without any, `begin` gives None and messages pass untouched."""

    def __init__(
        self,
        side: Side,
        *,
        middleware: Sequence[Middleware] = (),
        limits: Limits | None = None,
        tracers: Sequence[Tracer] = (),
    ) -> None:
        self._side, self._tracers = side, tracers
        self._chain = Chain(middleware)
        self._limits = limits or Limits()
        self._admission = Admission(self._limits) if limits is not None else None
        self.any = bool(middleware or tracers or limits is not None)
        self.refusal: LimitExceeded | None = None  # the latest call that was not let in

    def admit(self, call: Call, *, streaming: bool) -> CallHooks | None:
        """Begin a call; None when there is nothing to do. Raises LimitExceeded, having told the tracers."""
        if not self.any:
            return None
        trace = Trace(self._tracers, call, self._side, streaming=streaming) if self._tracers else None
        if self._admission is not None:
            try:
                self._admission.enter(asyncio.get_running_loop().time())
            except LimitExceeded as error:
                self.refusal = error
                if trace is not None:
                    trace.finish(error)
                raise
        limits = self._limits
        return CallHooks(
            call,
            self._chain,
            trace,
            self._admission,
            received=limits.received.gate(call) if limits.received is not None else None,
            sent=limits.sent.gate(call) if limits.sent is not None else None,
        )


class CallHooks:
    """The hooks of one call, begun by `Hooks.admit`; `end` must follow."""

    __slots__ = ("_admission", "_call", "_chain", "_received", "_sent", "_stack", "refusal", "trace")

    def __init__(
        self,
        call: Call,
        chain: Chain,
        trace: Trace | None,
        admission: Admission | None,
        *,
        received: Gate | None,
        sent: Gate | None,
    ) -> None:
        self._call, self._chain, self._admission = call, chain, admission
        self._received, self._sent = received, sent
        self.refusal: LimitExceeded | None = None  # what a limit of ours ended the call with
        self._stack: contextlib.AsyncExitStack | None = None
        self.trace = trace

    async def enter(self) -> None:
        """Begin the middleware that is around the call."""
        self._stack = await self._chain.enter(self._call)

    async def outgoing(self, message: Any, encode: Callable[[Any], Any]) -> Any:
        """The payload of a message about to be sent."""
        if self._chain.sent is not None:
            message = await self._chain.sent(self._call, message)
        payload = encode(message)
        if self._sent is not None:
            await self._pass(self._sent, payload)
        if self.trace is not None:
            self.trace.was_sent(_size(payload))
        return payload

    async def incoming(self, payload: Any, decode: Callable[[Any], Any]) -> Any:
        """The message of a payload taken."""
        if self._received is not None:
            await self._pass(self._received, payload)
        if self.trace is not None:
            self.trace.was_received(_size(payload))
        message = decode(payload)
        if self._chain.received is not None and not isinstance(message, Exception):
            message = await self._chain.received(self._call, message)
        return message

    async def _pass(self, gate: Gate, payload: Any) -> None:
        try:
            wait = gate(_size(payload), asyncio.get_running_loop().time())
        except LimitExceeded as error:
            self.refusal = error
            raise
        if wait:
            await asyncio.sleep(wait)

    async def end(self, error: BaseException | None) -> None:
        """The call is over, with this error for its user; raises what middleware raised in its place."""
        if self._admission is not None:
            self._admission.leave()
        stack, self._stack = self._stack, None
        try:
            await leave(stack, error)
        except BaseException as replaced:
            error = replaced
            raise
        finally:
            if self.trace is not None:
                self.trace.finish(error)


def _size(payload: Any) -> int:
    """A payload's bytes; a local call has messages instead, which have no size."""
    return len(payload) if isinstance(payload, bytes) else 0
