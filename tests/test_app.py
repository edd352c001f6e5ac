"""The pieces of the composition root that can be told apart; whole processes are in journeys/."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from promptwire import app
from promptwire.api.llm import LLM_SERVICE
from promptwire.api.prompt import PROMPT_SERVICE, ListPromptsRequest
from promptwire.plan import Plan
from promptwire.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", port=0, drain_s=1.0)


async def test_one_process_answers_http_at_the_address_it_says(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        plan = Plan.of([], listen=None, connect=[])
        (address,) = [line async for line in app._started(stack, settings, plan)]
        async with aiohttp.ClientSession(address) as session, session.get("/readyz") as reply:
            assert reply.status == 200


async def test_a_role_alone_says_which_services_it_answers(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        plan = Plan.of(["llm"], listen="127.0.0.1:0", connect=[])
        (line,) = [line async for line in app._started(stack, settings, plan)]
        names, _, address = line.partition(" on ")
        assert names.split(", ") == [service.name for service in app.SERVICES["llm"]]
        assert address.startswith("127.0.0.1:")


async def test_roles_of_two_processes_speak_over_a_wire(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        inner = Plan.of(["llm", "prompt"], listen="127.0.0.1:0", connect=[])
        (line,) = [line async for line in app._started(stack, settings, inner)]
        where = line.partition(" on ")[2]
        outer = Plan.of(["gateway"], listen=None, connect=[f"llm={where}", f"prompt={where}"])
        async with app._link(PROMPT_SERVICE, where, settings, outer) as prompts:
            assert [prompt.key for prompt in (await prompts.list_prompts(ListPromptsRequest())).prompts] == ["demo"]


def test_a_role_asks_only_those_before_it() -> None:
    assert [*app.SERVICES] == ["llm", "prompt", "gateway"]
    assert LLM_SERVICE in app.SERVICES["llm"]


async def test_a_signal_stops_the_process_once_asked() -> None:
    with app._signals() as stopping:
        assert not stopping.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopping.wait(), 10)
