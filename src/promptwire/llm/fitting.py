"""The place for whether a model can take what a request sets: what is left out with a warning, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from promptwire.api.llm import Capabilities, ChatRequest
from promptwire.errors import Failure
from promptwire.llm.asked import JSONObject, JSONSchema, response_format
from promptwire.llm.provider import Kind
from promptwire.llm.providers import anthropic, gemini

# An answer without these is still an answer to the request; the contract says so of each (idl/llm.thrift, of tools'
# `strict` idl/message.thrift).
LEFT_OUT: Final = frozenset({"seed", "presence_penalty", "frequency_penalty", "strict"})


class Fitted(NamedTuple):
    """A request a model can take, and what a person should know of what became of theirs."""

    request: ChatRequest
    warnings: list[str]


# What a kind of vendor does not know at all.
_OF_KIND: Final[Mapping[Kind, Mapping[str, str]]] = {"anthropic": anthropic.UNSUPPORTED, "gemini": gemini.UNSUPPORTED}
_BY_NAME: Final[Mapping[Kind, Callable[[str], str]]] = {
    "anthropic": anthropic.reasoning_of,
    "gemini": gemini.reasoning_of,
}


def unsupported(kind: Kind, capabilities: Capabilities, model: str = "") -> dict[str, str]:
    """The settings a model cannot take, each with the reason: its vendor's and its own."""
    how = capabilities.reasoning or (_BY_NAME[kind](model) if kind in _BY_NAME else None)
    reasons = dict(_OF_KIND.get(kind, {}))
    if capabilities.tools is False:
        reasons["tools"] = reasons["tool_choice"] = "this model calls no tools"
    if capabilities.json_schema is False:
        reasons["json_schema"] = "this model follows no JSON schema"
    if capabilities.images is False:
        reasons["images"] = "this model sees no images"
    if how == "none":
        reasons["reasoning_effort"] = "this model does not reason"
    if (reason := _no_budget(kind, how)) is not None:
        reasons["reasoning_budget"] = reason
    return reasons


def _no_budget(kind: Kind, how: str | None) -> str | None:
    """Why a model takes no budget of tokens to think with, if it takes none."""
    if how == "none":
        return "this model does not reason"
    if how == "level":
        return "this model is told how hard to think by a word"
    if kind == "openai" and how is None:
        return "OpenAI's API has no budget; a model that takes one says so among what it can do"
    return None


def fit(request: ChatRequest, reasons: Mapping[str, str]) -> Fitted:
    """``request`` without what may be left out. Raises Failure (invalid_request) for the rest of ``reasons``' names."""
    if not reasons:
        return Fitted(request, [])
    dropped: list[str] = []
    for name in _set(request):
        if name not in reasons:
            continue
        if name not in LEFT_OUT:
            raise Failure("invalid_request", f"{name} cannot be set for {request.model!r}: {reasons[name]}")
        dropped.append(name)
    if not dropped:
        return Fitted(request, [])
    return Fitted(_without(request, dropped), [f"{name} was left out: {reasons[name]}" for name in dropped])


def _without(request: ChatRequest, dropped: list[str]) -> ChatRequest:
    """``request`` without some of what it sets."""
    if "strict" in dropped:
        tools = [msgspec.structs.replace(tool, strict=None) for tool in request.tools or ()]
        request = msgspec.structs.replace(request, tools=tools)
    unset = {name: None for name in dropped if name != "strict"}
    if not unset or request.parameters is None:
        return request
    return msgspec.structs.replace(request, parameters=msgspec.structs.replace(request.parameters, **unset))


def _set(request: ChatRequest) -> Iterator[str]:
    """The names of what the request sets."""
    if (parameters := request.parameters) is not None:
        yield from (name for name in parameters.__struct_fields__ if getattr(parameters, name) is not None)
    if request.tools:
        yield "tools"
        if any(tool.strict for tool in request.tools):
            yield "strict"
    if request.tool_choice is not None:
        yield "tool_choice"
    if request.response_format is not None:
        yield "response_format"
        match response_format(request):
            case JSONObject():
                yield "json_object"
            case JSONSchema():
                yield "json_schema"
            case None:
                pass
    if any(part.image_url is not None for message in request.messages for part in message.parts or ()):
        yield "images"
