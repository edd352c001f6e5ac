"""Spans: the timed pieces of work a run is made of, as OpenTelemetry has them and its GenAI conventions name them.

A span's parent is what its call carries: the persistent entry ``traceparent`` (W3C Trace Context). So a tree of spans
is right however many processes a run passes, and nothing here is kept in a context variable. Spans are begun and ended
once for a piece of work, never for an event of it. Where they go is the business of who hears of them when they end.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import msgspec
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

import thriftwire.call
from promptwire.api.base import Error
from promptwire.api.message import Usage
from promptwire.entries import entry
from promptwire.errors import Failure, from_exception
from thriftwire.errors import TransportError

TRACEPARENT: Final = "traceparent"  # a persistent entry of the call
OPERATION: Final = "gen_ai.operation.name"
SCHEMA: Final = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev"
ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_PARENT: Final = re.compile(
    r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?:-.*)?"
)


SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
UNSAMPLED: Final = TraceFlags(TraceFlags.DEFAULT)


class Happened(NamedTuple):
    """An event of a span."""

    name: str
    at_ns: int
    attributes: Mapping[str, Any]


class Timed(Span):
    """A span while it lasts, and what is known of it when it has ended.

    OpenTelemetry's own takes several times as long to begin: it holds for any thread and any number of attributes. Ours
    belong to one task and have a handful, and four of them begin before a run's first token.
    """

    def __init__(
        self,
        name: str,
        context: SpanContext,
        *,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Mapping[str, Any],
        hear: Sequence[Callable[[Timed], None]],
    ) -> None:
        self.name, self.context, self.parent, self.kind = name, context, parent, kind
        self.attributes = dict(attributes)
        self.events: list[Happened] = []
        self.status, self.message = StatusCode.UNSET, ""
        self._hear = hear
        self.started_ns = time.time_ns()
        self.ended_ns = 0

    def end(self, end_time: int | None = None) -> None:
        """The work is done; what is said of it later is not heard."""
        if not self.ended_ns:
            self.ended_ns = end_time or time.time_ns()
            for hear in self._hear:
                hear(self)

    def get_span_context(self) -> SpanContext:
        """What names it."""
        return self.context

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Say more of it."""
        self.attributes.update(attributes)

    def set_attribute(self, key: str, value: Any) -> None:
        """Say one thing more of it."""
        self.attributes[key] = value

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None) -> None:
        """Something happened, now unless said otherwise."""
        self.events.append(Happened(name, timestamp or time.time_ns(), attributes or {}))

    def update_name(self, name: str) -> None:
        """Call it otherwise."""
        self.name = name

    def is_recording(self) -> bool:
        """Whether it lasts."""
        return not self.ended_ns

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """How it went."""
        if isinstance(status, Status):
            status, description = status.status_code, status.description
        self.status, self.message = status, description or ""

    def record_exception(
        self,
        exception: BaseException,
        attributes: Mapping[str, Any] | None = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """An exception is an event."""
        self.add_event("exception", {"exception.type": type(exception).__name__, **(attributes or {})}, timestamp)


class Spans:
    """Makes the spans of one process, called ``process``."""

    def __init__(self, process: str = "promptwire") -> None:
        resource = Resource.create({"service.name": process, "service.version": version("promptwire")})
        self._ids = _Ids()
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False, id_generator=self._ids)
        self._tracer = self._provider.get_tracer("promptwire", schema_url=SCHEMA)
        self._on = not isinstance(self._tracer, NoOpTracer)
        self._hear: list[Callable[[Timed], None]] = []

    def hear(self, of: Callable[[Timed], None]) -> None:
        """Tell ``of`` of every span that ends from now on."""
        self._hear.append(of)

    def add(self, processor: SpanProcessor) -> None:
        """Hand every span that ends from now on to a processor of OpenTelemetry's, as a span of its own kind."""
        self._provider.add_span_processor(processor)
        if self._again not in self._hear:
            self._hear.append(self._again)

    def close(self) -> None:
        """Shut every processor down. It may wait for one that exports."""
        self._provider.shutdown()

    def start(
        self,
        name: str,
        *,
        parent: Span | str | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """Begin a span under ``parent``, a span or a ``traceparent``; where it is neither, a trace of its own.

        Whoever begins a span ends it.
        """
        above = _context(parent)
        trace_id = self._ids.new_trace_id() if above is None else above.trace_id
        sampled = self._on and self._sampled(above, trace_id, name, kind, attributes)
        flags = SAMPLED if sampled else UNSAMPLED
        context = SpanContext(trace_id, self._ids.new_span_id(), is_remote=False, trace_flags=flags)
        if not sampled:
            return NonRecordingSpan(context)
        return Timed(name, context, parent=above, kind=kind, attributes=attributes or {}, hear=self._hear)

    def _sampled(
        self, above: SpanContext | None, trace_id: int, name: str, kind: SpanKind, attributes: Mapping[str, Any] | None
    ) -> bool:
        """Whether a span is kept: as its parent is, unless the environment names another sampler."""
        if self._provider.sampler is DEFAULT_ON:
            return above is None or above.trace_flags.sampled
        around = _around(above)
        return self._provider.sampler.should_sample(around, trace_id, name, kind, attributes).decision.is_sampled()

    def _again(self, span: Timed) -> None:
        """The same span made by OpenTelemetry, for its processors."""
        self._ids.given = span.context
        made = self._tracer.start_span(
            span.name, _around(span.parent), span.kind, span.attributes, start_time=span.started_ns
        )
        for event in span.events:
            made.add_event(event.name, event.attributes, event.at_ns)
        made.set_status(span.status, span.message or None)
        made.end(span.ended_ns)

    @contextmanager
    def tool(self, name: str, call_id: str, *, parent: Span | str | None = None) -> Iterator[Span]:
        """The span of one call of a tool; what the block raises marks it as failed."""
        attributes = {OPERATION: "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.call.id": call_id}
        span = self.start(f"execute_tool {name}", parent=parent or carried(), attributes=attributes)
        try:
            yield span
        except BaseException as exc:
            fail(span, from_exception(exc))
            raise
        finally:
            span.end()


@functools.cache
def unkept() -> Spans:
    """Spans that go nowhere: for a service that was given none."""
    return Spans()


def carried() -> str:
    """The ``traceparent`` of the call in progress; empty when it has none."""
    return entry(TRACEPARENT) or ""


def traceparent(span: Span) -> str:
    """What makes ``span`` the parent of work done for a call that carries it."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def trace_id(span: Span) -> str:
    """The trace that ``span`` is part of."""
    return f"{span.get_span_context().trace_id:032x}"


def fail(span: Span, failure: Failure) -> None:
    """Mark ``span`` as failed; a run that was cancelled has not failed, and says so."""
    span.set_attributes({"error.type": failure.class_, "promptwire.error.phase": failure.phase})
    if failure.vendor_status is not None:
        span.set_attribute("http.response.status_code", failure.vendor_status)
    if failure.class_ != "cancelled":
        span.set_status(StatusCode.ERROR, failure.message)


def ended_by(exc: BaseException) -> Failure:
    """What ended a handler, in the words of the table.

    One that is cancelled or closed does not know why; its call does, when it was a clock or a message. When it was the
    connection of the call, nobody reads any more: a caller who leaves in the middle of what is sent to them may be gone
    before their goodbye is read.
    """
    if isinstance(exc, Exception):
        return from_exception(exc, phase="first_packet")
    call = thriftwire.call.current()
    if call is not None and call.reason is not None and not isinstance(call.reason, TransportError):
        return from_exception(call.reason, phase="first_packet")
    return Failure("cancelled", "the reader left, or the run was stopped", phase="first_packet")


def of_usage(usage: Usage) -> dict[str, Any]:
    """What was used, as attributes. Here every kind of input counts as input, and reasoning as output."""
    counted = {
        "gen_ai.usage.input_tokens": usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens + usage.reasoning_tokens,
    }
    apart = {
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
        "promptwire.cost": usage.cost,
    }
    return counted | {name: value for name, value in apart.items() if value}


def of_details(error: Error) -> dict[str, str]:
    """More about a failure, as attributes of an event."""
    return {"class": error.class_, "message": error.message, **(error.details or {})}


def exporter(endpoint: str | None, environment: Mapping[str, str]) -> SpanProcessor | None:
    """What sends spans to a collector over OTLP/HTTP, if anybody asked for that: an endpoint, or OpenTelemetry's own.

    Raises ExportError when it was asked for and the exporter is not installed.
    """
    if endpoint is None and not any(environment.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as missing:
        raise ExportError("sending spans to a collector needs an extra: pip install 'promptwire[otlp]'") from missing
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    sender = OTLPSpanExporter() if endpoint is None else OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    return BatchSpanProcessor(sender)


class ExportError(Exception):
    """Spans cannot be exported as asked."""


class _Ids(RandomIdGenerator):
    """The ids of new spans; OpenTelemetry's makers of spans are handed those that were ``given`` already."""

    given: SpanContext

    new_trace_id = RandomIdGenerator.generate_trace_id
    new_span_id = RandomIdGenerator.generate_span_id

    def generate_trace_id(self) -> int:
        return self.given.trace_id

    def generate_span_id(self) -> int:
        return self.given.span_id

    def is_trace_id_random(self) -> bool:
        return False  # a flag that is not passed on


def _context(parent: Span | str | None) -> SpanContext | None:
    """What names the parent of a span, if it has one."""
    if parent is None:
        return None
    if not isinstance(parent, str):
        return parent.get_span_context()
    found = _PARENT.fullmatch(parent)
    if found is None:
        return None
    trace, span, flags = found.groups()
    sampled = SAMPLED if int(flags, 16) & SAMPLED else UNSAMPLED
    context = SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=sampled)
    return context if context.is_valid else None


def _around(span: SpanContext | None) -> Context:
    """What OpenTelemetry takes a parent from."""
    return Context() if span is None else set_span_in_context(NonRecordingSpan(span), Context())


def plain(value: Any) -> msgspec.Raw:
    """An attribute's value as JSON."""
    return msgspec.Raw(msgspec.json.encode(value))
