"""The LLM role is put together from settings, and taken apart without a rest."""

from __future__ import annotations

import asyncio
import base64
import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from promptwire.api.catalogue import Nothing as NoCatalogueFields
from promptwire.api.governance import Limit, Nothing, Rule, RuleSet
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Message
from promptwire.errors import Failure
from promptwire.llm.assembly import assemble
from promptwire.secrets import SecretError
from promptwire.settings import Settings


def ask(text: str) -> ChatRequest:
    return ChatRequest(model="simulated/echo", messages=[Message(role="user", content=text)])


async def test_its_services_work_on_the_same_rows(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        services = await assemble(stack, Settings(data=tmp_path))
        assert (await services.llm.chat(ask("hi"))).message.content == "hi"
        assert (await services.catalogue.list_model_rows(NoCatalogueFields())).models
        await services.governance.put_limit(Limit(id="one", kind="requests", amount=60, burst=0.02))
        await services.llm.chat(ask("hi"))
        with pytest.raises(Failure, match="limit 'one'") as failed:
            await services.llm.chat(ask("hi"))
        assert (failed.value.class_, failed.value.phase) == ("rate_limited", "connect")
        assert (await services.governance.levels(Nothing())).levels
    assert (tmp_path / "master.key").exists()


async def test_rules_hold_on_the_way_in_and_out(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        services = await assemble(stack, Settings(data=tmp_path))
        rule = Rule(id="w", kind="words", patterns=["forbidden"], stages=["output"])
        await services.governance.put_rule_set(RuleSet(id="r", rules=[rule]))
        with pytest.raises(Failure) as failed:
            await services.llm.chat(ask("a forbidden word"))
        assert (failed.value.class_, failed.value.phase) == ("moderation_output", "mid_stream")
        assert failed.value.details["rule"] == "w"


async def test_a_judge_is_a_model_whose_own_requests_are_not_judged(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        services = await assemble(stack, Settings(data=tmp_path))
        rule = Rule(id="j", kind="judge", model="simulated/echo", patterns=["anything"], stages=["input"])
        await services.governance.put_rule_set(RuleSet(id="r", rules=[rule]))
        async with asyncio.timeout(5):  # an echo of the question is no verdict, and fails closed
            with pytest.raises(Failure) as failed:
                await services.llm.chat(ask("hi"))
    assert (failed.value.class_, failed.value.details["category"]) == ("moderation_input", "no verdict")


async def test_a_master_key_may_be_given(tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    async with AsyncExitStack() as stack:
        await assemble(stack, Settings(data=tmp_path, master_key=key))
    assert not (tmp_path / "master.key").exists()
    async with AsyncExitStack() as stack:
        with pytest.raises(SecretError):
            await assemble(stack, Settings(data=tmp_path, master_key="short"))
