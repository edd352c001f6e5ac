"""The place for Anthropic's messages API, spoken by Anthropic and by servers compatible with it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import (
    Delta,
    File,
    FinishReason,
    Message,
    Part,
    Reasoning,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from promptwire.errors import Failure
from promptwire.llm.asked import (
    NO_PARAMETERS,
    JSONObject,
    JSONSchema,
    ToolNamed,
    arguments,
    document,
    image,
    response_format,
    text_of,
    tool_choice,
)
from promptwire.llm.provider import Chunk, Finish, Target
from promptwire.llm.vendor_errors import reported
from promptwire.llm.vendor_http import VendorHTTP, cut, unreadable

VERSION: Final = "2023-06-01"
DEFAULT_MAX_TOKENS: Final = 4096  # the API insists on a maximum
BUDGETS: Final[Mapping[str, int]] = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
EFFORTS: Final[Mapping[str, str]] = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
TOOL_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "none": "none", "required": "any"}

# Models that came before thinking by effort (Opus and Sonnet 4.6).
_BY_BUDGET: Final = re.compile(r"claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5]|-20\d{6}|$))")

UNSUPPORTED: Final[Mapping[str, str]] = {
    "seed": "Anthropic's API has no seed",
    "presence_penalty": "Anthropic's API has no penalties",
    "frequency_penalty": "Anthropic's API has no penalties",
    "json_object": "Anthropic's API has no JSON mode; ask for a JSON Schema",
}

FINISH: Final[Mapping[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class Anthropic:
    """Anthropic's API, and compatible ones."""

    def __init__(self, http: VendorHTTP) -> None:
        self._http = http

    def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask, and yield the answer as it comes (see `promptwire.llm.provider.Provider`)."""
        key = target.endpoint.api_key
        headers = {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
        return self._http.stream(target, "/messages", headers, partial(payload, target, request), Answer(target))


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(msgspec.Struct):
    usage: _Usage | None = None


class _Block(msgspec.Struct):
    type: str = ""
    id: str | None = None
    name: str | None = None
    text: str = ""
    thinking: str = ""


class _Delta(msgspec.Struct):
    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str | None = None
    partial_json: str = ""
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Event).decode


class Answer:
    """One answer as it is read: its tool calls so far, what was counted, and whether its end was seen."""

    def __init__(self, target: Target) -> None:
        self.over = False
        self._target = target
        self._calls: dict[int, int] = {}  # a content block's index, and the tool call's
        self._usage = Usage()
        self._finished = False

    def read(self, data: bytes) -> Iterator[Chunk]:
        """The chunks of one event. Raises Failure for a reported error and for what cannot be read."""
        try:
            event = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise unreadable(self._target) from exc
        match event.type:
            case "content_block_delta" if event.delta is not None:
                yield from self._delta(event.index, event.delta)
            case "content_block_start" if event.content_block is not None:
                yield from self._block(event.index, event.content_block)
            case "message_start" if event.message is not None:
                self._count(event.message.usage)
            case "message_delta":
                yield from self._end(event)
            case "error":
                raise reported(self._target.endpoint.name, data, self._target.endpoint.secrets)
            case "message_stop":
                self.over = True
            case _:  # ping, a block's stop, and what comes to be: the API's promise is that they can be passed over
                return

    def close(self) -> Sequence[Chunk]:
        """Nothing follows. Raises Failure when the answer has no end."""
        if not self._finished:
            raise cut(self._target)
        return ()

    def _block(self, index: int, block: _Block) -> Iterator[Chunk]:
        if block.type == "tool_use":
            self._calls[index] = len(self._calls)
            yield ToolCallDelta(index=self._calls[index], id=block.id, name=block.name)
        elif block.text:
            yield Delta(text=block.text)
        elif block.thinking:
            yield Reasoning(text=block.thinking)

    def _delta(self, index: int, delta: _Delta) -> Iterator[Chunk]:
        match delta.type:
            case "text_delta":
                if delta.text:
                    yield Delta(text=delta.text)
            case "thinking_delta":
                if delta.thinking:
                    yield Reasoning(text=delta.thinking)
            case "signature_delta":
                yield Reasoning(text="", signature=delta.signature)
            case "input_json_delta":
                if index in self._calls and delta.partial_json:
                    yield ToolCallDelta(index=self._calls[index], arguments=delta.partial_json)
            case _:
                return

    def _end(self, event: _Event) -> Iterator[Chunk]:
        self._count(event.usage)
        if event.delta is not None and (reason := event.delta.stop_reason) and not self._finished:
            self._finished = True
            yield Finish(FINISH.get(reason, "stop"))
        yield self._usage

    def _count(self, said: _Usage | None) -> None:
        """Take in what was counted; later counts are of the whole answer so far."""
        if said is None:
            return
        before = self._usage
        self._usage = Usage(
            input_tokens=_newer(said.input_tokens, before.input_tokens),
            cache_read_tokens=_newer(said.cache_read_input_tokens, before.cache_read_tokens),
            cache_write_tokens=_newer(said.cache_creation_input_tokens, before.cache_write_tokens),
            output_tokens=_newer(said.output_tokens, before.output_tokens),
        )


def _newer(said: int | None, before: int) -> int:
    return before if said is None else said


def payload(target: Target, request: ChatRequest) -> dict[str, Any]:
    """The body of the request: what is not set is not sent."""
    given = request.parameters or Parameters()
    body: dict[str, Any] = {
        "model": target.model,
        "messages": messages(request.messages),
        "stream": True,
        **parameters(given),
        **thinking(target, given),
    }
    body["max_tokens"] = max_tokens(target, given, body)
    if system := [block for one in request.messages if one.role == "system" for block in blocks(one)]:
        body["system"] = system
    if request.tools:
        body["tools"] = [tool(one) for one in request.tools]
    if (choice := tool_choice(request)) is not None:
        named = isinstance(choice, ToolNamed)
        body["tool_choice"] = {"type": "tool", "name": choice.name} if named else {"type": TOOL_CHOICES[choice]}
    match response_format(request):
        case JSONSchema(schema):
            body.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": schema}
        case JSONObject():
            raise Failure("invalid_request", "Anthropic's API has no JSON mode; ask for a json_schema")
        case None:
            pass
    return body


def parameters(given: Parameters) -> dict[str, Any]:
    """Parameters that only have another name."""
    named = {"temperature": given.temperature, "top_p": given.top_p, "stop_sequences": given.stop}
    return {name: value for name, value in named.items() if value is not None}


def thinking(target: Target, given: Parameters) -> dict[str, Any]:
    """How hard to think: a budget of tokens for older models, a word for newer ones."""
    budget, effort = given.reasoning_budget, given.reasoning_effort
    if budget is None and effort is None:
        return {}
    if reasoning(target) == "budget":
        tokens = BUDGETS[effort or "low"] if budget is None else budget
        return {"thinking": {"type": "enabled", "budget_tokens": tokens}}
    if effort is None:
        raise Failure("invalid_request", "this model is told how hard to think by a word (reasoning_effort)")
    return {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": EFFORTS[effort]}}


def reasoning(target: Target) -> str:
    """How the model is told how hard to think: as its row says, else by its name."""
    return target.capabilities.reasoning or reasoning_of(target.model)


def reasoning_of(model: str) -> str:
    """How models of this name are told how hard to think."""
    return "budget" if _BY_BUDGET.search(model) else "level"


def max_tokens(target: Target, given: Parameters, body: Mapping[str, Any]) -> int:
    """The maximum the API insists on; it holds what is thought too, so a budget must fit in."""
    budget: int = body.get("thinking", {}).get("budget_tokens", 0)
    if given.max_tokens is None:
        return (target.capabilities.output_tokens or 0) or budget + DEFAULT_MAX_TOKENS
    if given.max_tokens <= budget:
        raise Failure(
            "invalid_request",
            f"max_tokens ({given.max_tokens}) must be more than the {budget} tokens that this model"
            " is to think with (reasoning_budget, or what reasoning_effort stands for)",
        )
    return given.max_tokens


def messages(given: list[Message]) -> list[dict[str, Any]]:
    """The conversation: neighbours of one role are one message, so that tool results stay together."""
    made: list[dict[str, Any]] = []
    for one in given:
        if one.role == "system":
            continue
        role = "assistant" if one.role == "assistant" else "user"
        content = blocks(one)
        if made and made[-1]["role"] == role:
            made[-1]["content"] += content
        elif content:
            made.append({"role": role, "content": content})
    return made


def blocks(given: Message) -> list[dict[str, Any]]:
    """A message's content as blocks; empty text, which the API refuses, is left out."""
    text = [{"type": "text", "text": given.content}] if given.content else []
    content = text + [part(one) for one in given.parts or () if one.image_url is not None or one.file or one.text]
    if given.role == "tool":
        return [{"type": "tool_result", "tool_use_id": given.tool_call_id, "content": content}]
    thought: list[dict[str, Any]] = []
    if given.reasoning_signature is not None:
        thought = [{"type": "thinking", "thinking": given.reasoning or "", "signature": given.reasoning_signature}]
    return thought + content + [tool_use(call) for call in given.tool_calls or ()]


