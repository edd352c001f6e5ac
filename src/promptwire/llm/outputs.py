"""How long answers have been: what to reserve for the next one, learned per prompt and model."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

KEPT: Final = 64  # answers remembered of each prompt and model
MAX_PAIRS: Final = 10_000
ENOUGH: Final = 5  # answers before they are trusted
UNKNOWN: Final = 1024  # tokens reserved when nothing is known and the request sets no maximum


class Outputs:
    """Recent answers' lengths, in tokens."""

    def __init__(self) -> None:
        self._lengths: OrderedDict[tuple[str, str], deque[int]] = OrderedDict()

    def expect(self, prompt: str, model: str, maximum: int | None) -> int:
        """The 90th percentile of what ``prompt`` on ``model`` gave lately, at most ``maximum``."""
        lengths = self._lengths.get((prompt, model), ())
        if len(lengths) < ENOUGH:
            return UNKNOWN if maximum is None else maximum
        ordered = sorted(lengths)
        expected = ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)]
        return expected if maximum is None else min(expected, maximum)

    def add(self, prompt: str, model: str, tokens: int) -> None:
        """An answer was ``tokens`` long."""
        pair = (prompt, model)
        lengths = self._lengths.setdefault(pair, deque(maxlen=KEPT))
        lengths.append(tokens)
        self._lengths.move_to_end(pair)
        if len(self._lengths) > MAX_PAIRS:
            self._lengths.popitem(last=False)
