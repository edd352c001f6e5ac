"""A model's id leads to its target and its fallbacks, or to a clear no."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import Capabilities, Price, Timeouts
from promptwire.api.message import Usage
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.provider import Endpoint
from promptwire.llm.timeouts import Waits

ACME = Endpoint(name="acme", kind="openai", base_url="http://x/v1", api_key="k")
CLAUDE = Endpoint(name="claude", kind="anthropic")


def row(id: str, provider: str = "acme", **fields: Any) -> ModelRow:
    return ModelRow(id=id, provider=provider, model=id.upper(), **fields)


def test_the_simulated_models_are_always_there() -> None:
    models = Catalogue([], []).models()
    assert [model.id for model in models] == ["simulated/echo", "simulated/typewriter"]
    assert all(model.provider == "simulated" and model.description for model in models)


def test_the_simulated_models_are_free_of_charge() -> None:
    every = Usage(input_tokens=1, cache_read_tokens=1, cache_write_tokens=1, output_tokens=1, reasoning_tokens=1)
    catalogue = Catalogue([], [])
    assert [catalogue.resolve(model.id).cost(every) for model in catalogue.models()] == [0.0, 0.0]


def test_a_row_says_everything_about_its_model() -> None:
    price = Price(since="2026-01-01", input=1.0, output=2.0)
    target = Catalogue(
        [ACME],
        [
            row(
                "m",
                description="d",
                capabilities=Capabilities(output_tokens=7),
                prices=[price],
                timeouts=Timeouts(idle_s=5),
                attempts=3,
                breaker_failures=9,
            )
        ],
    ).resolve("m")
    assert (target.id, target.model, target.endpoint, target.description) == ("m", "M", ACME, "d")
    assert (target.capabilities.output_tokens, target.prices) == (7, (price,))
    assert (target.timeouts, target.attempts, target.breaker_failures) == (Waits(idle_s=5), 3, 9)


def test_any_model_of_an_endpoint_can_be_called_without_a_row() -> None:
    target = Catalogue([ACME], []).resolve("acme/org/m-1")
    assert (target.id, target.model, target.endpoint) == ("acme/org/m-1", "org/m-1", ACME)


@pytest.mark.parametrize("id", ["", "acme", "acme/", "other/m", "simulated/x", "echo", "lost"])
def test_what_is_not_there_is_not_found(id: str) -> None:
    with pytest.raises(Failure, match="no model is named") as failed:
        Catalogue([ACME], []).resolve(id)
    assert failed.value.class_ == "not_found"


def test_what_is_disabled_says_so() -> None:
    with pytest.raises(Failure, match="'m' is disabled"):
        Catalogue([ACME], [row("m", enabled=False)]).resolve("m")
    with pytest.raises(Failure, match="'m' is disabled"):
        Catalogue([], [row("m")]).resolve("m")


def test_a_route_is_the_model_and_its_fallbacks_that_can_be_called() -> None:
    catalogue = Catalogue(
        [ACME],
        [row("a", fallbacks=["gone", "c", "a", "b"]), row("b"), row("c"), row("gone", enabled=False)],
    )
    assert [target.id for target in catalogue.route("a")] == ["a", "c", "b"]
    assert [target.id for target in catalogue.route("acme/x")] == ["acme/x"]


def test_models_are_listed_with_what_they_cannot_take_and_what_they_cost() -> None:
    prices = [Price(since="2026-01-01", input=1.0, output=2.0), Price(since="2999-01-01", input=9.0, output=9.0)]
    catalogue = Catalogue(
        [ACME, CLAUDE],
        [row("m", "claude", capabilities=Capabilities(images=False), prices=prices), row("n"), row("o", enabled=False)],
    )
    listed = {model.id: model for model in catalogue.models() if model.provider != "simulated"}
    assert listed.keys() == {"m", "n"}
    unsupported = listed["m"].unsupported or {}
    assert unsupported["images"] == "this model sees no images"
    assert "seed" in unsupported
    assert listed["m"].price == prices[0]
    assert (listed["n"].unsupported or {}).keys() == {"reasoning_budget"}
    assert listed["n"].price is None


async def test_a_catalogue_that_stays() -> None:
    catalogue = Catalogue([], [])
    assert await always(catalogue)() is catalogue
