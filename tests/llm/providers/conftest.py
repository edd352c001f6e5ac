"""A stage for vendors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llm.providers.vendors import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    await made.close()
