"""Money: held, settled, never spent twice, never lost."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptwire.api.governance import Budget
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.limits.limit import Subject
from promptwire.llm.spending import LEASE_SLACK_S, Hold, Purse

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
    clock.now += 61 + LEASE_SLACK_S
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


async def test_who_leaves_while_money_is_held_holds_none(database: Database) -> None:
    one = purse(database, Clock(), DAILY)
    for turns in range(12):  # wherever it is interrupted
        holding = asyncio.create_task(one.reserve(SUBJECT, 0.5, lease_s=60))
        for _ in range(turns):
            await asyncio.sleep(0)
        holding.cancel()
        await asyncio.wait([holding])
        if not holding.cancelled():
            await one.settle(holding.result(), 0.0)
    assert [(spent, reserved) for _, spent, reserved in await levels(one)] in ([], [(0.0, 0.0)])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "settle", "settle_twice", "settle_late", "die", "pass"]),
        st.integers(1, 40),  # cents held, or seconds that pass
        st.floats(0, 1.5),  # the part of what was held that is spent
    ),
    max_size=60,
)
NUMBERS = itertools.count()
EPSILON = 1e-9  # sums of floats


@dataclass
class Book:
    """What must be so, kept beside the purse."""

    spent: float = 0.0
    over: float = 0.0  # spent beyond what was held for it
    held: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])  # amount, lease's end

    def settled(self, hold: Hold, used: float) -> None:
        if (found := self.held.pop(hold.id, None)) is not None:
            self.spent += used
            self.over += max(0.0, used - found[0])

    def pass_to(self, now: float) -> None:
        """Whoever's lease ended is dead, and has spent what it held."""
        for name, (amount, end) in list(self.held.items()):
            if end <= now:
                del self.held[name]
                self.spent += amount


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_money_is_conserved_whatever_is_settled_lost_or_killed(
    tmp_path: Path, steps: list[tuple[str, int, float]]
) -> None:
    asyncio.run(_conserved(f"sqlite:///{tmp_path}/money.db", steps))


async def _conserved(url: str, steps: list[tuple[str, int, float]]) -> None:
    database, clock, book = Database(url), Clock(), Book()
    await database.migrate()
    budget = Budget(id=f"b{next(NUMBERS)}", amount=1.0, period="day")
    processes = [purse(database, clock, budget) for _ in range(2)]
    holds: list[Hold] = []
    for number, (step, size, part) in enumerate(steps):
        one = processes[number % 2]
        if step == "pass":
            clock.now += size
            book.pass_to(clock.now)
        elif step == "reserve":
            before = book.spent + sum(amount for amount, _ in book.held.values())
            try:
                hold = await one.reserve(SUBJECT, size / 100, lease_s=60)
            except Failure:
                assert before + size / 100 > 1.0 - EPSILON
            else:
                assert before + size / 100 <= 1.0 + EPSILON
                book.held[hold.id] = size / 100, clock.now + 60 + LEASE_SLACK_S
                holds.append(hold)
        elif holds:
            hold = holds[-1] if step == "settle_late" else holds.pop(0)
            used = book.held.get(hold.id, (0.0, 0.0))[0] * part
            for _ in range({"die": 0, "settle_twice": 2}.get(step, 1)):
                await one.settle(hold, used)
                book.settled(hold, used)
        seen = [(level.spent, level.reserved) for level in await one.levels()] or [(0.0, 0.0)]
        held = sum(amount for amount, _ in book.held.values())
        assert seen == [(pytest.approx(book.spent, abs=EPSILON), pytest.approx(held, abs=EPSILON))]
        assert book.spent <= budget.amount + book.over + EPSILON
    await database.close()
