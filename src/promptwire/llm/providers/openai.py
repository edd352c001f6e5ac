"""The place for OpenAI's chat completions, spoken by OpenAI and by every server compatible with it."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Delta, File, FinishReason, Message, Part, Reasoning, Tool, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.asked import document
from promptwire.llm.provider import Chunk, Finish, Target
from promptwire.llm.vendor_errors import reported
from promptwire.llm.vendor_http import VendorHTTP, cut, unreadable

FINISH: Final[Mapping[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}

RENAMED: Final = frozenset({"api.openai.com"})  # hosts that refuse max_tokens for their newer models

DONE: Final = b"[DONE]"

# Reasons that mean the answer is not whole, whatever the vendor calls them.
BROKEN: Final = frozenset({"error", "abort", "aborted", "cancelled", "insufficient_system_resource"})


class OpenAI:
    """Any OpenAI-compatible server."""

    def __init__(self, http: VendorHTTP) -> None:
        self._http = http

    def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask, and yield the answer as it comes (see `promptwire.llm.provider.Provider`)."""
        key = target.endpoint.api_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = partial(payload, target, request)
        return self._http.stream(target, "/chat/completions", headers, body, Answer(target))


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None  # DeepSeek, Qwen, Ark, vLLM
    reasoning: str | None = None  # OpenRouter, Ollama, newer vLLM
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct, gc=False):
    index: int = 0
    delta: _Delta | None = None
    message: _Delta | None = None  # of a vendor that does not stream
    finish_reason: str | None = None


