"""Moments sort as they are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from promptwire.moment import timestamp


def test_a_moment_is_written_in_utc_whatever_it_was_said_in() -> None:
    assert timestamp(datetime(2026, 11, 24, 10, tzinfo=UTC)) == "2026-11-24T10:00:00.000000Z"
    assert timestamp(datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-24T10:00:00.000000Z"


def test_later_moments_sort_behind_earlier_ones() -> None:
    assert timestamp() < timestamp() < "9999"
