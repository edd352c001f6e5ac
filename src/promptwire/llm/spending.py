"""The place for money: reserved before a call, settled after it, against budgets per calendar day or month (UTC).

What is reserved and never settled, because its process died, counts as spent once its lease ends.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Float, Index, String, Table, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.governance import Budget, Spending
from promptwire.database import Database, metadata
from promptwire.errors import Failure
from promptwire.llm.limits.limit import Subject, bucket_of

LEASE_SLACK_S: Final = 5.0  # a reservation outlives its stream's deadline by this much, then its owner is dead
_FORMATS: Final = {"day": "%Y-%m-%d", "month": "%Y-%m"}

spending = Table(
    "spending",
    metadata,
    Column("bucket", String(400), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("spent", Float, nullable=False),
    Column("reserved", Float, nullable=False),
)
reservations = Table(
    "spending_reservations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("bucket", String(400), primary_key=True),
    Column("period", String(10), nullable=False),
    Column("amount", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index("ix_spending_reservations_expires_at", "expires_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Money reserved for one run; an empty id when no budget applies."""

    id: str = ""


class Purse:
    """Budgets and what was spent of them. ``budgets`` gives those in force."""

    def __init__(
        self,
        database: Database,
        budgets: Callable[[], Awaitable[Iterable[Budget]]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._budgets = budgets
        self._clock = clock

    async def reserve(self, subject: Subject, amount: float | None, *, lease_s: float) -> Hold:
        """Hold ``amount`` US dollars on every budget of ``subject``; give the hold to `settle`, however it ends.

        ``amount`` None: the model has no price. Raises Failure (budget_exhausted).
        """
        held = [(budget, bucket) for budget in await self._budgets() if (bucket := bucket_of(budget, subject))]
        held.sort(key=lambda one: one[1])  # everybody takes them in one order, or two could wait for each other
        if not held:
            return Hold()
        if amount is None:
            message = f"model {subject.model!r} has no price, so budget {held[0][0].id!r} cannot be kept"
            raise Failure("budget_exhausted", message, details={"budget": held[0][0].id})
        hold = Hold(id=uuid.uuid4().hex)
        try:
            await self._hold(hold, held, amount, self._clock() + lease_s + LEASE_SLACK_S)
        except asyncio.CancelledError:
            await asyncio.shield(self.settle(hold, 0.0))  # it may have been kept before its owner left
            raise
        return hold

    async def _hold(self, hold: Hold, held: list[tuple[Budget, str]], amount: float, expires_at: float) -> None:
        now = self._clock()
        async with self._database.transaction() as connection:
            await self._expire(connection, now)
            for budget, bucket in held:
                period = _period(budget, now)
                await self._take(connection, budget, bucket, period, amount)
                row = {"bucket": bucket, "period": period, "amount": amount, "expires_at": expires_at}
                await connection.execute(insert(reservations).values(id=hold.id, **row))

    async def settle(self, hold: Hold, spent: float | None) -> None:
        """Replace what was held by what was ``spent``; None when that is unknown: then all of it. Done once."""
        if not hold.id:
            return
        async with self._database.transaction() as connection:
            mine = delete(reservations).where(reservations.c.id == hold.id).returning(reservations)
            for row in sorted((await connection.execute(mine)).all(), key=lambda row: row.bucket):
                await self._move(connection, row, row.amount if spent is None else spent)

    async def levels(self) -> list[Spending]:
        """What each budget's buckets have spent in the current period."""
        now = self._clock()
        budgets = {budget.id: budget for budget in await self._budgets()}
        async with self._database.transaction() as connection:
            await self._expire(connection, now)
            current = select(spending).where(
                spending.c.period.in_({_period(budget, now) for budget in budgets.values()})
            )
            found = (await connection.execute(current.order_by(spending.c.bucket))).all()
        levels: list[Spending] = []
        for row in found:
            budget = budgets.get(row.bucket.split("|", 1)[0])
            if budget is not None and row.period == _period(budget, now):
                levels.append(
                    Spending(
                        budget=budget.id,
                        bucket=row.bucket,
                        period=row.period,
                        spent=row.spent,
                        reserved=row.reserved,
                        amount=budget.amount,
                    )
                )
        return levels

    async def _take(self, connection: AsyncConnection, budget: Budget, bucket: str, period: str, amount: float) -> None:
        insert_ = sqlite_insert if self._database.sqlite else postgres_insert
        fresh = insert_(spending).values(bucket=bucket, period=period, spent=0.0, reserved=0.0)
        await connection.execute(fresh.on_conflict_do_nothing())
        taken = (
            update(spending)
            .where(
                spending.c.bucket == bucket,
                spending.c.period == period,
                spending.c.spent + spending.c.reserved + amount <= budget.amount,
            )
            .values(reserved=spending.c.reserved + amount)
        )
        if not (await connection.execute(taken)).rowcount:
            raise Failure(
                "budget_exhausted",
                f"budget {budget.id!r} is used up: {budget.amount:g} US dollars a {budget.period}",
                retry_after_s=_left(budget, self._clock()),
                details={"budget": budget.id, "bucket": bucket},
            )

    async def _expire(self, connection: AsyncConnection, now: float) -> None:
        over = delete(reservations).where(reservations.c.expires_at <= now).returning(reservations)
        for row in sorted((await connection.execute(over)).all(), key=lambda row: row.bucket):
            await self._move(connection, row, row.amount)

    async def _move(self, connection: AsyncConnection, row: Any, spent: float) -> None:
        await connection.execute(
            update(spending)
            .where(spending.c.bucket == row.bucket, spending.c.period == row.period)
            .values(reserved=spending.c.reserved - row.amount, spent=spending.c.spent + spent)
        )


def _period(budget: Budget, now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime(_FORMATS[budget.period])


def _left(budget: Budget, now: float) -> float:
    """Seconds until the next period."""
    at = datetime.fromtimestamp(now, UTC)
    begin = at.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if budget.period == "day" else (begin.replace(day=28) + timedelta(days=4)).replace(day=1) - begin
    end = begin + (days if isinstance(days, timedelta) else timedelta(days=days))
    return round((end - at).total_seconds(), 1)