def part(given: Part) -> dict[str, Any]:
    """One piece of a message's content."""
    if given.file is not None:
        return file(given.file)
    if given.image_url is None:
        return {"type": "text", "text": given.text}
    if (inside := image(given)) is not None:
        return {"type": "image", "source": {"type": "base64", "media_type": inside.media_type, "data": inside.data}}
    return {"type": "image", "source": {"type": "url", "url": given.image_url}}


def file(given: File) -> dict[str, Any]:
    """A PDF, by its content or its address, or a text."""
    inside = document(given)
    source: dict[str, Any]
    if inside is None:
        source = {"type": "url", "url": given.url}
    elif inside.media_type.startswith("text/"):
        source = {"type": "text", "media_type": "text/plain", "data": text_of(inside)}
    elif inside.media_type == "application/pdf":
        source = {"type": "base64", "media_type": inside.media_type, "data": inside.data}
    else:
        raise Failure("invalid_request", f"Anthropic's API reads PDF and text files, not {inside.media_type}")
    return {"type": "document", "source": source, **({"title": given.name} if given.name else {})}


def tool_use(call: ToolCall) -> dict[str, Any]:
    """A call the model made before."""
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments(call)}


def tool(given: Tool) -> dict[str, Any]:
    """One tool in Anthropic's shape."""
    schema = NO_PARAMETERS if given.parameters is None else given.parameters
    described = {"description": given.description} if given.description else {}
    strict = {} if given.strict is None else {"strict": given.strict}
    return {"name": given.name, **described, "input_schema": schema, **strict}
