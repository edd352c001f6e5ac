"""The place for the models that can be called, as of one moment: from a model's id to its target and its fallbacks."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeAlias

from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import Capabilities, Model, Price
from promptwire.errors import Failure
from promptwire.llm.fitting import unsupported
from promptwire.llm.pricing import in_force
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.script import MODELS
from promptwire.llm.timeouts import Waits

BUILTIN: Final = Endpoint(name="simulated", kind="simulated")
FREE: Final = Price(since="2000-01-01", input=0.0, output=0.0, cache_read=0.0, cache_write=0.0, reasoning=0.0)


class Catalogue:
    """Endpoints and models by id. An id ``endpoint/model`` without a row goes to that endpoint as it is."""

    def __init__(self, endpoints: Iterable[Endpoint], rows: Iterable[ModelRow]) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in (BUILTIN, *endpoints)}
        self._rows = {row.id: row for row in (*builtin(), *rows)}
        self._targets = {
            row.id: self.target(row) for row in self._rows.values() if row.enabled and row.provider in self._endpoints
        }

    def resolve(self, id: str) -> Target:
        """The target named ``id``. Raises Failure (not_found)."""
        if (target := self._targets.get(id)) is not None:
            return target
        if id in self._rows:
            raise Failure("not_found", f"the model {id!r} is disabled")
        if (target := self._passing(id)) is not None:
            return target
        close = difflib.get_close_matches(id, self._targets, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise Failure("not_found", f"no model is named {id!r}{hint}")

    def target(self, row: ModelRow) -> Target:
        """The target a row stands for. Raises Failure (not_found)."""
        endpoint = self._endpoints.get(row.provider)
        if endpoint is None:
            raise Failure("not_found", f"there is no provider {row.provider!r}, or it is disabled")
        return _target(row, endpoint)

    def knows(self, id: str) -> bool:
        """Whether there is such a model, disabled ones included."""
        return id in self._rows or self._passing(id) is not None

    def route(self, id: str) -> list[Target]:
        """The target named ``id``, then its fallbacks that can be called. Raises Failure (not_found)."""
        first = self.resolve(id)
        others = (self._targets.get(fallback) or self._passing(fallback) for fallback in first.fallbacks)
        return [first, *(target for target in others if target is not None and target.id != first.id)]

    def _passing(self, id: str) -> Target | None:
        """The target of an id ``endpoint/model`` that has no row."""
        name, _, model = id.partition("/")
        endpoint = self._endpoints.get(name)
        if not model or endpoint is None or endpoint is BUILTIN or id in self._rows:
            return None
        return Target(id=id, model=model, endpoint=endpoint)

    def models(self) -> list[Model]:
        """What can be called, by id."""
        return [_model(target) for _, target in sorted(self._targets.items())]


Current: TypeAlias = Callable[[], Awaitable[Catalogue]]
"""The catalogue as it is now: rows change while requests run."""


def always(catalogue: Catalogue) -> Current:
    """A catalogue that does not change."""

    async def now() -> Catalogue:
        return catalogue

    return now


def builtin() -> list[ModelRow]:
    """The models that need no vendor. A simulated fault is no reason to try again, or to leave the model alone."""
    return [
        ModelRow(
            id=f"simulated/{name}",
            provider="simulated",
            model=name,
            description=description,
            prices=[FREE],  # not "unknown", which every budget refuses
            attempts=1,
            breaker_failures=0,
            source="builtin",
        )
        for name, description in MODELS.items()
    ]


def _target(row: ModelRow, endpoint: Endpoint) -> Target:
    return Target(
        id=row.id,
        model=row.model,
        endpoint=endpoint,
        timeouts=Waits().but(row.timeouts),
        description=row.description,
        capabilities=row.capabilities or Capabilities(),
        prices=tuple(row.prices),
        fallbacks=tuple(row.fallbacks),
        attempts=row.attempts,
        breaker_failures=row.breaker_failures,
        packets=row.packets,
    )


def _model(target: Target) -> Model:
    reasons = unsupported(target.endpoint.kind, target.capabilities, target.model)
    return Model(
        id=target.id,
        provider=target.endpoint.name,
        description=target.description,
        capabilities=target.capabilities,
        unsupported=reasons or None,
        price=in_force(target.prices),
    )
