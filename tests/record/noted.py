"""A run that is told of an event, as it is by the stream it records."""

from __future__ import annotations

from promptwire.api.message import Event
from promptwire.record.recording import Recording, Unrecorded


def note(run: Recording | Unrecorded, event: Event) -> None:
    """``event`` came."""
    run.noting(_nobody)(event)


def _nobody(event: Event) -> None:
    """Reads along."""
