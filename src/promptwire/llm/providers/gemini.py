"""The place for Google's generateContent API."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Delta, FinishReason, Message, Part, Reasoning, Tool, ToolCall, ToolCallDelta, Usage
from promptwire.errors import Failure
from promptwire.llm.asked import (
    Inside,
    JSONObject,
    JSONSchema,
    ToolNamed,
    arguments,
    document,
    image,
    response_format,
    tool_choice,
)
from promptwire.llm.provider import Chunk, Finish, Target
from promptwire.llm.vendor_errors import reported
from promptwire.llm.vendor_http import VendorHTTP, cut, unreadable

BUDGETS: Final[Mapping[str, int]] = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
TOOL_CHOICES: Final[Mapping[str, str]] = {"auto": "AUTO", "none": "NONE", "required": "ANY"}

UNSUPPORTED: Final[Mapping[str, str]] = {"strict": "Google's API does not hold calls to a tool's schema"}

FINISH: Final[Mapping[str, FinishReason]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
}

# Reasons that mean the model's call of a tool could not be understood.
BROKEN: Final = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"})


class Gemini:
    """Google's API."""

    def __init__(self, http: VendorHTTP) -> None:
        self._http = http

    def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask, and yield the answer as it comes (see `promptwire.llm.provider.Provider`)."""
        key = target.endpoint.api_key
        path = f"/models/{quote(target.model, safe='')}:streamGenerateContent?alt=sse"
        headers = {"x-goog-api-key": key} if key else {}
        return self._http.stream(target, path, headers, partial(payload, target, request), Answer(target))


class _FunctionCall(msgspec.Struct):
    name: str
    id: str | None = None
    args: msgspec.Raw = msgspec.Raw(b"{}")


class _Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool = False
    thought_signature: str | None = None
    function_call: _FunctionCall | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] = []


class _Candidate(msgspec.Struct, rename="camel"):
    index: int = 0
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | None = None


class _Usage(msgspec.Struct, rename="camel"):
    prompt_token_count: int = 0
    cached_content_token_count: int = 0
    tool_use_prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0


class _Chunk(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] = []
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    error: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Chunk).decode


class Answer:
    """One answer as it is read: how many tools it called, what was counted, and whether its end was seen."""

    def __init__(self, target: Target) -> None:
        self.over = False  # no event says that it is the last; the end of the body does
        self._target = target
        self._calls = 0
        self._usage = _Usage()
        self._finished = False

    def read(self, data: bytes) -> Iterator[Chunk]:
        """The chunks of one event. Raises Failure for a reported error and for what cannot be read."""
        name = self._target.endpoint.name
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise unreadable(self._target) from exc
        if chunk.error != msgspec.Raw():
            raise reported(name, data, self._target.endpoint.secrets)
        if chunk.prompt_feedback is not None and (why := chunk.prompt_feedback.block_reason):
            raise Failure("moderation_input", f"{name} blocked the prompt: {why}", phase="first_packet", vendor=name)
        self._usage = chunk.usage_metadata or self._usage
        for candidate in chunk.candidates:
            if candidate.index == 0:
                yield from self._candidate(candidate)

    def close(self) -> Sequence[Chunk]:
        """Nothing follows: what was counted. Raises Failure when the answer has no end."""
        if not self._finished:
            raise cut(self._target)
        said = self._usage
        asked = said.prompt_token_count + said.tool_use_prompt_token_count
        usage = Usage(
            input_tokens=max(0, asked - said.cached_content_token_count),
            cache_read_tokens=said.cached_content_token_count,
            output_tokens=said.candidates_token_count,
            reasoning_tokens=said.thoughts_token_count,
        )
        return (usage,)

    def _candidate(self, candidate: _Candidate) -> Iterator[Chunk]:
        if candidate.content is not None:
            for part in candidate.content.parts:
                yield from self._part(part)
        if (reason := candidate.finish_reason) and not self._finished:
            if reason in BROKEN:
                raise self._broken(reason, candidate.finish_message)
            self._finished = True
            yield Finish("tool_calls" if self._calls and reason == "STOP" else FINISH.get(reason, "stop"))

    def _part(self, part: _Part) -> Iterator[Chunk]:
        if (call := part.function_call) is not None:
            index, self._calls = self._calls, self._calls + 1
            yield ToolCallDelta(
                index=index,
                id=call.id or f"call_{index}",
                name=call.name,
                arguments=bytes(call.args).decode(),
                signature=part.thought_signature,
            )
        elif part.thought:
            yield Reasoning(text=part.text or "")
        elif part.text:
            yield Delta(text=part.text)

    def _broken(self, reason: str, message: str | None) -> Failure:
        name = self._target.endpoint.name
        said = f"{reason}: {message}" if message else reason
        return Failure("upstream_error", f"{name} gave up: {said}", phase="first_packet", vendor=name)


def payload(target: Target, request: ChatRequest) -> dict[str, Any]:
    """The body of the request: what is not set is not sent."""
    names = {call.id: call.name for one in request.messages for call in one.tool_calls or ()}
    body: dict[str, Any] = {"contents": contents(request.messages, names)}
    if system := [found for one in request.messages if one.role == "system" for found in parts(one)]:
        body["systemInstruction"] = {"parts": system}
    if request.tools:
        body["tools"] = [{"functionDeclarations": [tool(one) for one in request.tools]}]
    if (choice := tool_choice(request)) is not None:
        one_tool = isinstance(choice, ToolNamed)
        config = {"mode": "ANY", "allowedFunctionNames": [choice.name]} if one_tool else {"mode": TOOL_CHOICES[choice]}
        body["toolConfig"] = {"functionCallingConfig": config}
    if config := generation_config(target, request):
        body["generationConfig"] = config
    return body


def generation_config(target: Target, request: ChatRequest) -> dict[str, Any]:
    """Parameters, the thinking and the shape of the answer."""
    given = request.parameters or Parameters()
    named = {
        "temperature": given.temperature,
        "topP": given.top_p,
        "maxOutputTokens": given.max_tokens,
        "stopSequences": given.stop,
        "seed": given.seed,
        "presencePenalty": given.presence_penalty,
        "frequencyPenalty": given.frequency_penalty,
    }
    config: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if depth := thinking(target, given):
        config["thinkingConfig"] = {**depth, "includeThoughts": True}
    match response_format(request):
        case JSONSchema(schema):
            config |= {"responseMimeType": "application/json", "responseJsonSchema": schema}
        case JSONObject():
            config["responseMimeType"] = "application/json"
        case None:
            pass
    return config


def thinking(target: Target, given: Parameters) -> dict[str, Any]:
    """How hard to think: a budget of tokens for older models, a word for newer ones."""
    budget, effort = given.reasoning_budget, given.reasoning_effort
    if reasoning(target) == "budget" and (budget is not None or effort is not None):
        return {"thinkingBudget": BUDGETS[effort or "low"] if budget is None else budget}
    if budget is not None and effort is None:
        raise Failure("invalid_request", "this model is told how hard to think by a word (reasoning_effort)")
    return {} if effort is None else {"thinkingLevel": effort}


def reasoning(target: Target) -> str:
    """How the model is told how hard to think: as its row says, else by its name."""
    return target.capabilities.reasoning or reasoning_of(target.model)


def reasoning_of(model: str) -> str:
    """How models of this name are told how hard to think."""
    return "budget" if "gemini-2" in model else "level"


def contents(messages: list[Message], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The conversation: neighbours of one role are one content, so that tool results stay together."""
    made: list[dict[str, Any]] = []
    for one in messages:
        if one.role == "system":
            continue
        role = "model" if one.role == "assistant" else "user"
        found = [function_response(one, names)] if one.role == "tool" else parts(one)
        if made and made[-1]["role"] == role:
            made[-1]["parts"] += found
        elif found:
            made.append({"role": role, "parts": found})
    return made


