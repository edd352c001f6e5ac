from __future__ import annotations

import math

import pytest

from thriftwire.commands.timing import Timing, percentile


def test_percentiles_are_values_that_occurred() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.0, 0.2, 0.5, 0.99, 1.0)] == [1.0, 1.0, 3.0, 5.0, 5.0]
    assert math.isnan(percentile([], 0.5))


def test_a_report_says_what_there_is_to_say() -> None:
    timing = Timing(began=0.0)
    assert math.isnan(timing.first_s)
    assert timing.report().startswith("0 messages, total ")
    timing.messages = [0.010, 0.030, 0.060]
    assert timing.first_s == pytest.approx(0.010)
    assert timing.gaps_s == pytest.approx([0.020, 0.030])
    assert timing.report().startswith("3 messages, first 10.0 ms, gaps p50 20.0 ms, p99 30.0 ms, total ")
    timing.message()
    assert len(timing.messages) == 4
