"""Gates for the tests of what passes them: limits in memory, nobody to ask."""

from __future__ import annotations

from promptwire.api.governance import Rule
from promptwire.database import Database
from promptwire.llm.gates import Gates
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.moderation.rules import Stage
from promptwire.llm.spending import Purse
from promptwire.llm.store import RowStore


async def nobody(rule: Rule, stage: Stage, text: str) -> str | None:
    """Whom rules ask that ask nobody."""
    raise AssertionError("nobody is to be asked")


def gates_of(database: Database) -> Gates:
    """One process's gates over the rows in ``database``."""
    return Gates(RowStore(database), MemoryBuckets(), lambda budgets: Purse(database, budgets), nobody)
