"""The place where it is put together what a process keeps of its work: spans and records of runs, and how long."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from promptwire.api.trace import KeepSpansRequest, TraceService, TraceSpan
from promptwire.database import Database
from promptwire.moment import timestamp
from promptwire.record.journal import Journal
from promptwire.record.recorder import Recorder
from promptwire.record.store import RecordStore
from promptwire.retention import Retention
from promptwire.settings import Settings
from promptwire.span import Spans, exporter
from promptwire.trace.keeping import Keeping
from promptwire.trace.store import TraceStore

DAY_S: Final = 24 * 3600.0


def spans_of(stack: AsyncExitStack, settings: Settings, name: str) -> Spans:
    """The spans of the process ``name``, sent to a collector if the operator said so. Raises ExportError."""
    spans = Spans(name)
    if (sender := exporter(settings.otlp_endpoint, os.environ)) is not None:
        spans.add(sender)
    stack.push_async_callback(asyncio.to_thread, spans.close)  # which may wait for the collector
    return spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a process with a database keeps. ``keeping`` is None when no spans are kept."""

    spans: Spans
    records: RecordStore
    traces: TraceStore
    recorder: Recorder
    journal: Journal
    keeping: Keeping | None

    async def flush_spans(self) -> None:
        """Write the spans that ended."""
        if self.keeping is not None:
            await self.keeping.backlog.flush()


async def keep_here(stack: AsyncExitStack, settings: Settings, name: str, spans: Spans) -> Kept:
    """Keep spans and records in the database; ``stack`` writes what is left and closes it. Raises DatabaseError."""
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    await database.migrate()
    traces, records = TraceStore(database), RecordStore(database, uuid.uuid4().hex)
    keeping = _keeping(stack, settings, spans, Keeping(name, traces.add))
    journal = Journal(records, contents=settings.keep_runs == "all")
    stack.push_async_callback(journal.close)
    recorder = Recorder(None if settings.keep_runs == "none" else journal)
    return Kept(spans=spans, records=records, traces=traces, recorder=recorder, journal=journal, keeping=keeping)


def keep_there(stack: AsyncExitStack, settings: Settings, name: str, spans: Spans, traces: TraceService) -> None:
    """Keep spans in another process's database."""

    async def keep(ended: Sequence[TraceSpan]) -> None:
        await traces.keep_spans(KeepSpansRequest(spans=[*ended]))

    _keeping(stack, settings, spans, Keeping(name, keep))


def forget_in_time(stack: AsyncExitStack, settings: Settings, kept: Kept) -> Retention:
    """Forget what is older or more than the settings say; one process of an installation is enough."""

    async def runs() -> int:
        before = timestamp(datetime.now(UTC) - timedelta(days=settings.keep_runs_days))
        return await kept.records.forget(before=before, most=settings.keep_runs_rows)

    async def spans() -> int:
        before_s = time.time() - settings.keep_spans_days * DAY_S
        return await kept.traces.forget(before_us=int(before_s * 1e6), most=settings.keep_spans_rows)

    retention = Retention({"runs": runs, "spans": spans})
    retention.start()
    stack.push_async_callback(retention.close)
    return retention


def _keeping(stack: AsyncExitStack, settings: Settings, spans: Spans, keeping: Keeping) -> Keeping | None:
    if settings.keep_spans_days == 0:
        return None
    spans.hear(keeping.backlog.add)
    stack.push_async_callback(keeping.backlog.close)
    return keeping
