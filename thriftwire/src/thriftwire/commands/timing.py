"""Times of messages as a command reports them: to the first, between them, and their percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which ``share`` of the values lie (nearest rank); nan when there are none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(slots=True)
class Timing:
    """When a call began and when each of its messages came, in seconds."""

    began: float = field(default_factory=perf_counter)
    messages: list[float] = field(default_factory=list[float])

    def message(self) -> None:
        """A message came now."""
        self.messages.append(perf_counter())

    @property
    def first_s(self) -> float:
        """From the beginning to the first message; nan when none came."""
        return self.messages[0] - self.began if self.messages else math.nan

    @property
    def gaps_s(self) -> list[float]:
        """Between one message and the next."""
        return [later - earlier for earlier, later in zip(self.messages, self.messages[1:], strict=False)]

    def report(self) -> str:
        """One line, in milliseconds."""
        total = perf_counter() - self.began
        parts = [f"{len(self.messages)} messages", f"total {total * 1000:.1f} ms"]
        if self.messages:
            parts.insert(1, f"first {self.first_s * 1000:.1f} ms")
        if gaps := self.gaps_s:
            middle, late = (percentile(gaps, share) * 1000 for share in (0.5, 0.99))
            parts.insert(-1, f"gaps p50 {middle:.1f} ms, p99 {late:.1f} ms")
        return ", ".join(parts)
