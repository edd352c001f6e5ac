"""What the gateway's tests share: a typist, and a gateway in front of it that leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from gateway.typist import Host, Typist, hosted


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop the product runs on: its transports are not asyncio's."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def typist() -> Typist:
    return Typist()


@pytest.fixture
async def host(typist: Typist) -> AsyncIterator[Host]:
    async with hosted(typist) as host:
        yield host
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert typist.running == 0
