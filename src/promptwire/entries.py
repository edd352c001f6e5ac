"""The place for the entries of a call that its services agree on: persistent metadata, from the gateway to the last."""

from __future__ import annotations

import functools
import os
from typing import Final

from thriftwire.call import current

RUN_ID: Final = "run-id"  # what the run is called; the gateway names those it begins
PROMPT: Final = "prompt"  # the prompt whose run this is part of


def entry(name: str) -> str | None:
    """A persistent entry of the call being served. Over gRPC its name arrives as Kitex writes it: RUN_ID."""
    call = current()
    if call is None:
        return None
    entries = call.metadata.persistent
    found = entries.get(name)
    return entries.get(_arriving(name)) if found is None else found


def spelled(name: str) -> str:
    """How an entry is written in the call being served, so that another takes its place in calls made from here."""
    call = current()
    if call is None or name in call.metadata.persistent:
        return name
    arrived = _arriving(name)
    return arrived if arrived in call.metadata.persistent else name


@functools.lru_cache
def _arriving(name: str) -> str:
    """How Kitex spells a name over gRPC."""
    return name.upper().replace("-", "_")


def run_id() -> str:
    """What the run of the call being served is called: as whoever began it says, or a new name."""
    return entry(RUN_ID) or new_run_id()


def new_run_id() -> str:
    """A name that no run has had."""
    return f"run_{os.urandom(12).hex()}"
