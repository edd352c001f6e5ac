"""The place for what a model vendor is: how it is addressed, what it is asked, and what it answers in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from promptwire.api.catalogue import ProviderKind as Kind
from promptwire.api.llm import Capabilities, ChatRequest, PacketLimits, Price
from promptwire.api.message import Delta, FinishReason, Reasoning, ToolCallDelta, Usage
from promptwire.llm.pricing import cost, in_force
from promptwire.llm.timeouts import Waits


class Finish(NamedTuple):
    """The model stopped, and why. A vendor's answer that has none was cut."""

    reason: FinishReason


Chunk: TypeAlias = Delta | Reasoning | ToolCallDelta | Usage | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a vendor is reached. ``headers`` are sent with every request, after ours."""

    name: str
    kind: Kind
    base_url: str = ""
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the key and the values of the headers, which may hold another."""
        return tuple(value for value in (self.api_key, *self.headers.values()) if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model as it can be called: ``id`` is our name for it, ``model`` the vendor's."""

    id: str
    model: str
    endpoint: Endpoint
    timeouts: Waits = field(default_factory=Waits)
    description: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    prices: tuple[Price, ...] = ()
    fallbacks: tuple[str, ...] = ()  # ids of models to ask instead
    attempts: int = 2
    breaker_failures: int = 5
    packets: PacketLimits | None = None

    def cost(self, usage: Usage) -> float | None:
        """What ``usage`` costs today in US dollars; None when there is no price."""
        return cost(in_force(self.prices), usage)


class Provider(Protocol):
    """A model vendor.

    Providers: `OpenAI`, `Anthropic`, `Gemini` and `Simulated`, in modules of `promptwire.llm.providers`.
    """

    def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Ask, and yield the answer as it comes; the last chunk but usage is a Finish.

        Raises Failure with phase ``connect`` until the vendor took the request and ``first_packet`` afterwards: only
        the caller knows whether a token was seen. Closing the generator closes the vendor's connection at once.
        """
        ...
