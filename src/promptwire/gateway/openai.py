"""The place for OpenAI's face: ``/v1/models`` and ``/v1/chat/completions``, where a prompt is a model like others."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from promptwire.answer import whole
from promptwire.api.llm import LLM_SERVICE, ListModelsRequest, LLMService
from promptwire.api.message import Event
from promptwire.api.prompt import PROMPT_SERVICE, ListPromptsRequest, PromptService
from promptwire.errors import Failure
from promptwire.gateway.answers import allowance, reply
from promptwire.gateway.caller import Caller
from promptwire.gateway.endpoint import Endpoint
from promptwire.gateway.link import wire_of
from promptwire.gateway.openai_reply import Chunks, completion, shape
from promptwire.gateway.openai_request import PROMPT, Completion, chat_request, read, refuse_impossible, run_request
from promptwire.gateway.reader import attended, read_body
from promptwire.gateway.sse import Live, relay
from promptwire.gateway.tracing import traced
from promptwire.span import Spans
from thriftwire.service import Service

__all__ = ["endpoints", "shape", "speaks"]

COMPLETIONS: Final = "/v1/chat/completions"


def speaks(path: str) -> bool:
    """Whether who asks for ``path`` reads OpenAI's words."""
    return path == "/v1" or path.startswith("/v1/")


def endpoints(services: Mapping[Service[Any], Any], *, heartbeat_s: float, live: Live, spans: Spans) -> list[Endpoint]:
    """The face, when the services behind it are there."""
    if LLM_SERVICE not in services or PROMPT_SERVICE not in services:
        return []
    face = Face(services[LLM_SERVICE], services[PROMPT_SERVICE], heartbeat_s, live, spans)
    return [
        Endpoint("GET", "/v1/models", face.models),
        Endpoint("GET", "/v1/models/{model:path}", face.model),
        Endpoint("POST", COMPLETIONS, face.complete),
    ]


class Face:
    """Models and prompts, asked in OpenAI's words."""

    def __init__(self, llm: LLMService, prompt: PromptService, heartbeat_s: float, live: Live, spans: Spans) -> None:
        self._llm, self._prompt, self._heartbeat_s, self._live, self._spans = llm, prompt, heartbeat_s, live, spans

    async def models(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """Every model and every prompt."""
        await reply(send, {"object": "list", "data": await self._listed()}, caller.headers)

    async def model(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """One of them."""
        wanted = scope["path_params"]["model"]
        found = next((model for model in await self._listed() if model["id"] == wanted), None)
        if found is None:
            raise Failure("not_found", f"no model is named {wanted!r}")
        await reply(send, found, caller.headers)

    async def complete(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """An answer, streamed or whole."""
        asked: Completion = read(await read_body(scope, receive))
        refuse_impossible(asked)
        with traced(self._spans, caller, scope, COMPLETIONS, (receive, send)) as (heard, noted):
            events = self._events(asked)
            if asked.stream:
                chunks = Chunks(with_usage=asked.with_usage)
                wire, beat_s = wire_of(scope), self._heartbeat_s
                await relay(heard, noted, events, chunks, caller, heartbeat_s=beat_s, live=self._live, wire=wire)
            else:
                answer = await attended(heard, whole(events))
                await reply(noted, completion(answer), [*caller.headers, *allowance(answer.start.limits)])

    def _events(self, asked: Completion) -> AsyncIterator[Event]:
        if asked.model.startswith(PROMPT):
            return self._prompt.run(run_request(asked))
        return self._llm.chat_stream(chat_request(asked))

    async def _listed(self) -> list[dict[str, Any]]:
        models = (await self._llm.list_models(ListModelsRequest())).models
        prompts = (await self._prompt.list_prompts(ListPromptsRequest())).prompts
        listed = [_listing(model.id, 0, model.provider) for model in models]
        return listed + [_listing(PROMPT + one.key, _seconds(one.created_at), "promptwire") for one in prompts]


def _listing(name: str, created: int, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _seconds(timestamp: str) -> int:
    try:
        return int(dt.datetime.fromisoformat(timestamp).timestamp())
    except ValueError:
        return 0
