"""What a limit is, whom it holds for, and what a request asks of it: values only.

A limit names some of the five scopes. A scope with a value holds for that value alone; a scope set to ``*`` gives each
value a bucket of its own; a scope left out does not divide the bucket. ``Limit(model="m", user="*")`` is thus one
bucket per user on the model m.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from promptwire.api.base import ErrorClass

Kind: TypeAlias = Literal["requests", "tokens", "streams"]
WhenLost: TypeAlias = Literal["closed", "open", "share"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``amount`` requests or tokens in any ``window_s`` seconds, or ``amount`` streams at once.

    ``burst`` is the part of the amount that may be taken in one moment. A request that finds the limit taken may wait
    ``max_wait_s`` seconds in a queue of at most ``max_queue``. ``when_lost`` says what holds while the shared counters
    cannot be reached: refuse (closed), let pass (open), or count here a share of the amount.
    """

    id: str
    kind: Kind
    amount: float
    window_s: float = 60.0
    burst: float = 0.05
    model: str | None = None
    workspace: str | None = None
    key: str | None = None
    user: str | None = None
    scenario: str | None = None
    max_queue: int = 0
    max_wait_s: float = 0.0
    when_lost: WhenLost = "closed"

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.window_s <= 0:
            got = f"{self.amount!r} in {self.window_s!r} s"
            raise ValueError(f"limit {self.id!r}: amount and window are above 0, not {got}")
        if not 0 < self.burst <= MAX_BURST:
            raise ValueError(f"limit {self.id!r}: burst is above 0 and at most {MAX_BURST}, not {self.burst!r}")

    def bucket(self, subject: Subject) -> str | None:
        """The key of the bucket ``subject`` draws on; None when the limit does not hold for it."""
        parts = [self.id]
        for scope in SCOPES:
            wanted: str | None = getattr(self, scope)
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
