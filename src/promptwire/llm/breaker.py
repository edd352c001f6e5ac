"""The place for leaving a failing model alone: one breaker per model, in this process.

So many failures in a row open it. Then nobody is let through for a while that doubles each time; after it one request
is let through, and what becomes of it closes the breaker or opens it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from promptwire.api.base import ErrorClass
from promptwire.errors import Failure

State: TypeAlias = Literal["closed", "open", "half_open"]

FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 120.0
MOST: Final = 1_000  # models with a breaker; callers may name any model of a vendor

# What says that the vendor is unwell. A refusal of this request or of this key says nothing about the next.
UNWELL: Final[frozenset[ErrorClass]] = frozenset(
    {
        "upstream_error",
        "upstream_cut",
        "overloaded",
        "timeout_connect",
        "timeout_first_token",
        "timeout_idle",
    }
)


class Breaker:
    """One model's breaker; ``failures`` in a row open it, 0 never do."""

    def __init__(self, failures: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = failures
        self.failures = 0  # in a row
        self.last: Failure | None = None
        self._clock = clock
        self._opens_at = 0.0  # when somebody may try again
        self._pause_s = 0.0
        self._trying = False

    @property
    def state(self) -> State:
        """How it stands."""
        if not self._pause_s:
            return "closed"
        return "open" if self.remaining_s > 0 else "half_open"

    @property
    def remaining_s(self) -> float:
        """How long nobody is let through."""
        return max(0.0, self._opens_at - self._clock())

    def allow(self) -> bool:
        """Whether a request may go to the model. Who is let through says later how it went: `answered`, `failed`."""
        match self.state:
            case "closed":
                return True
            case "open":
                return False
            case "half_open":
                let = not self._trying
                self._trying = True
                return let

    def answered(self) -> None:
        """A first token came: others may try too."""
        self._pause_s, self._trying = 0.0, False

    def ended(self) -> None:
        """An answer came to its end: what failed before does not count any more."""
        self.failures = 0

    def failed(self, failure: Failure) -> None:
        """The request ended without the model's answer."""
        self._trying = False
        if failure.class_ not in UNWELL:
            return
        self.failures += 1
        self.last = failure
        if self.state == "open":  # a request from before: what opened the breaker is known already
            return
        if self.limit and (self.failures >= self.limit or self._pause_s):
            self._pause_s = min(self._pause_s * 2 or FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._opens_at = self._clock() + self._pause_s

    def left(self) -> None:
        """The reader left before anything could be said about the model."""
        self._trying = False


class Breakers:
    """The breakers of a process, by model."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    def of(self, model: str, failures: int) -> Breaker:
        """The breaker of a model; a changed limit holds at once."""
        breaker = self._breakers.get(model)
        if breaker is None:
            breaker = self._breakers[model] = Breaker(failures, clock=self._clock)
            self._forget()
        breaker.limit = failures
        return breaker

    def _forget(self) -> None:
        """Let the first go of those that nothing is held against; when all failed, the first."""
        while len(self._breakers) > MOST:
            well = (model for model, breaker in self._breakers.items() if not breaker.failures)
            del self._breakers[next(well, next(iter(self._breakers)))]

    def items(self) -> list[tuple[str, Breaker]]:
        """Every model that was asked, with its breaker."""
        return sorted(self._breakers.items())
