"""The place where it is decided whether a run is recorded."""

from __future__ import annotations

from typing import Any

from promptwire.entries import PROMPT, entry
from promptwire.record.journal import Journal
from promptwire.record.recording import Recording, Unrecorded


class Recorder:
    """Records runs in ``journal``; without one, nothing."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal

    def prompt(self, run_id: str, trace_id: str, request: Any, key: str) -> Recording | Unrecorded:
        """A run of the prompt ``key``."""
        if self._journal is None:
            return Unrecorded()
        return Recording(run_id, trace_id, request, prompt=key, tell=self._journal.tell)

    def model(self, run_id: str, trace_id: str, request: Any) -> Recording | Unrecorded:
        """A run of a model; one that is part of a prompt's run is recorded there."""
        if self._journal is None or entry(PROMPT) is not None:
            return Unrecorded()
        return Recording(run_id, trace_id, request, prompt=None, tell=self._journal.tell)
