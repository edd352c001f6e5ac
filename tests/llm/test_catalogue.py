"""A model's id leads to its target, or to a clear no."""

from __future__ import annotations

import pytest

from promptwire.errors import Failure
from promptwire.llm.catalogue import from_settings
from promptwire.settings import Settings

BASE_URL = "http://127.0.0.1:9/v1"


def test_the_simulated_models_are_always_there() -> None:
    models = from_settings(Settings()).models()
    assert [model.id for model in models] == ["simulated/echo", "simulated/typewriter"]
    assert all(model.provider == "simulated" and model.description for model in models)


def test_any_model_of_a_configured_vendor_can_be_called() -> None:
    target = from_settings(Settings(openai_base_url=BASE_URL, openai_api_key="k")).resolve("openai/org/m-1")
    assert (target.id, target.model) == ("openai/org/m-1", "org/m-1")
    assert (target.endpoint.kind, target.endpoint.base_url, target.endpoint.api_key) == ("openai", BASE_URL, "k")


def test_a_key_alone_means_openai_itself() -> None:
    assert (
        from_settings(Settings(openai_api_key="k")).resolve("openai/m").endpoint.base_url == "https://api.openai.com/v1"
    )


@pytest.mark.parametrize("id", ["", "openai", "openai/", "openai/m", "simulated/x", "echo"])
def test_what_is_not_there_is_not_found(id: str) -> None:
    with pytest.raises(Failure, match="no model is named") as failed:
        from_settings(Settings()).resolve(id)
    assert failed.value.class_ == "not_found"
