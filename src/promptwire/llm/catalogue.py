"""The place for the models that can be called: from a model's id to its target."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from promptwire.api.llm import Model
from promptwire.errors import Failure
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.script import MODELS
from promptwire.settings import Settings

SIMULATED: Final = Endpoint(name="simulated", kind="simulated")


class Catalogue:
    """Models by id. An id ``endpoint/model`` that is not listed goes to that endpoint as it is."""

    def __init__(self, targets: Iterable[Target], endpoints: Iterable[Endpoint] = ()) -> None:
        self._targets = {target.id: target for target in targets}
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}

    def resolve(self, id: str) -> Target:
        """The target named ``id``. Raises Failure."""
        if (target := self._targets.get(id)) is not None:
            return target
        endpoint_name, _, model = id.partition("/")
        if model and (endpoint := self._endpoints.get(endpoint_name)) is not None:
            return Target(id=id, model=model, endpoint=endpoint)
        close = difflib.get_close_matches(id, self._targets, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise Failure("not_found", f"no model is named {id!r}{hint}")

    def models(self) -> list[Model]:
        """What can be called, by id."""
        return [
            Model(id=target.id, provider=target.endpoint.name, description=target.description)
            for _, target in sorted(self._targets.items())
        ]


def simulated() -> list[Target]:
    """The models that need no vendor."""
    return [
        Target(id=f"simulated/{name}", model=name, endpoint=SIMULATED, description=description)
        for name, description in MODELS.items()
    ]


def from_settings(settings: Settings) -> Catalogue:
    """The simulated models, and the OpenAI-compatible vendor an operator named, under ``openai/…``."""
    endpoints: list[Endpoint] = []
    if settings.openai_base_url or settings.openai_api_key:
        base_url = settings.openai_base_url or "https://api.openai.com/v1"
        endpoints.append(Endpoint(name="openai", kind="openai", base_url=base_url, api_key=settings.openai_api_key))
    return Catalogue(simulated(), endpoints)
