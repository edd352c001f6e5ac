"""The place for how a moment is written, in rows and answers."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(at: datetime | None = None) -> str:
    """A moment, this one unless given, as text that sorts in time: UTC, like ``2026-11-24T10:00:00.000000Z``."""
    moment = datetime.now(UTC) if at is None else at.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
