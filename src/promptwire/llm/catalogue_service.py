"""The place where vendors and models are written and tried: `promptwire.api.catalogue.CatalogueService`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from promptwire.api.catalogue import (
    ByID,
    Health,
    HealthReply,
    ModelRow,
    ModelRowsReply,
    Nothing,
    Provider,
    ProvidersReply,
    TestReply,
    TestRequest,
)
from promptwire.api.llm import Capabilities, PacketLimits
from promptwire.errors import Failure
from promptwire.llm import provider as vendor
from promptwire.llm.breaker import Breakers
from promptwire.llm.catalogue import builtin
from promptwire.llm.gates import Gates
from promptwire.llm.presets import PRESETS
from promptwire.llm.pricing import check as check_prices
from promptwire.llm.probe import probe
from promptwire.llm.provider import Kind
from promptwire.llm.timeouts import Waits
from promptwire.llm.vendors import Vendors

PROVIDER_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MODEL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")
RESERVED: Final = frozenset({"simulated", "prompt"})  # what stands before the slash in ids with a meaning of their own
MOST_ATTEMPTS: Final = 5
MOST_FALLBACKS: Final = 8

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class CatalogueService:
    """Writes the rows that the catalogue is made of, and asks models what they can do. Methods raise Failure."""

    def __init__(
        self, vendors: Vendors, providers: Mapping[Kind, vendor.Provider], breakers: Breakers, gates: Gates
    ) -> None:
        self._vendors = vendors
        self._providers = providers
        self._breakers = breakers
        self._gates = gates

    async def list_providers(self, request: Nothing) -> ProvidersReply:
        """Every provider, without its secrets, and the vendors that are known."""
        return ProvidersReply(providers=await self._vendors.providers(), presets=list(PRESETS))

    async def put_provider(self, provider: Provider) -> Provider:
        """Keep a provider; its models can be called in every process within a second."""
        check_provider(provider)
        self._check_source(provider.id)
        return await self._vendors.put_provider(provider)

    async def delete_provider(self, request: ByID) -> Nothing:
        """Forget a provider and its models."""
        self._check_source(request.id)
        await self._vendors.delete_provider(request.id)
        return Nothing()

    async def list_model_rows(self, request: Nothing) -> ModelRowsReply:
        """Every model that has a row."""
        return ModelRowsReply(models=[*builtin(), *await self._vendors.models()])

    async def put_model(self, model: ModelRow) -> ModelRow:
        """Keep a model; it can be called in every process within a second."""
        _check_model(model)
        if model.provider not in {provider.id for provider in await self._vendors.providers()}:
            raise Failure("invalid_request", f"model {model.id!r}: there is no provider {model.provider!r}")
        catalogue = await self._vendors.catalogue()
        for fallback in model.fallbacks:
            if not catalogue.knows(fallback):
                raise Failure("invalid_request", f"model {model.id!r}: there is no model {fallback!r} to fall back to")
        return await self._vendors.put_model(model)

    async def delete_model(self, request: ByID) -> Nothing:
        """Forget a model."""
        if request.id.partition("/")[0] in RESERVED:
            raise Failure("conflict", f"the model {request.id!r} is built in")
        await self._vendors.delete_model(request.id)
        return Nothing()

    async def test_model(self, request: TestRequest) -> TestReply:
        """Ask a model small questions: what works, and the exact reason for what does not."""
        catalogue = await self._vendors.catalogue()
        if request.row is not None:
            _check_model(request.row)
            target = catalogue.target(request.row)
        elif request.model is not None:
            target = catalogue.resolve(request.model)
        else:
            raise Failure("invalid_request", "a test needs a model or a row")
        return TestReply(checks=await probe(self._providers[target.endpoint.kind], target, self._gates))

    async def list_health(self, request: Nothing) -> HealthReply:
        """How the breakers of this process stand."""
        return HealthReply(
            models=[
                Health(
                    model=model,
                    state=breaker.state,
                    failures=breaker.failures,
                    opens_for_s=round(breaker.remaining_s, 1) or None,
                    last_error=breaker.last.to_error() if breaker.last is not None else None,
                )
                for model, breaker in self._breakers.items()
            ]
        )

    def _check_source(self, id: str) -> None:
        """What is built in or comes from settings is changed elsewhere. Raises Failure (conflict)."""
        if id in RESERVED:
            raise Failure("conflict", f"the provider {id!r} is built in")
        if id in {endpoint.name for endpoint in self._vendors.given}:
            raise Failure("conflict", f"the provider {id!r} comes from the settings of this installation")


def check_provider(provider: Provider) -> None:
    """Refuse a provider that cannot work. Raises Failure (invalid_request)."""
    wrong = None
    url = urlsplit(provider.base_url)
    if not PROVIDER_ID.fullmatch(provider.id):
        wrong = "an id is lower-case letters, digits, '_' and '-'"
    elif provider.kind == "simulated":
        wrong = "the simulated vendor is built in"
    elif url.scheme not in {"http", "https"} or not url.hostname:
        wrong = f"base_url is an http or https address, not {provider.base_url!r}"
    elif url.username or url.password or url.query or url.fragment:
        wrong = "base_url is an address alone: a key belongs into api_key"
    elif any(not _HEADER.fullmatch(name) for name in provider.headers or {}):
        wrong = "a header's name is no HTTP token"
    elif any(
        any(ord(one) < 32 for one in value) for value in (*(provider.headers or {}).values(), provider.api_key or "")
    ):
        wrong = "a key or a header holds a control character"
    if wrong is not None:
        raise Failure("invalid_request", f"provider {provider.id!r}: {wrong}")


def _check_model(model: ModelRow) -> None:
    wrong = None
    if not MODEL_ID.fullmatch(model.id):
        wrong = "an id is letters, digits and . _ : / @ -"
    elif model.id.partition("/")[0] in RESERVED:
        wrong = f"ids that begin with {model.id.partition('/')[0]}/ have a meaning of their own"
    elif not model.model:
        wrong = "model, the vendor's name for it, is empty"
    elif not 1 <= model.attempts <= MOST_ATTEMPTS:
        wrong = f"attempts is 1 to {MOST_ATTEMPTS}, not {model.attempts}"
    elif model.breaker_failures < 0:
        wrong = f"breaker_failures is 0 or more, not {model.breaker_failures}"
    elif len(model.fallbacks) > MOST_FALLBACKS or model.id in model.fallbacks:
        wrong = f"fallbacks are up to {MOST_FALLBACKS} other models"
    elif (low := _not_above_0(model)) is not None:
        wrong = f"{low} is more than 0, or left out"
    try:
        check_prices(model.prices)
        Waits().but(model.timeouts)
    except (ValueError, Failure) as error:
        wrong = error.message if isinstance(error, Failure) else str(error)
    if wrong is not None:
        raise Failure("invalid_request", f"model {model.id!r}: {wrong}")


def _not_above_0(model: ModelRow) -> str | None:
    """The name of a number that is given and none."""
    able, packets = model.capabilities or Capabilities(), model.packets or PacketLimits()
    numbers = {
        "context_tokens": able.context_tokens,
        "output_tokens": able.output_tokens,
        "packets.characters": packets.characters,
        "packets.packets": packets.packets,
    }
    return next((name for name, number in numbers.items() if number is not None and number < 1), None)