class _PromptDetails(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _CompletionDetails(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None  # DeepSeek


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class Answer:
    """One answer as it is read (see `promptwire.llm.vendor_http.Reading`): whether its end was seen."""

    __slots__ = ("_calls", "_finished", "_target", "over")

    def __init__(self, target: Target) -> None:
        self.over = False
        self._target = target
        self._finished = False
        self._calls: list[str] = []  # ids of the tool calls that came without an index

    def read(self, data: bytes) -> Iterable[Chunk]:
        """The chunks of one event. Raises Failure for a reported error and for what cannot be read."""
        if data == DONE:
            self.over = True
            return ()
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise unreadable(self._target) from exc
        if chunk.error is not None:
            raise reported(self._target.endpoint.name, data, self._target.endpoint.secrets)
        found: list[Chunk] = []
        broken: Failure | None = None
        for choice in chunk.choices or ():
            if choice.index == 0:
                broken = self._choice(choice, found)
        if chunk.usage is not None:
            found.append(usage(chunk.usage))
        return found if broken is None else _until(found, broken)

    def close(self) -> Sequence[Chunk]:
        """Nothing follows. Raises Failure when the answer has no end: it was cut, even if ``[DONE]`` came."""
        if not self._finished:
            raise cut(self._target)
        return ()

    def _choice(self, choice: _Choice, found: list[Chunk]) -> Failure | None:
        """Add its chunks to ``found``; the failure when the model gave up after them."""
        if (delta := choice.delta or choice.message) is not None:
            if delta.content:
                found.append(Delta(text=delta.content))
            if text := delta.reasoning_content or delta.reasoning:
                found.append(Reasoning(text=text))
            if delta.refusal:
                found.append(Delta(text=delta.refusal))
            if delta.tool_calls:
                found += map(self._tool_call, delta.tool_calls)
        if (reason := choice.finish_reason) and not self._finished:
            if reason in BROKEN:
                return self._gave_up(reason)
            self._finished = True
            found.append(Finish(FINISH.get(reason, "stop")))
        return None

    def _tool_call(self, call: _ToolCall) -> ToolCallDelta:
        function = call.function or _Function()
        if (index := call.index) is None:  # some vendors send whole calls without saying which
            if call.id and call.id not in self._calls:
                self._calls.append(call.id)
            index = max(0, len(self._calls) - 1)
        arguments = function.arguments or ""
        return ToolCallDelta(index=index, id=call.id or None, name=function.name or None, arguments=arguments)

    def _gave_up(self, reason: str) -> Failure:
        name = self._target.endpoint.name
        return Failure("upstream_error", f"{name} gave up: {reason}", phase="first_packet", vendor=name)


def _until(chunks: Iterable[Chunk], failure: Failure) -> Iterator[Chunk]:
    """What came, and then what went wrong."""
    yield from chunks
    raise failure


def usage(said: _Usage) -> Usage:
    """Usage with its kinds apart: OpenAI counts cached tokens among the prompt's, reasoning among the completion's."""
    prompt, completion = said.prompt_tokens or 0, said.completion_tokens or 0
    details = said.prompt_tokens_details or _PromptDetails()
    read = details.cached_tokens or said.prompt_cache_hit_tokens or 0
    written = details.cache_write_tokens or 0
    reasoning = said.completion_tokens_details.reasoning_tokens or 0 if said.completion_tokens_details else 0
    return Usage(
        input_tokens=max(0, prompt - read - written),
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=max(0, completion - reasoning),
        reasoning_tokens=reasoning,
    )


def payload(target: Target, request: ChatRequest) -> dict[str, Any]:
    """The body of the request: what is not set is not sent."""
    body: dict[str, Any] = {
        "model": target.model,
        "messages": [message(one) for one in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **parameters(target, request.parameters),
    }
    if request.tools:
        body["tools"] = [tool(one) for one in request.tools]
    if request.tool_choice is not None:
        body["tool_choice"] = request.tool_choice
    if request.response_format is not None:
        body["response_format"] = request.response_format
    if request.simulate is not None:  # only another Promptwire understands it, and only a test asks for it
        body["simulate"] = request.simulate
    return body


def parameters(target: Target, given: Parameters | None) -> dict[str, Any]:
    """Parameters have OpenAI's names already, but for the one it renamed and the one it does not know."""
    if given is None:
        return {}
    made = {name: value for name in given.__struct_fields__ if (value := getattr(given, name)) is not None}
    if "max_tokens" in made and urlsplit(target.endpoint.base_url).hostname in RENAMED:
        made["max_completion_tokens"] = made.pop("max_tokens")
    if (budget := made.pop("reasoning_budget", None)) is not None:
        made |= thinking(target, budget)
    return made


def thinking(target: Target, budget: int) -> dict[str, Any]:
    """A budget of tokens to think with: OpenAI knows none, so its compatibles have words of their own."""
    if urlsplit(target.endpoint.base_url).hostname == "openrouter.ai":
        return {"reasoning": {"max_tokens": budget}}
    return {"enable_thinking": True, "thinking_budget": budget}  # Model Studio (Qwen), vLLM and SGLang


def message(given: Message) -> dict[str, Any]:
    """One message in OpenAI's shape."""
    made: dict[str, Any] = {"role": given.role, "content": given.content}
    if given.parts:
        text = [Part(text=given.content)] if given.content else []
        made["content"] = [part(one) for one in (*text, *given.parts)]
    if given.name:
        made["name"] = given.name
    if given.tool_call_id:
        made["tool_call_id"] = given.tool_call_id
    if given.tool_calls:
        made["content"] = made["content"] or None
        made["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in given.tool_calls
        ]
    return made


def part(given: Part) -> dict[str, Any]:
    """One piece of a message's content."""
    if given.image_url is not None:
        return {"type": "image_url", "image_url": {"url": given.image_url}}
    if given.file is not None:
        return {"type": "file", "file": file(given.file)}
    return {"type": "text", "text": given.text or ""}


def file(given: File) -> dict[str, Any]:
    """A file in OpenAI's shape, which has room for its content and none for its address."""
    inside = document(given)
    if inside is None:
        raise Failure("invalid_request", "OpenAI's API takes a file as a data: URL, not by its address; upload it")
    return {
        "filename": given.name or f"file{mimetypes.guess_extension(inside.media_type) or ''}",
        "file_data": given.url,
    }


def tool(given: Tool) -> dict[str, Any]:
    """One tool in OpenAI's shape."""
    function: dict[str, Any] = {"name": given.name}
    if given.description:
        function["description"] = given.description
    if given.parameters is not None:
        function["parameters"] = given.parameters
    if given.strict is not None:
        function["strict"] = given.strict
    return {"type": "function", "function": function}
