"""The place for the model that needs no vendor: it types a script, commits faults on request, and stops when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from promptwire.api.llm import ChatRequest, Fault
from promptwire.errors import Failure
from promptwire.llm.faults import failure, position
from promptwire.llm.meter import Meter
from promptwire.llm.provider import Chunk, Finish, Target
from promptwire.llm.script import MODELS, STALL_S, script

VENDOR: Final = "simulated"


class Simulated:
    """The simulated vendor. ``meter`` counts what became of its answers."""

    def __init__(self) -> None:
        self.meter = Meter()

    async def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Type the script of ``target.model`` (see `promptwire.llm.provider.Provider`)."""
        if target.model not in MODELS:
            raise Failure("not_found", f"no simulated model is named {target.model!r}", vendor=VENDOR)
        written = script(target.model, request)
        fault_at = -1 if written.fault is None else position(written.fault, written.count)
        with self.meter:
            for number, step in enumerate(written.steps(), start=1):
                if fault_at in (0, number):
                    await _commit(written.fault, fault_at)
                await asyncio.sleep(step.pause_s)
                yield step.piece
            if fault_at > written.count or not written.count:
                await _commit(written.fault, fault_at)
            yield Finish(written.finish_reason)
            yield written.usage


async def _commit(fault: Fault | None, at: int) -> None:
    """Do the damage: raise, fall silent, or nothing when there is no fault (or it is in the script's pauses)."""
    if fault is None:
        return
    if fault.kind == "stall":
        await asyncio.sleep(STALL_S)
    if (failed := failure(fault, VENDOR, started=at > 0)) is not None:
        raise failed