def parts(given: Message) -> list[dict[str, Any]]:
    """A message's content in pieces."""
    text = [{"text": given.content}] if given.content else []
    said = [part(one) for one in given.parts or () if one.image_url is not None or one.file or one.text]
    return text + said + [function_call(call) for call in given.tool_calls or ()]


def part(given: Part) -> dict[str, Any]:
    """One piece of a message's content."""
    if given.file is not None:
        return data(given.file.url, document(given.file), otherwise="application/pdf")
    if given.image_url is not None:
        return data(given.image_url, image(given), otherwise="image/jpeg")
    return {"text": given.text}


def data(url: str, inside: Inside | None, *, otherwise: str) -> dict[str, Any]:
    """An image or a file by its content or its address; of an unknown address the kind is taken to be the usual one."""
    if inside is not None:
        return {"inlineData": {"mimeType": inside.media_type, "data": inside.data}}
    kind, _ = mimetypes.guess_type(urlsplit(url).path)
    return {"fileData": {"mimeType": kind or otherwise, "fileUri": url}}


def function_call(call: ToolCall) -> dict[str, Any]:
    """A call the model made before, with the seal on its thought."""
    made: dict[str, Any] = {"functionCall": {"name": call.name, "args": arguments(call)}}
    return made | ({"thoughtSignature": call.signature} if call.signature is not None else {})


def function_response(given: Message, names: Mapping[str, str]) -> dict[str, Any]:
    """A tool's answer; the API wants an object, and the tool's name."""
    try:
        value: object = msgspec.json.decode(given.content)
    except msgspec.DecodeError:
        value = given.content
    name = names.get(given.tool_call_id or "") or given.name or given.tool_call_id
    return {"functionResponse": {"name": name, "response": value if isinstance(value, dict) else {"result": value}}}


def tool(given: Tool) -> dict[str, Any]:
    """One tool in Google's shape."""
    made: dict[str, Any] = {"name": given.name, "description": given.description}
    return made | ({} if given.parameters is None else {"parametersJsonSchema": given.parameters})
