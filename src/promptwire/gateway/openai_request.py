"""The place where a request in OpenAI's words becomes ours: everything is understood, or refused by its name.

What changes nothing in an answer (``user``, ``metadata``, ``store``, ``service_tier``, prompt cache hints) is taken
and left alone, since clients send it by habit. What would change the answer and cannot be done is refused. What no
version of OpenAI's API knows is refused as a mistake, as OpenAI does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Raw

from promptwire.api.llm import ChatRequest, Parameters, Simulate, Timeouts
from promptwire.api.message import File, Message, Part, Role, Tool, ToolCall
from promptwire.api.prompt import RunRequest
from promptwire.errors import Failure
from promptwire.gateway.binding import json_reader

PROMPT: Final = "prompt/"

NULL: Final = (Raw(), Raw(b"null"))


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class URL(_Strict):
    """Where an image is. ``detail`` is taken and left alone: few vendors know it."""

    url: str
    detail: Literal["auto", "low", "high"] | None = None


class Upload(_Strict):
    """A file inside the request."""

    file_data: str | None = None
    filename: str = ""
    file_id: str | None = None


class TextPart(_Strict, tag_field="type", tag="text"):
    """Text."""

    text: str


class ImagePart(_Strict, tag_field="type", tag="image_url"):
    """An image."""

    image_url: URL


class FilePart(_Strict, tag_field="type", tag="file"):
    """A file."""

    file: Upload


class RefusalPart(_Strict, tag_field="type", tag="refusal"):
    """What a model said when it would not answer."""

    refusal: str


AnyPart: TypeAlias = TextPart | ImagePart | FilePart | RefusalPart


class CalledFunction(_Strict):
    """The function a model called."""

    name: str
    arguments: str


class Called(_Strict):
    """A call a model made."""

    id: str
    function: CalledFunction
    type: Literal["function"] = "function"
    index: int | None = None  # of clients that gather fragments and send them back as they are


class ChatMessage(_Strict):
    """One message. The last fields are of answers that are sent back as they came; they are left alone."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[AnyPart] | None = None
    name: str | None = None
    tool_calls: list[Called] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    annotations: Raw = Raw()
    audio: Raw = Raw()
    function_call: Raw = Raw()


class Function(_Strict):
    """A function the model may call."""

    name: str
    description: str | None = None
    parameters: Raw = Raw()
    strict: bool | None = None


class ToolDefinition(_Strict):
    """A tool; functions are the only ones."""

    function: Function
    type: Literal["function"] = "function"


class StreamOptions(_Strict):
    """What else the stream holds."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Completion(_Strict):
    """The body of ``POST /v1/chat/completions``."""

    model: str
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None
    tools: list[ToolDefinition] | None = None
    tool_choice: Raw = Raw()
    response_format: Raw = Raw()
    # Ours
    simulate: Simulate | None = None
    timeouts: Timeouts | None = None
    prompt_variables: dict[str, Raw] | None = None
    # Taken and left alone
    user: str | None = None
    metadata: Raw = Raw()
    store: Raw = Raw()
    service_tier: Raw = Raw()
    safety_identifier: Raw = Raw()
    prompt_cache_key: Raw = Raw()
    prompt_cache_retention: Raw = Raw()
    # Possible only at the value that changes nothing
    n: int | None = None
    logprobs: bool | None = None
    parallel_tool_calls: bool | None = None
    modalities: list[str] | None = None
    logit_bias: dict[str, float] | None = None
    # Refused
    top_logprobs: Raw = Raw()
    audio: Raw = Raw()
    prediction: Raw = Raw()
    web_search_options: Raw = Raw()
    verbosity: Raw = Raw()
    moderation: Raw = Raw()
    functions: Raw = Raw()
    function_call: Raw = Raw()

    @property
    def with_usage(self) -> bool:
        """The stream is to end with its usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


read: Final = json_reader(Completion)
"""A body to a Completion. Raises Failure."""

_IMPOSSIBLE: Final = (
    "top_logprobs",
    "audio",
    "prediction",
    "web_search_options",
    "verbosity",
    "moderation",
    "functions",
    "function_call",
)
_INSTEAD: Final = {"functions": "use tools", "function_call": "use tool_choice"}


def refuse_impossible(asked: Completion) -> None:
    """Refuse what cannot be done. Raises Failure (invalid_request)."""
    for name in _IMPOSSIBLE:
        if getattr(asked, name) not in NULL:
            raise _no(name, _INSTEAD.get(name, "it is not supported"))
    if asked.n not in (None, 1):
        raise _no("n", f"{asked.n} answers to one request are not supported; ask {asked.n} times")
    if asked.logprobs:
        raise _no("logprobs", "they are not supported")
    if asked.parallel_tool_calls is False:
        raise _no("parallel_tool_calls", "a model cannot be held to one call at a time here")
    if asked.modalities not in (None, [], ["text"]):
        raise _no("modalities", "text is the only one")
    if asked.logit_bias:
        raise _no("logit_bias", "it is not supported")
    limits = {asked.max_tokens, asked.max_completion_tokens} - {None}
    if len(limits) > 1:
        raise _no("max_tokens", "it differs from max_completion_tokens; one of them is enough")


