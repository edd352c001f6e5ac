"""Whom a limit holds for, what a request takes from it, and what counts: values only.

``Limit(model="m", user="*")`` is one bucket per user on the model m: a scope with a value selects, ``*`` divides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from promptwire.api.base import ErrorClass
from promptwire.api.governance import Budget, Limit

Kind: TypeAlias = Literal["requests", "tokens", "streams"]

SCOPES: Final = ("model", "workspace", "key", "user", "scenario")
EACH: Final = "*"
MAX_BURST: Final = 0.9  # what may not be had at once must be able to flow in

CLASS_OF_KIND: Final[Mapping[Kind, ErrorClass]] = {
    "requests": "rate_limited",
    "tokens": "token_limited",
    "streams": "concurrency_limited",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who asks, for what: the five scopes of a request."""

    model: str
    workspace: str = ""
    key: str = ""
    user: str = ""
    scenario: str = "service"


def check(limit: Limit) -> None:
    """Refuse a limit that cannot be kept. Raises ValueError."""
    if limit.amount <= 0 or limit.window_s <= 0:
        raise ValueError(f"amount and window_s are above 0, not {limit.amount:g} and {limit.window_s:g}")
    if not 0 < limit.burst <= MAX_BURST:
        raise ValueError(f"burst is a part of the amount, above 0 and at most {MAX_BURST}, not {limit.burst:g}")
    if limit.max_queue < 0 or limit.max_wait_s < 0:
        raise ValueError("max_queue and max_wait_s are not below 0")


def bucket_of(rule: Limit | Budget, subject: Subject) -> str | None:
    """The key of the bucket ``subject`` draws on; None when ``rule`` does not hold for it."""
    parts = [rule.id]
    for scope in SCOPES:
        wanted: str | None = getattr(rule, scope, None)
        if wanted is None:
            continue
        value: str = getattr(subject, scope)
        if wanted == EACH:
            parts.append(f"{scope}={value}")
        elif wanted != value:
            return None
    return "|".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one request takes from one bucket.

    Of the amount, the burst can be had at once and the rest flows in evenly over the window, so that no window of
    that length ever holds more than the amount.
    """

    limit: Limit
    bucket: str
    cost: float

    @property
    def cost_s(self) -> float:
        """The cost as seconds of inflow."""
        return self.cost * self.unit_s

    @property
    def unit_s(self) -> float:
        """Seconds of inflow that one unit takes."""
        return self.limit.window_s / (self.limit.amount * (1.0 - self.limit.burst))

    @property
    def tolerance_s(self) -> float:
        """How far ahead of the inflow the bucket may be taken: the burst, or one request that is larger than it."""
        return max(self.limit.amount * self.limit.burst, self.cost) * self.unit_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to a reservation. ``remaining`` is per charge, in its units, after this reservation."""

    granted: bool
    remaining: tuple[float, ...] = ()
    refused: int = -1  # index of the charge that refused
    wait_s: float = 0.0  # when trying again makes sense


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How full a bucket is now."""

    limit: str
    bucket: str
    used: float
    amount: float


class Buckets(Protocol):
    """Where levels are counted. All charges of a reservation are taken, or none."""

    async def reserve(self, reservation: str, charges: tuple[Charge, ...], *, lease_s: float) -> Verdict:
        """Take ``charges``, once, however often it is asked under the same id.

        After ``lease_s`` seconds without `settle` the streams are free again and what else was taken stays spent.
        """
        ...

    async def settle(self, reservation: str, actual: Mapping[Kind, float]) -> None:
        """Replace what was reserved by what was used: the rest is refunded, an excess is owed. Done once per id."""
        ...

    async def levels(self, limits: Iterable[Limit]) -> list[Level]:
        """The buckets of ``limits`` that are in use."""
        ...


@dataclass(slots=True)
class Grant:
    """A reservation as its owner holds it."""

    id: str
    charges: tuple[Charge, ...] = ()
    verdict: Verdict = field(default_factory=lambda: Verdict(granted=True))
