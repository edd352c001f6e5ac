"""`promptwire.api.governance.GovernanceService`: limits, budgets and moderation rules, written and watched."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec

from promptwire.api.governance import (
    Budget,
    ByID,
    LevelsReply,
    Limit,
    ListBudgetsReply,
    ListLimitsReply,
    ListRuleSetsReply,
    Nothing,
    RuleSet,
    SpendingReply,
)
from promptwire.errors import Failure
from promptwire.llm.gates import KINDS, Gates
from promptwire.llm.limits.limit import check
from promptwire.llm.moderation.moderation import Moderation
from promptwire.llm.moderation.rules import RuleError
from promptwire.llm.store import RowStore

T = TypeVar("T")

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_STAGES: Final = {"input", "output"}


class GovernanceService:
    """Writes the rows that `Gates` reads. Methods raise Failure (invalid_request, not_found)."""

    def __init__(self, rows: RowStore, gates: Gates) -> None:
        self._rows = rows
        self._gates = gates

    async def put_limit(self, limit: Limit) -> Limit:
        """Keep a limit; it holds in every process within a second."""
        try:
            check(limit)
        except ValueError as error:
            raise Failure("invalid_request", f"limit {limit.id!r}: {error}") from error
        return await self._put("limit", limit.id, limit)

    async def delete_limit(self, request: ByID) -> Nothing:
        """Forget a limit."""
        return await self._delete("limit", request.id)

    async def list_limits(self, request: Nothing) -> ListLimitsReply:
        """Every limit."""
        return ListLimitsReply(limits=await self._all("limit", Limit))

    async def levels(self, request: Nothing) -> LevelsReply:
        """A gauge for each bucket in use."""
        return LevelsReply(levels=await self._gates.admission.levels())

    async def put_budget(self, budget: Budget) -> Budget:
        """Keep a budget."""
        if budget.amount <= 0:
            raise Failure("invalid_request", f"budget {budget.id!r}: amount is above 0, not {budget.amount:g}")
        return await self._put("budget", budget.id, budget)

    async def delete_budget(self, request: ByID) -> Nothing:
        """Forget a budget; what was spent is kept."""
        return await self._delete("budget", request.id)

    async def list_budgets(self, request: Nothing) -> ListBudgetsReply:
        """Every budget."""
        return ListBudgetsReply(budgets=await self._all("budget", Budget))

    async def list_spending(self, request: Nothing) -> SpendingReply:
        """What each budget has spent in its current period."""
        return SpendingReply(spending=await self._gates.purse.levels())

    async def put_rule_set(self, rule_set: RuleSet) -> RuleSet:
        """Keep the next version of a rule set."""
        known = (await self._rows.all("rule_set", RuleSet)).get(rule_set.id)
        rule_set = msgspec.structs.replace(rule_set, version=(known.version if known else 0) + 1)
        for rule in rule_set.rules:
            _check_rule(rule_set, rule)
        try:
            Moderation(rule_set)
        except RuleError as error:
            raise Failure("invalid_request", f"rule set {rule_set.id!r}: {error}") from error
        return await self._put("rule_set", rule_set.id, rule_set)

    async def delete_rule_set(self, request: ByID) -> Nothing:
        """Forget a rule set."""
        return await self._delete("rule_set", request.id)

    async def list_rule_sets(self, request: Nothing) -> ListRuleSetsReply:
        """Every rule set."""
        return ListRuleSetsReply(rule_sets=await self._all("rule_set", RuleSet))

    async def _put(self, kind: str, id: str, value: T) -> T:
        if not _ID.fullmatch(id):
            raise Failure("invalid_request", f"an id is letters, digits, '.', '_' and '-', not {id!r}")
        await self._rows.put(kind, id, value)
        return value

    async def _delete(self, kind: str, id: str) -> Nothing:
        await self._rows.delete(kind, id)
        return Nothing()

    async def _all(self, kind: str, of: type[T]) -> list[T]:
        assert KINDS[kind] is of  # noqa: S101  # a mistake here would read rows as something else
        return list((await self._rows.all(kind, of)).values())


def _check_rule(rule_set: RuleSet, rule: Any) -> None:
    wrong = None
    if unknown := set(rule.stages) - _STAGES:
        wrong = f"stages are input and output, not {min(unknown)!r}"
    elif rule.kind in {"words", "regex", "pii"} and not rule.patterns:
        wrong = "there are no patterns"
    elif rule.kind == "http" and not rule.url.startswith(("http://", "https://")):
        wrong = f"a hook has an http or https url, not {rule.url!r}"
    elif rule.kind == "judge" and not rule.model:
        wrong = "a judge needs a model"
    elif rule.kind in {"http", "judge"} and rule.action != "stop":
        wrong = f"what is asked about can only be stopped, not {rule.action}ed"
    if wrong is not None:
        raise Failure("invalid_request", f"rule set {rule_set.id!r}, rule {rule.id!r}: {wrong}")