def chat_request(asked: Completion) -> ChatRequest:
    """What a model is asked. Raises Failure (invalid_request)."""
    if asked.prompt_variables is not None:
        raise _no("prompt_variables", f"they need a model that is a prompt: {PROMPT}KEY")
    return ChatRequest(
        model=asked.model,
        messages=messages(asked),
        parameters=parameters(asked),
        tools=None if asked.tools is None else [tool(one) for one in asked.tools],
        tool_choice=_given(asked.tool_choice),
        response_format=_given(asked.response_format),
        simulate=asked.simulate,
        timeouts=asked.timeouts,
    )


def run_request(asked: Completion) -> RunRequest:
    """How a prompt is run: its messages first, then those of the request. Raises Failure (invalid_request)."""
    settings = dict.fromkeys(_settings(asked))
    if settings:
        raise _no(next(iter(settings)), "a prompt brings its own; set it there")
    key, version, label = prompt_name(asked.model)
    return RunRequest(
        key=key,
        version=version,
        label=label,
        variables=asked.prompt_variables or {},
        messages=messages(asked) or None,
        simulate=asked.simulate,
        timeouts=asked.timeouts,
    )


def prompt_name(model: str) -> tuple[str, str | None, str | None]:
    """The key, version and label in ``prompt/KEY``, ``prompt/KEY@VERSION`` or ``prompt/KEY:LABEL``.

    Raises Failure (invalid_request).
    """
    key, mark, name = model.removeprefix(PROMPT), "", ""
    for one in "@:":  # neither is in a key
        if one in key:
            key, mark, name = key.partition(one)
            break
    if not key or bool(mark) != bool(name):
        raise _no("model", f"a prompt is {PROMPT}KEY, {PROMPT}KEY@VERSION or {PROMPT}KEY:LABEL, not {model!r}")
    return key, name if mark == "@" else None, name if mark == ":" else None


def parameters(asked: Completion) -> Parameters | None:
    """What is set of the model's parameters."""
    stop = [asked.stop] if isinstance(asked.stop, str) else asked.stop
    limit = asked.max_completion_tokens if asked.max_completion_tokens is not None else asked.max_tokens
    made = Parameters(
        temperature=asked.temperature,
        top_p=asked.top_p,
        max_tokens=limit,
        stop=stop or None,
        seed=asked.seed,
        presence_penalty=asked.presence_penalty,
        frequency_penalty=asked.frequency_penalty,
        reasoning_effort=asked.reasoning_effort,
    )
    return None if made == Parameters() else made


def messages(asked: Completion) -> list[Message]:
    """The conversation. Raises Failure (invalid_request)."""
    return [_message(message, f"$.messages[{index}]") for index, message in enumerate(asked.messages)]


def tool(given: ToolDefinition) -> Tool:
    """One tool."""
    function = given.function
    return Tool(
        name=function.name,
        description=function.description or "",
        parameters=_given(function.parameters),
        strict=function.strict,
    )


def _message(given: ChatMessage, where: str) -> Message:
    if given.content is None and given.role != "assistant":
        raise Failure("invalid_request", f"{where}.content: it is missing", details={"path": f"{where}.content"})
    if given.function_call not in NULL:
        raise _no(f"{where}.function_call", "use tool_calls")
    role: Role = "system" if given.role == "developer" else given.role
    parts = [_part(part, where) for part in given.content] if isinstance(given.content, list) else None
    return Message(
        role=role,
        content=given.content if isinstance(given.content, str) else "",
        parts=parts,
        name=given.name,
        tool_calls=[_call(one) for one in given.tool_calls] if given.tool_calls else None,
        tool_call_id=given.tool_call_id,
        reasoning=given.reasoning_content or given.reasoning,
    )


def _call(given: Called) -> ToolCall:
    return ToolCall(id=given.id, name=given.function.name, arguments=given.function.arguments)


def _part(given: AnyPart, where: str) -> Part:
    match given:
        case TextPart():
            return Part(text=given.text)
        case RefusalPart():
            return Part(text=given.refusal)
        case ImagePart():
            return Part(image_url=given.image_url.url)
        case FilePart(file=Upload(file_data=str(data), filename=name)):
            return Part(file=File(url=data, name=name))
        case FilePart():
            raise _no(f"{where}: file_id", "files are not kept here; send file_data")


def _settings(asked: Completion) -> Iterator[str]:
    """The names of what is set that a prompt has of its own."""
    made = parameters(asked)
    if made is not None:
        names = {"max_tokens": "max_tokens" if asked.max_completion_tokens is None else "max_completion_tokens"}
        for name in made.__struct_fields__:
            if getattr(made, name) is not None:
                yield names.get(name, name)
    if asked.tools is not None:
        yield "tools"
    for name in ("tool_choice", "response_format"):
        if _given(getattr(asked, name)) is not None:
            yield name


def _given(raw: Raw) -> Raw | None:
    return None if raw in NULL else raw


def _no(name: str, reason: str) -> Failure:
    return Failure("invalid_request", f"{name}: {reason}", details={"param": name})
