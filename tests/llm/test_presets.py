"""Vendors that are known can be added as they are."""

from __future__ import annotations

import pytest

from promptwire.api.catalogue import Preset, Provider
from promptwire.llm.catalogue_service import check_provider
from promptwire.llm.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_makes_a_provider_that_is_accepted(preset: Preset) -> None:
    check_provider(Provider(id=preset.id, kind=preset.kind, base_url=preset.base_url))


def test_each_preset_has_its_own_id() -> None:
    assert len({preset.id for preset in PRESETS}) == len(PRESETS)
