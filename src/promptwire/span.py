"""Spans: the timed pieces of work a run is made of, as OpenTelemetry has them and its GenAI conventions name them.

A span's parent is what its call carries: the persistent entry ``traceparent`` (W3C Trace Context). So a tree of spans
is right however many processes a run passes, and nothing here is kept in a context variable. Spans are begun and ended
once for a piece of work, never for an event of it. Where they go is the business of the processors that are added.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Final

import msgspec
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
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


class Spans:
    """Makes the spans of one process, called ``process``."""

    def __init__(self, process: str = "promptwire") -> None:
        resource = Resource.create({"service.name": process, "service.version": version("promptwire")})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._tracer = self._provider.get_tracer("promptwire", schema_url=SCHEMA)

    def add(self, processor: SpanProcessor) -> None:
        """Tell ``processor`` of every span from now on."""
        self._provider.add_span_processor(processor)

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
        if isinstance(parent, str):
            parent = _remote(parent)
        context = Context() if parent is None else set_span_in_context(parent, Context())
        span = self._tracer.start_span(name, context=context, kind=kind, attributes=attributes)
        if span.get_span_context().is_valid:
            return span
        ids = int.from_bytes(os.urandom(16)), int.from_bytes(os.urandom(8))
        return NonRecordingSpan(SpanContext(*ids, is_remote=False))  # the SDK is switched off

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


def _remote(text: str) -> Span | None:
    """The span that a ``traceparent`` speaks of."""
    found = _PARENT.fullmatch(text)
    if found is None:
        return None
    trace, span, flags = (int(text, 16) for text in found.groups())
    context = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(flags & TraceFlags.SAMPLED))
    return NonRecordingSpan(context) if context.is_valid else None


def plain(value: Any) -> msgspec.Raw:
    """An attribute's value as JSON."""
    return msgspec.Raw(msgspec.json.encode(value))
