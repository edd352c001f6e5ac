"""The place where models are asked: `promptwire.api.llm.LLMService`, a stream of events and its fold."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from time import perf_counter

import msgspec

import thriftwire.call
from promptwire.answer import whole
from promptwire.api.llm import (
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    MessageTokens,
    TokenCount,
)
from promptwire.api.message import Event, Message
from promptwire.errors import Failure
from promptwire.llm.asking import Asked, Unanswered, answering, events
from promptwire.llm.breaker import Breakers
from promptwire.llm.catalogue import Current
from promptwire.llm.fitting import fit, unsupported
from promptwire.llm.gates import Gates, Passage
from promptwire.llm.provider import Kind, Provider, Target
from promptwire.llm.run import Run
from promptwire.llm.timeouts import Watch, Wheel
from promptwire.llm.tokens import Tokens
from promptwire.llm.window import check_window
from promptwire.record.recorder import Recorder
from promptwire.span import Spans, unkept
from thriftwire.streams import Onward, onward, streamed


class LLMService:
    """The models of ``catalogue``, asked through ``providers`` behind ``gates``. Methods raise Failure."""

    def __init__(
        self,
        catalogue: Current,
        providers: Mapping[Kind, Provider],
        *,
        gates: Gates | None = None,
        breakers: Breakers | None = None,
        moderated: bool = True,
        spans: Spans | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._providers = providers
        self._gates = gates
        self._breakers = breakers or Breakers()
        self._moderated = moderated
        self._spans = spans or unkept()
        self._recorder = recorder or Recorder()
        self._wheel = Wheel()
        self._tokens = Tokens() if gates is None else gates.tokens

    @streamed
    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event | Onward[Event], None]:
        """Stream an answer: one Start with the first token, what the model says, one Done.

        Closing the stream closes the vendor's connection at once.
        """
        with Run(request, self._spans) as run, self._recorder.model(run.run_id, run.trace_id, request) as record:
            record.asks(request)
            try:
                check(request)
                route = (await self._catalogue()).route(request.model)
                waits = route[0].timeouts.but(request.timeouts)
                with self._wheel.watch(waits, deadline=_deadline()) as watch:
                    async with AsyncExitStack() as stack:
                        shown = await self._answered(stack, run, watch, route, request)
                        yield onward(shown, record.noting)
            except Exception as exc:
                raise run.failed(exc) from exc

    async def chat(self, request: ChatRequest) -> ChatReply:
        """Answer whole."""
        return await whole(self.chat_stream(request))

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        """The models that can be called."""
        return ListModelsReply(models=(await self._catalogue()).models())

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        """How many tokens a request is; for no model in particular, an estimate."""
        target = (await self._catalogue()).resolve(request.model) if request.model else None
        model = "" if target is None else target.model
        blocks = [self._tokens.count_message(model, message) for message in request.messages]
        tools = [self._tokens.count_tool(model, tool) for tool in request.tools]
        counts = [*(block.whole for block in blocks), *tools]
        return TokenCount(
            total=sum(count.tokens for count in counts),
            exact=all(count.exact for count in counts),
            messages=[
                MessageTokens(tokens=block.whole.tokens, parts=[part.tokens for part in block.parts])
                for block in blocks
            ],
            tools=sum(count.tokens for count in tools),
            context_tokens=None if target is None else target.capabilities.context_tokens,
        )

    async def _answered(
        self, stack: AsyncExitStack, run: Run, watch: Watch, route: list[Target], request: ChatRequest
    ) -> AsyncIterator[Event]:
        """The events of the first model on the route that answers; ``stack`` closes what they need."""
        for target in route:
            asked = target
            if request.timeouts is not None:
                asked = replace(target, timeouts=target.timeouts.but(request.timeouts))
            async with AsyncExitStack() as attempt:
                try:
                    shown = await self._open(attempt, run, watch, asked, request)
                except Unanswered as exc:
                    if exc.elsewhere and target is not route[-1]:
                        continue
                    raise exc.failure from exc
                await stack.enter_async_context(attempt.pop_all())
                return shown
        raise AssertionError("the last model of a route answers or raises")

    async def _open(
        self, stack: AsyncExitStack, run: Run, watch: Watch, target: Target, request: ChatRequest
    ) -> AsyncIterator[Event]:
        """One model's events, as its gates show them, once its first token is there. Raises Unanswered."""
        request, warnings = fit(request, unsupported(target.endpoint.kind, target.capabilities, target.model))
        check_window(request, target, self._tokens)
        request = msgspec.structs.replace(request, model=target.id)
        passage: Passage | None = None
        if self._gates is not None:
            gate = self._gates.passage(
                target.model,
                request,
                total_s=watch.remaining_s,
                price=target.cost,
                moderated=self._moderated,
            )
            begun_at = perf_counter()
            passage = await stack.enter_async_context(gate)
            request = await passage.request(request)
            run.waited(perf_counter() - begun_at)
        asked = Asked(
            run=run,
            watch=watch,
            provider=self._providers[target.endpoint.kind],
            target=target,
            request=request,
            warnings=warnings,
            breaker=self._breakers.of(target.id, target.breaker_failures),
            passage=passage,
        )
        begun = await answering(asked)
        stack.callback(begun.span.end)
        stack.push_async_callback(begun.chunks.aclose)
        told = events(asked, begun)
        stack.push_async_callback(told.aclose)
        return told if passage is None else passage.answer(stack, told)


def check(request: ChatRequest) -> None:
    """Refuse what no vendor could answer. Raises Failure (invalid_request)."""
    if not request.messages:
        raise Failure("invalid_request", "there are no messages")
    for position, message in enumerate(request.messages):
        if message.role == "placeholder":
            raise Failure("invalid_request", f"messages[{position}] is a placeholder: nothing was put in its place")
        _check_parts(position, message)
        if message.role == "tool" and not message.tool_call_id:
            raise Failure("invalid_request", f"messages[{position}] answers a tool call but names none (tool_call_id)")


def _check_parts(position: int, message: Message) -> None:
    for number, part in enumerate(message.parts or ()):
        if part.variable is not None:
            where = f"messages[{position}].parts[{number}]"
            raise Failure("invalid_request", f"{where} is the variable {part.variable!r}: nothing was put in its place")
        if message.role == "system" and part.text is None:
            raise Failure("invalid_request", f"messages[{position}] is a system message: only text can be in it")


def _deadline() -> float | None:
    call = thriftwire.call.current()
    return None if call is None else call.deadline
