"""The place for money: reserved before a call, settled after it, against budgets per calendar day or month (UTC).

What is reserved and never settled, because its process died, counts as spent once its lease ends.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Executable,
    Float,
    Index,
    Row,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from promptwire.api.governance import Budget, Spending
from promptwire.database import INSERTS, Database, metadata
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


# Put together once: a run with a budget waits for them.
_AT: Final = (spending.c.bucket == bindparam("at"), spending.c.period == bindparam("during"))
_FRESH: Final[Mapping[str, Executable]] = {
    name: new(spending).on_conflict_do_nothing() for name, new in INSERTS.items()
}
_TAKE: Final = (
    update(spending)
    .where(*_AT, spending.c.spent + spending.c.reserved + bindparam("asked", type_=Float) <= bindparam("most"))
    .values(reserved=spending.c.reserved + bindparam("asked", type_=Float))
)
_HOLD: Final = insert(reservations)
_MOVE: Final = (
    update(spending)
    .where(*_AT)
    .values(reserved=spending.c.reserved - bindparam("held"), spent=spending.c.spent + bindparam("paid"))
)
_MINE: Final = delete(reservations).where(reservations.c.id == bindparam("hold")).returning(reservations)
_OVER: Final = delete(reservations).where(reservations.c.expires_at <= bindparam("now")).returning(reservations)


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
            await self._database.write(self._hold, hold, held, amount, self._clock() + lease_s + LEASE_SLACK_S)
        except asyncio.CancelledError:
            await asyncio.shield(self.settle(hold, 0.0))  # it may have been kept before its owner left
            raise
        return hold

    def _hold(
        self, connection: Connection, hold: Hold, held: list[tuple[Budget, str]], amount: float, expires_at: float
    ) -> None:
        now = self._clock()
        _expire(connection, now)
        for budget, bucket in held:
            period = _period(budget, now)
            self._take(connection, budget, bucket, period, amount)
            row = {"bucket": bucket, "period": period, "amount": amount, "expires_at": expires_at}
            connection.execute(_HOLD, {"id": hold.id, **row})

    async def settle(self, hold: Hold, spent: float | None) -> None:
        """Replace what was held by what was ``spent``; None when that is unknown: then all of it. Done once."""
        if hold.id:
            await self._database.write(_settle, hold, spent)

    async def levels(self) -> list[Spending]:
        """What each budget's buckets have spent in the current period."""
        now = self._clock()
        budgets = {budget.id: budget for budget in await self._budgets()}
        levels: list[Spending] = []
        for row in await self._database.write(_current, now, {_period(budget, now) for budget in budgets.values()}):
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

    def _take(self, connection: Connection, budget: Budget, bucket: str, period: str, amount: float) -> None:
        fresh = {"bucket": bucket, "period": period, "spent": 0.0, "reserved": 0.0}
        connection.execute(_FRESH[connection.dialect.name], fresh)
        taken = {"at": bucket, "during": period, "asked": amount, "most": budget.amount}
        if not connection.execute(_TAKE, taken).rowcount:
            raise Failure(
                "budget_exhausted",
                f"budget {budget.id!r} is used up: {budget.amount:g} US dollars a {budget.period}",
                retry_after_s=_left(budget, self._clock()),
                details={"budget": budget.id, "bucket": bucket},
            )


def _settle(connection: Connection, hold: Hold, spent: float | None) -> None:
    for row in sorted(connection.execute(_MINE, {"hold": hold.id}).all(), key=lambda row: row.bucket):
        _move(connection, row, row.amount if spent is None else spent)


def _current(connection: Connection, now: float, periods: set[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    _expire(connection, now)
    return connection.execute(select(spending).where(spending.c.period.in_(periods)).order_by(spending.c.bucket)).all()


def _expire(connection: Connection, now: float) -> None:
    for row in sorted(connection.execute(_OVER, {"now": now}).all(), key=lambda row: row.bucket):
        _move(connection, row, row.amount)


def _move(connection: Connection, row: Row[*tuple[Any, ...]], spent: float) -> None:
    connection.execute(_MOVE, {"at": row.bucket, "during": row.period, "held": row.amount, "paid": spent})


def _period(budget: Budget, now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime(_FORMATS[budget.period])


def _left(budget: Budget, now: float) -> float:
    """Seconds until the next period."""
    at = datetime.fromtimestamp(now, UTC)
    begin = at.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if budget.period == "day" else (begin.replace(day=28) + timedelta(days=4)).replace(day=1) - begin
    end = begin + (days if isinstance(days, timedelta) else timedelta(days=days))
    return round((end - at).total_seconds(), 1)
