"""Money: held, settled, never spent twice, never lost."""

from __future__ import annotations

import asyncio

import pytest

from promptwire.api.governance import Budget
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.limits.limit import Subject
from promptwire.llm.spending import Hold, Purse

SUBJECT = Subject(model="m", user="u", workspace="w")
NOON = 1_767_787_200.0  # 2026-01-07 12:00 UTC


class Clock:
    """Time that moves when a test says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def purse(database: Database, clock: Clock, *budgets: Budget) -> Purse:
    async def given() -> tuple[Budget, ...]:
        return budgets

    return Purse(database, given, clock=clock)


async def levels(one: Purse) -> list[tuple[str, float, float]]:
    return [(level.bucket, round(level.spent, 6), round(level.reserved, 6)) for level in await one.levels()]


DAILY = Budget(id="daily", amount=1.0, period="day", user="*")


async def test_what_is_held_is_replaced_by_what_was_spent_once(database: Database) -> None:
    one = purse(database, Clock(), DAILY)
    hold = await one.reserve(SUBJECT, 0.6, lease_s=60)
    assert await levels(one) == [("daily|user=u", 0.0, 0.6)]
    for _ in range(3):
        await one.settle(hold, 0.1)
    assert await levels(one) == [("daily|user=u", 0.1, 0.0)]


async def test_a_used_up_budget_refuses_until_the_next_day(database: Database) -> None:
    clock = Clock()
    one = purse(database, clock, DAILY)
    await one.settle(await one.reserve(SUBJECT, 0.9, lease_s=60), 0.9)
    with pytest.raises(Failure, match="budget 'daily' is used up: 1 US dollars a day") as refused:
        await one.reserve(SUBJECT, 0.2, lease_s=60)
    assert refused.value.class_ == "budget_exhausted" and refused.value.retry_after_s == 12 * 3600
    await one.reserve(Subject(model="m", user="somebody else"), 0.2, lease_s=60)
    clock.now += 12 * 3600
    await one.reserve(SUBJECT, 0.2, lease_s=60)


async def test_a_month_ends_with_its_last_day(database: Database) -> None:
    clock = Clock()
    one = purse(database, clock, Budget(id="monthly", amount=1.0, period="month"))
    await one.settle(await one.reserve(SUBJECT, 1.0, lease_s=60), 1.0)
    with pytest.raises(Failure) as refused:
        await one.reserve(SUBJECT, 0.1, lease_s=60)
    assert refused.value.retry_after_s == 24.5 * 86400


async def test_all_budgets_hold_or_none_does(database: Database) -> None:
    tight = Budget(id="tight", amount=0.1, period="day", workspace="w")
    one = purse(database, Clock(), DAILY, tight)
    with pytest.raises(Failure, match="'tight'"):
        await one.reserve(SUBJECT, 0.5, lease_s=60)
    assert await levels(one) == []


async def test_what_a_dead_process_held_counts_as_spent(database: Database) -> None:
    clock = Clock()
    one = purse(database, clock, DAILY)
    hold = await one.reserve(SUBJECT, 0.7, lease_s=60)
    clock.now += 61
    assert await levels(one) == [("daily|user=u", 0.7, 0.0)]
    await one.settle(hold, 0.0)
    assert await levels(one) == [("daily|user=u", 0.7, 0.0)]


async def test_a_model_without_a_price_is_refused_where_a_budget_holds(database: Database) -> None:
    with pytest.raises(Failure, match="has no price"):
        await purse(database, Clock(), DAILY).reserve(SUBJECT, None, lease_s=60)
    assert await purse(database, Clock()).reserve(SUBJECT, None, lease_s=60) == Hold()


async def test_a_crowd_never_spends_more_than_the_budget(database: Database) -> None:
    one = purse(database, Clock(), DAILY)

    async def spend(number: int) -> float:
        try:
            hold = await one.reserve(SUBJECT, 0.15, lease_s=60)
        except Failure:
            return 0.0
        await asyncio.sleep(0)
        spent = 0.15 if number % 2 else 0.05
        await one.settle(hold, spent)
        return spent

    spent = sum(await asyncio.gather(*(spend(number) for number in range(40))))
    assert 0.2 < spent < 1.0 + 1e-9  # a sum of floats
    assert await levels(one) == [("daily|user=u", round(spent, 6), 0.0)]
