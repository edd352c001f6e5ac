from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import thriftwire
from echo import ECHO_SERVICE, Echo, EchoService, Ping, Pong, linked, until
from thriftwire import ApplicationError, BizStatusError, otel

WIRES = ["ttstream", "ttheader", "grpc"]


class Spans:
    """A tracer provider whose finished spans can be looked at."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    async def finished(self, count: int) -> list[ReadableSpan]:
        await until(lambda: len(self._exporter.get_finished_spans()) >= count)
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)


class Metrics:
    """A meter provider whose recordings can be looked at."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])

    def points(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        assert data is not None
        found = [
            metric for resource in data.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
        ]
        return {metric.name: list(metric.data.data_points) for metric in found}


class Relay(Echo):
    """A handler that asks the next service, inside a span of its own."""

    def __init__(self, downstream: EchoService) -> None:
        super().__init__()
        self.downstream = downstream
        self.seen: list[int] = []

    async def ping(self, request: Ping) -> Pong:
        self.seen.append(trace.get_current_span().get_span_context().span_id)
        return await self.downstream.ping(request)

    async def repeat(self, request: Ping) -> AsyncGenerator[Pong]:
        async for pong in self.downstream.repeat(request):
            yield pong


@pytest.mark.parametrize("kind", WIRES)
async def test_a_chain_of_calls_is_one_trace(kind: str) -> None:
    spans = Spans()
    tracers = [otel.spans(spans.provider)]
    last = Echo()
    async with linked(kind, last, server={"tracers": tracers}, tracers=tracers) as downstream:
        relay = Relay(downstream)
        async with linked(kind, relay, server={"tracers": tracers}, tracers=tracers) as echo:
            await echo.ping(Ping())
            finished = await spans.finished(4)
    kinds = [span.kind for span in finished]
    assert kinds == [SpanKind.CLIENT, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.SERVER]
    contexts = [span.get_span_context() for span in finished]
    assert len({context.trace_id for context in contexts if context is not None}) == 1
    parents = [span.parent.span_id if span.parent is not None else None for span in finished]
    assert parents == [None, *(context.span_id for context in contexts[:3] if context is not None)]
    assert contexts[1] is not None and relay.seen == [contexts[1].span_id]


async def test_a_call_within_a_process_is_an_internal_span_around_its_handler() -> None:
    spans = Spans()
    tracers = [otel.spans(spans.provider)]
    async with linked("ttheader", Echo(), tracers=tracers) as far:
        relay = Relay(far)
        async with thriftwire.local.connect(ECHO_SERVICE, relay, tracers=tracers) as echo:
            await echo.ping(Ping())
            assert trace.get_current_span().get_span_context().span_id == 0
            assert [pong.index async for pong in echo.repeat(Ping(times=1))] == [0]
        inner, outer = (await spans.finished(2))[1], (await spans.finished(2))[0]
    assert (outer.kind, inner.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT)
    assert inner.parent is not None and outer.context is not None
    assert inner.parent.span_id == outer.context.span_id == relay.seen[0]


async def test_a_span_says_what_was_called_where_and_how_it_went() -> None:
    spans = Spans()
    tracers = [otel.spans(spans.provider, messages=True)]
    async with linked("ttstream", Echo(), server={"tracers": tracers}, tracers=tracers) as echo:
        assert len([pong async for pong in echo.repeat(Ping(times=3))]) == 3
        client, server = await spans.finished(2)
    assert client.name == server.name == "EchoService/Repeat"
    ours, theirs = dict(client.attributes or {}), dict(server.attributes or {})
    assert ours["rpc.system.name"] == "kitex" and ours["rpc.method"] == "EchoService/Repeat"
    assert ours["server.address"] == theirs["network.peer.address"] == "127.0.0.1"
    assert theirs["peer.service"] == "test.client"
    assert ours["rpc.received.messages"] == theirs["rpc.sent.messages"] == 3
    kinds = [dict(event.attributes or {})["rpc.message.type"] for event in client.events]
    assert kinds == ["SENT", "RECEIVED", "RECEIVED", "RECEIVED"]
    assert client.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(("fails", "status"), [(False, StatusCode.UNSET), (True, StatusCode.ERROR)])
async def test_whether_a_business_status_is_a_failure_is_a_choice(fails: bool, status: StatusCode) -> None:
    spans, metrics = Spans(), Metrics()
    tracers = [
        otel.spans(spans.provider, biz_errors_fail=fails),
        otel.metrics(metrics.provider, biz_errors_fail=fails),
    ]
    async with linked("ttstream", Echo(), tracers=tracers) as echo:
        with pytest.raises(BizStatusError):
            await echo.ping(Ping(fault="biz"))
        (span,) = await spans.finished(1)
    assert span.status.status_code is status
    assert dict(span.attributes or {})["rpc.response.status_code"] == "40400"
    (point,) = metrics.points()["rpc.client.call.duration"]
    assert ("error.type" in point.attributes) is fails


async def test_an_error_marks_the_span() -> None:
    spans = Spans()
    async with linked("ttstream", Echo(), tracers=[otel.spans(spans.provider)]) as echo:
        with pytest.raises(ApplicationError):
            await echo.ping(Ping(fault="application"))
        (span,) = await spans.finished(1)
    attributes = dict(span.attributes or {})
    assert span.status.status_code is StatusCode.ERROR
    assert (attributes["error.type"], attributes["rpc.response.status_code"]) == ("ApplicationError", "42")


async def test_calls_are_measured_on_both_sides() -> None:
    metrics = Metrics()
    tracers = [otel.metrics(metrics.provider)]
    async with linked("ttstream", Echo(), server={"tracers": tracers}, tracers=tracers) as echo:
        for _ in range(2):
            assert len([pong async for pong in echo.repeat(Ping(times=3))]) == 3
        await until(lambda: [point.count for point in metrics.points().get("rpc.server.call.duration", [])] == [2])
        points = metrics.points()
    for side in ("client", "server"):
        (duration,), (first,) = points[f"rpc.{side}.call.duration"], points[f"rpc.{side}.first_message.duration"]
        (messages,) = points[f"rpc.{side}.messages"]
        assert dict(duration.attributes) == {"rpc.system.name": "kitex", "rpc.method": "EchoService/Repeat"}
        assert (duration.count, first.count, messages.sum) == (2, 2, 8)
