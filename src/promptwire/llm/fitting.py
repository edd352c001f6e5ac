"""The place for whether a model can take what a request sets: what is left out with a warning, what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from promptwire.api.llm import Capabilities, ChatRequest
from promptwire.errors import Failure
from promptwire.llm.provider import Kind
from promptwire.llm.providers import anthropic

# An answer without these is still an answer to the request; the contract says so of each (idl/llm.thrift).
LEFT_OUT: Final = frozenset({"seed", "presence_penalty", "frequency_penalty"})


class Fitted(NamedTuple):
    """A request a model can take, and what a person should know of what became of theirs."""

    request: ChatRequest
    warnings: list[str]


# What a kind of vendor does not know at all.
_OF_KIND: Final[Mapping[Kind, Mapping[str, str]]] = {"anthropic": anthropic.UNSUPPORTED}


def unsupported(kind: Kind, capabilities: Capabilities) -> dict[str, str]:
    """The settings a model cannot take, each with the reason: its vendor's and its own."""
    own = {
        "tools": ("this model calls no tools", capabilities.tools is False),
        "tool_choice": ("this model calls no tools", capabilities.tools is False),
        "response_format": ("this model follows no JSON schema", capabilities.json_schema is False),
        "images": ("this model sees no images", capabilities.images is False),
        "reasoning_effort": ("this model does not reason", capabilities.reasoning == "none"),
    }
    return dict(_OF_KIND.get(kind, {})) | {name: reason for name, (reason, holds) in own.items() if holds}


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
    if not dropped or request.parameters is None:
        return Fitted(request, [])
    parameters = msgspec.structs.replace(request.parameters, **dict.fromkeys(dropped))
    fitted = msgspec.structs.replace(request, parameters=parameters)
    return Fitted(fitted, [f"{name} was left out: {reasons[name]}" for name in dropped])


def _set(request: ChatRequest) -> Iterator[str]:
    """The names of what the request sets."""
    if (parameters := request.parameters) is not None:
        yield from (name for name in parameters.__struct_fields__ if getattr(parameters, name) is not None)
    if request.tools:
        yield "tools"
    if request.tool_choice is not None:
        yield "tool_choice"
    if request.response_format is not None:
        yield "response_format"
    if any(part.image_url is not None for message in request.messages for part in message.parts or ()):
        yield "images"
