"""What a process keeps is put together as the settings say, written to the end, and forgotten in time."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from promptwire.api.prompt import RunRequest
from promptwire.api.record import RunStatus
from promptwire.api.trace import GetTraceRequest, KeepSpansReply, KeepSpansRequest, Trace, TraceSpan
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.observing import forget_in_time, keep_here, keep_there, spans_of
from promptwire.record.store import RecordStore, Wanted
from promptwire.settings import Settings
from promptwire.span import trace_id
from promptwire.trace.store import TraceStore


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def statuses(settings: Settings) -> list[RunStatus]:
    database = Database(settings.database)
    found = await RecordStore(database, "reader").find(Wanted())
    await database.close()
    return [record.status for record in found]


async def kept_spans(settings: Settings, trace: str) -> list[str]:
    database = Database(settings.database)
    found = await TraceStore(database).spans(trace)
    await database.close()
    return [span.name for span in found]


@pytest.mark.parametrize(("keep", "expected"), [("all", ["cancelled"]), ("figures", ["cancelled"]), ("none", [])])
async def test_what_ends_with_the_process_is_kept(data: Path, keep: Any, expected: list[str]) -> None:
    settings = Settings(data=data, keep_runs=keep)
    async with AsyncExitStack() as stack:
        spans = spans_of(stack, settings, "test")
        kept = await keep_here(stack, settings, "test", spans)
        span = spans.start("work")
        with pytest.raises(GeneratorExit), kept.recorder.prompt("run_1", "t", RunRequest(key="demo"), "demo"):
            raise GeneratorExit
        span.end()
    assert await statuses(settings) == expected
    assert await kept_spans(settings, trace_id(span)) == ["work"]


async def test_no_spans_are_kept_for_no_days(data: Path) -> None:
    settings = Settings(data=data, keep_spans_days=0)
    async with AsyncExitStack() as stack:
        spans = spans_of(stack, settings, "test")
        kept = await keep_here(stack, settings, "test", spans)
        span = spans.start("work")
        span.end()
        await kept.flush_spans()
    assert await kept_spans(settings, trace_id(span)) == []


async def test_a_process_without_a_database_sends_its_spans(data: Path) -> None:
    class Far:
        def __init__(self) -> None:
            self.spans: list[TraceSpan] = []

        async def keep_spans(self, request: KeepSpansRequest) -> KeepSpansReply:
            self.spans += request.spans
            return KeepSpansReply()

        async def get_trace(self, request: GetTraceRequest) -> Trace:
            raise Failure("not_found", request.id)

    far, settings = Far(), Settings(data=data)
    async with AsyncExitStack() as stack:
        spans = spans_of(stack, settings, "promptwire.gateway")
        keep_there(stack, settings, "promptwire.gateway", spans, far)
        spans.start("work").end()
    assert [(span.name, span.process) for span in far.spans] == [("work", "promptwire.gateway")]


async def test_what_is_too_old_is_forgotten_at_the_start(data: Path) -> None:
    settings = Settings(data=data, keep_runs_rows=1)
    async with AsyncExitStack() as stack:
        kept = await keep_here(stack, settings, "test", spans_of(stack, settings, "test"))
        for name in ("a", "b"):
            with pytest.raises(GeneratorExit), kept.recorder.prompt(name, "t", RunRequest(key="demo"), "demo"):
                raise GeneratorExit
        await kept.journal.flush()
        retention = forget_in_time(stack, settings, kept)
        await retention.once()
    assert await statuses(settings) == ["cancelled"]


async def test_spans_go_to_a_collector_when_that_is_asked(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    from collector import collecting

    with collecting() as collector:
        async with AsyncExitStack() as stack:
            spans = spans_of(stack, Settings(data=data, otlp_endpoint=collector.url), "test")
            spans.start("work").end()
        assert collector.names() == ["work"]
