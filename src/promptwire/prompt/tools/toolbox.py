"""The place for who answers which call of a run: mocks, the tools themselves, or whoever asked for the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Literal, TypeAlias

from opentelemetry.trace import Span

from promptwire.api.message import ToolCall
from promptwire.api.prompt import Content
from promptwire.api.tool import Binding, ToolReply
from promptwire.errors import Failure
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.calling import Calling
from promptwire.prompt.tools.mocks import mocked
from promptwire.span import fail, unkept

Mode: TypeAlias = Literal["answer", "step", "caller"] | None
Traced: TypeAlias = Callable[[ToolCall], AbstractContextManager[Span]]
"""The span of a call while it is answered for real."""


class Toolbox:
    """The tools of one run of ``content``."""

    def __init__(self, content: Content, mode: Mode, calling: Calling, traced: Traced | None = None) -> None:
        self._bindings = {binding.name: binding for binding in content.bindings or ()}
        self._mode: Mode = mode
        self._calling = calling
        self._traced = traced or _untraced

    @staticmethod
    def needed(content: Content, mode: Mode) -> bool:
        """Whether anything of the run may be answered or proposed here."""
        if mode == "caller" or not content.tools or not content.bindings:
            return False
        return mode is not None or any(map(_is_real, content.bindings))

    def is_bound(self, name: str) -> bool:
        """Calls of this tool are answered here."""
        binding = self._bindings.get(name)
        if binding is None or self._mode == "step":
            return False
        return _is_real(binding) or (self._mode == "answer" and binding.mock is not None)

    def proposals(self, calls: Sequence[ToolCall]) -> list[ToolReply | None]:
        """What mocks say to calls, where they may and do."""
        return [self._mocked(call) for call in calls]

    def answers(self, calls: Sequence[ToolCall]) -> bool:
        """Whether a round of calls is answered here: all of it, or nothing."""
        return self._mode != "step" and all(self._is_real(call) or self._mocked(call) for call in calls)

    async def replies(self, calls: Sequence[ToolCall]) -> list[ToolReply]:
        """The replies to a round that is answered here, made at the same time."""
        mocks = self.proposals(calls)
        async with asyncio.TaskGroup() as tasks:
            made = [reply or tasks.create_task(self._called(call)) for reply, call in zip(mocks, calls, strict=True)]
        return [one.result() if isinstance(one, asyncio.Task) else one for one in made]

    async def close(self) -> None:
        """Nothing is called any more."""
        await self._calling.close()

    async def _called(self, call: ToolCall) -> ToolReply:
        with self._traced(call) as span:
            reply = await self._calling.call(self._bindings[call.name], call.arguments)
            if reply.is_error:  # what it says is in the record: no text of a run is on a span
                fail(span, Failure("upstream_error", "the tool's reply is an error", phase="mid_stream"))
            return reply

    def _mocked(self, call: ToolCall) -> ToolReply | None:
        binding = self._bindings.get(call.name)
        if self._mode is None or binding is None or binding.mock is None:
            return None
        try:
            return mocked(binding.mock, call.arguments)
        except ToolFault as fault:
            return ToolReply(content=f"error: {fault}", source="mock", is_error=True)

    def _is_real(self, call: ToolCall) -> bool:
        binding = self._bindings.get(call.name)
        return binding is not None and _is_real(binding)


def _untraced(call: ToolCall) -> AbstractContextManager[Span]:
    return unkept().tool(call.name, call.id)


def _is_real(binding: Binding) -> bool:
    return binding.http is not None or binding.mcp is not None
