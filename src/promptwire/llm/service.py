"""The place where models are asked: `promptwire.api.llm.LLMService`, a stream of events and its fold."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping

import thriftwire.call
from promptwire.answer import Answer
from promptwire.api.llm import ChatReply, ChatRequest, ListModelsReply, ListModelsRequest
from promptwire.api.message import Event, Usage
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue
from promptwire.llm.fitting import fit, unsupported
from promptwire.llm.provider import Finish, Kind, Provider
from promptwire.llm.run import Run
from promptwire.llm.timeouts import Wheel


class LLMService:
    """The models of ``catalogue``, asked through ``providers``. Methods raise Failure."""

    def __init__(self, catalogue: Catalogue, providers: Mapping[Kind, Provider]) -> None:
        self._catalogue = catalogue
        self._providers = providers
        self._wheel = Wheel()

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Stream an answer: one Start with the first token, what the model says, one Done.

        Closing the stream closes the vendor's connection at once.
        """
        run = Run()
        try:
            check(request)
            target = self._catalogue.resolve(request.model)
            provider = self._providers[target.endpoint.kind]
            fitted = fit(request, unsupported(provider.unsupported, target.capabilities))
            chunks = provider.stream(target, fitted.request)
            with self._wheel.watch(target.timeouts, deadline=_deadline()) as watch:
                async with contextlib.aclosing(chunks):
                    async for chunk in watch.over(chunks):
                        if isinstance(chunk, Usage):
                            run.usage = chunk
                            if not run.started:  # some vendors count the question before they answer
                                continue
                        elif not run.started:
                            watch.first_token()
                            yield run.start(target.id, warnings=fitted.warnings)
                        if isinstance(chunk, Finish):
                            run.finish_reason = chunk.reason
                        else:
                            yield chunk
            yield run.done()
        except Exception as exc:
            raise run.failed(exc) from exc

    async def chat(self, request: ChatRequest) -> ChatReply:
        """Answer whole."""
        answer = Answer()
        async with contextlib.aclosing(self.chat_stream(request)) as events:
            async for event in events:
                answer.add(event)
        return answer.reply()

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        """The models that can be called."""
        return ListModelsReply(models=self._catalogue.models())


def check(request: ChatRequest) -> None:
    """Refuse what no vendor could answer. Raises Failure (invalid_request)."""
    if not request.messages:
        raise Failure("invalid_request", "there are no messages")
    for position, message in enumerate(request.messages):
        if message.role == "placeholder":
            raise Failure("invalid_request", f"messages[{position}] is a placeholder: nothing was put in its place")
        if message.role == "tool" and not message.tool_call_id:
            raise Failure("invalid_request", f"messages[{position}] answers a tool call but names none (tool_call_id)")


def _deadline() -> float | None:
    call = thriftwire.call.current()
    return None if call is None else call.deadline
