"""Limits, budgets and rules: written through the service, in force at the gates, in every process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from promptwire.api.governance import Budget, ByID, Limit, Nothing, Rule, RuleSet
from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Delta, Done, Event, Message, Usage
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.gates import Gates, Passage
from promptwire.llm.governance import GovernanceService
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.moderation.rules import Stage
from promptwire.llm.spending import Purse
from promptwire.llm.store import RowStore

REQUEST = ChatRequest(model="m", messages=[Message(role="user", content="hello")], parameters=Parameters(max_tokens=50))


async def nobody(rule: Rule, stage: Stage, text: str) -> str | None:
    raise AssertionError("nobody is to be asked")


def process(database: Database) -> tuple[GovernanceService, Gates]:
    """One process's view of the rows."""
    rows = RowStore(database)
    gates = Gates(rows, MemoryBuckets(), lambda budgets: Purse(database, budgets), nobody)
    return GovernanceService(rows, gates), gates


async def answer(passage: Passage, *texts: str, output: int | None = None) -> AsyncGenerator[Event]:
    """What comes from a vendor, counted as it comes."""
    events: list[Event] = [Delta(text=text) for text in texts]
    if output is not None:
        events.append(Done(finish_reason="stop", usage=Usage(input_tokens=7, output_tokens=output), duration_ms=1))
    for event in events:
        passage.count(event)
        yield event


async def shown(passage: Passage, *texts: str, output: int | None = None) -> list[Event]:
    """What a reader sees of it."""
    async with AsyncExitStack() as stack:
        return [event async for event in passage.answer(stack, answer(passage, *texts, output=output))]


async def run(gates: Gates, *texts: str, output: int | None = 3, request: ChatRequest = REQUEST) -> list[Event]:
    """One run through the gates, at a dollar a token."""
    async with gates.passage(
        "m", request, total_s=60, price=lambda usage: usage.input_tokens + usage.output_tokens
    ) as passage:
        await passage.request(request)
        return await shown(passage, *texts, output=output)


async def test_a_limit_holds_at_once_here_and_soon_in_every_process(database: Database) -> None:
    (service, gates), (_, other) = process(database), process(database)
    await run(other, "ok")
    await service.put_limit(Limit(id="rpm", kind="requests", amount=60, burst=0.02))
    await run(gates, "ok")
    with pytest.raises(Failure, match="limit 'rpm'"):
        await run(gates, "ok")
    async with asyncio.timeout(5):
        while not (await other.rules.now()).limits:  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0)
    await service.delete_limit(ByID(id="rpm"))
    await run(gates, "ok")


async def test_tokens_are_reserved_and_settled_with_what_was_used(database: Database) -> None:
    service, gates = process(database)
    await service.put_limit(Limit(id="tpm", kind="tokens", amount=10_000))
    await run(gates, "ok", output=3)
    levels = (await service.levels(Nothing())).levels
    assert [(level.limit, round(level.used)) for level in levels] == [("tpm", 10)]


async def test_an_answer_that_was_cut_is_settled_with_what_came(database: Database) -> None:
    service, gates = process(database)
    await service.put_limit(Limit(id="tpm", kind="tokens", amount=10_000))
    await service.put_limit(Limit(id="streams", kind="streams", amount=1))
    for _ in range(2):
        await run(gates, "one two three four five six seven", output=None)
    used = {level.limit: level.used for level in (await service.levels(Nothing())).levels}
    assert 20 < used["tpm"] < 60 and "streams" not in used


async def test_money_is_held_and_settled(database: Database) -> None:
    service, gates = process(database)
    await service.put_budget(Budget(id="b", amount=100, period="day"))
    await run(gates, "ok", output=13)
    assert [(level.spent, level.reserved) for level in (await service.list_spending(Nothing())).spending] == [(20, 0)]
    await run(gates, "ok", output=33)
    with pytest.raises(Failure) as refused:
        await run(gates, "ok")
    assert refused.value.class_ == "budget_exhausted"
    assert [level.spent for level in (await service.list_spending(Nothing())).spending] == [60]


async def test_rules_count_their_versions_and_a_stream_keeps_the_one_it_began_with(database: Database) -> None:
    service, gates = process(database)
    rules = RuleSet(id="words", rules=[Rule(id="w", kind="words", patterns=["forbidden"])])
    assert (await service.put_rule_set(rules)).version == 1
    async with gates.passage("m", REQUEST, total_s=60, price=lambda _: None) as passage:
        await passage.request(REQUEST)
        assert (await service.put_rule_set(RuleSet(id="words", enabled=False))).version == 2
        with pytest.raises(Failure) as stopped:
            await shown(passage, "a forbidden word", output=1)
    assert stopped.value.details["version"] == "1"
    await run(gates, "a forbidden word")


async def test_a_rule_set_holds_in_its_scope_alone(database: Database) -> None:
    service, gates = process(database)
    rule = Rule(id="w", kind="words", patterns=["hello"])
    await service.put_rule_set(RuleSet(id="elsewhere", model="another", rules=[rule]))
    await run(gates, "ok")
    await service.put_rule_set(RuleSet(id="here", model="m", rules=[rule]))
    with pytest.raises(Failure) as refused:
        await run(gates, "ok")
    assert refused.value.class_ == "moderation_input" and refused.value.details["rule_set"] == "here"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(id="r", kind="words"), "there are no patterns"),
        (Rule(id="r", kind="regex", patterns=["("]), "no regular expression"),
        (Rule(id="r", kind="http", url="ftp://x"), "http or https url"),
        (Rule(id="r", kind="judge"), "a judge needs a model"),
        (Rule(id="r", kind="judge", model="m", action="mask"), "can only be stopped"),
        (Rule(id="r", kind="words", patterns=["x"], stages=["middle"]), "stages are input and output"),
    ],
)
async def test_a_rule_that_cannot_work_is_refused_and_nothing_kept(database: Database, rule: Rule, said: str) -> None:
    service, _ = process(database)
    with pytest.raises(Failure, match=said):
        await service.put_rule_set(RuleSet(id="s", rules=[rule]))
    assert (await service.list_rule_sets(Nothing())).rule_sets == []


async def test_what_is_wrong_with_a_limit_or_a_budget_is_said(database: Database) -> None:
    service, _ = process(database)
    with pytest.raises(Failure, match="burst is a part"):
        await service.put_limit(Limit(id="l", kind="tokens", amount=1, burst=2))
    with pytest.raises(Failure, match="an id is letters"):
        await service.put_limit(Limit(id="a b", kind="tokens", amount=1))
    with pytest.raises(Failure, match="amount is above 0"):
        await service.put_budget(Budget(id="b", amount=0, period="day"))
    with pytest.raises(Failure, match="there is no rule set 'x'"):
        await service.delete_rule_set(ByID(id="x"))
