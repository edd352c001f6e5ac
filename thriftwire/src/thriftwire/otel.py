"""OpenTelemetry's view of calls: a tracer that makes spans and one that records metrics, by its RPC conventions.

    thriftwire.Server(services, tracers=[otel.spans(), otel.metrics()])
    thriftwire.connect(address, SERVICE, tracers=[otel.spans(), otel.metrics()])

A client's span travels as transient metadata (W3C trace context by default), as Kitex's OpenTelemetry suite has it; a
server's span is the current one in its handler. Needs ``thriftwire[otel]``.
"""

from __future__ import annotations

from typing import Any, Final

try:
    from opentelemetry import context, propagate, trace
    from opentelemetry import metrics as api_metrics
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode
except ImportError as missing:
    raise ImportError("spans and metrics need OpenTelemetry: pip install 'thriftwire[otel]'") from missing

from thriftwire.errors import ApplicationError, BizStatusError, RPCError
from thriftwire.tracing import Outcome, RPCFinish, RPCStart, Side, Sink, StreamRecv, StreamSend, TraceEvent, Tracer

_SYSTEM: Final = "kitex"
_KINDS: Final = {Side.CLIENT: SpanKind.CLIENT, Side.SERVER: SpanKind.SERVER, Side.LOCAL: SpanKind.INTERNAL}
_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300)
_BUCKETS_COUNT: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)


def spans(
    provider: trace.TracerProvider | None = None, *, messages: bool = False, biz_errors_fail: bool = False
) -> Tracer:
    """A tracer that makes a span of each call; with ``messages``, an event of each message.

    A business status is recorded on the span, and marks it as failed only when ``biz_errors_fail``.
    """
    tracer = trace.get_tracer("thriftwire", tracer_provider=provider)

    def start(event: RPCStart) -> Sink:
        span = tracer.start_span(
            f"{event.call.service}/{event.call.method}",
            context=_parent(event),
            kind=_KINDS[event.side],
            attributes=_attributes(event),
        )
        _carry(event, span)

        def told(each: TraceEvent) -> None:
            match each:
                case StreamSend(size=size) if messages:
                    span.add_event("rpc.message", {"rpc.message.type": "SENT", "rpc.message.uncompressed_size": size})
                case StreamRecv(size=size) if messages:
                    kind = {"rpc.message.type": "RECEIVED", "rpc.message.uncompressed_size": size}
                    span.add_event("rpc.message", kind)
                case RPCFinish():
                    _finish(span, event, each, biz_errors_fail=biz_errors_fail)
                case _:
                    return

        return told

    return start


def metrics(provider: api_metrics.MeterProvider | None = None, *, biz_errors_fail: bool = False) -> Tracer:
    """A tracer that records each call's duration, its time to the first message, and how many messages it carried."""
    meter = api_metrics.get_meter("thriftwire", meter_provider=provider)

    def histogram(name: str, unit: str, about: str) -> api_metrics.Histogram:
        buckets = _BUCKETS_S if unit == "s" else _BUCKETS_COUNT
        return meter.create_histogram(
            name, unit=unit, description=about, explicit_bucket_boundaries_advisory=[float(each) for each in buckets]
        )

    sides = {Side.CLIENT: "client", Side.SERVER: "server", Side.LOCAL: "client"}
    kinds = {
        kind: (
            histogram(f"rpc.{kind}.call.duration", "s", "How long a call takes, to the end its user sees."),
            histogram(f"rpc.{kind}.first_message.duration", "s", "How long until the first message of a stream."),
            histogram(f"rpc.{kind}.messages", "{message}", "Messages of a call, both ways."),
        )
        for kind in ("client", "server")
    }

    def start(event: RPCStart) -> Sink:
        whole, first, count = kinds[sides[event.side]]
        labels = {"rpc.system.name": _SYSTEM, "rpc.method": f"{event.call.service}/{event.call.method}"}
        answers = StreamSend if event.side is Side.SERVER else StreamRecv
        waiting = True

        def told(each: TraceEvent) -> None:
            nonlocal waiting
            if waiting and isinstance(each, answers):
                waiting = False
                first.record(each.at - event.at, labels)
            elif isinstance(each, RPCFinish):
                whole.record(each.duration_s, labels | _outcome(each, biz_errors_fail=biz_errors_fail))
                count.record(each.sent + each.received, labels)

        return told

    return start


def _attributes(event: RPCStart) -> dict[str, Any]:
    call = event.call
    attributes = {"rpc.system.name": _SYSTEM, "rpc.method": f"{call.service}/{call.method}"}
    if event.side is Side.SERVER:
        host, _, port = call.peer.rpartition(":")
        attributes |= {"network.peer.address": host or call.peer, "peer.service": call.caller}
        return attributes | ({"network.peer.port": int(port)} if port.isdigit() else {})
    return attributes


def _parent(event: RPCStart) -> context.Context | None:
    """What the caller sent along; None for the current span."""
    if event.side is not Side.SERVER:
        return None
    entries = event.call.metadata.upstream | event.call.metadata.persistent
    # gRPC gives keys back in upper case (kitex-wire 3.6)
    return propagate.extract({key.lower().replace("_", "-"): value for key, value in entries.items()})


def _carry(event: RPCStart, span: Span) -> None:
    """Send the span along, or make it the handler's current one: its task ends with the call, and so does that."""
    here = trace.set_span_in_context(span)
    if event.side is Side.CLIENT:
        propagate.inject(event.call.metadata.transient, context=here)
    else:
        context.attach(here)


def _finish(span: Span, start: RPCStart, finish: RPCFinish, *, biz_errors_fail: bool) -> None:
    span.set_attributes(
        {
            "rpc.sent.messages": finish.sent,
            "rpc.received.messages": finish.received,
            "rpc.sent.bytes": finish.sent_bytes,
            "rpc.received.bytes": finish.received_bytes,
            **_outcome(finish, biz_errors_fail=biz_errors_fail),
        }
    )
    if start.side is Side.CLIENT and start.call.peer:
        host, _, port = start.call.peer.rpartition(":")
        span.set_attributes({"server.address": host or start.call.peer, "server.port": int(port) if port else 0})
    if _failed(finish, biz_errors_fail=biz_errors_fail):
        span.set_status(Status(StatusCode.ERROR, str(finish.error)))
    span.end()


def _failed(finish: RPCFinish, *, biz_errors_fail: bool) -> bool:
    return finish.outcome is Outcome.ERROR or (biz_errors_fail and finish.outcome is Outcome.BIZ)


def _outcome(finish: RPCFinish, *, biz_errors_fail: bool) -> dict[str, str]:
    """The attributes an outcome adds: the code of a status or a failure, and the kind of what counts as one."""
    error = finish.error
    match error:
        case None:
            return {}
        case BizStatusError():
            attributes = {"rpc.response.status_code": str(error.code)}
        case ApplicationError():
            attributes = {"rpc.response.status_code": str(error.type)}
        case RPCError():
            attributes = {"rpc.response.status_code": str(error.code)}
        case _:
            attributes = {}
    if _failed(finish, biz_errors_fail=biz_errors_fail):
        attributes["error.type"] = type(error).__name__
    return attributes
