// What is kept of traces: spans, the timed pieces of work that a run is made of.
namespace py promptwire.api.trace
namespace go promptwire.trace

include "base.thrift"

/** Something that happened at one moment of a span, in microseconds since 1970 (UTC). */
struct SpanEvent {
  1: required string name
  2: required i64 at_us
  3: map<string, base.Json> attributes = {}
}

/**
 * A timed piece of work, as OpenTelemetry has it. `process` did it. `depth` says how deep in its trace's tree it
 * stands; it is 0 where a span is not part of one.
 */
struct TraceSpan {
  1: required string trace_id
  2: required string id
  3: optional string parent_id
  4: required string name
  5: string kind = "internal" (py.values = "internal server client producer consumer")
  6: string process = ""
  7: required i64 started_us
  8: required i64 duration_us
  9: string status = "unset" (py.values = "unset ok error")
  10: string message = ""
  11: map<string, base.Json> attributes = {}
  12: list<SpanEvent> events = []
  13: i32 depth = 0
}

/** A trace as far as it is known. `spans` are in the order of their tree: each parent before its children. */
struct Trace {
  1: required string id
  2: required i64 started_us
  3: required i64 duration_us
  4: required list<TraceSpan> spans
}

struct GetTraceRequest {
  1: required string id (api.path = "id")
}

struct KeepSpansRequest {
  1: required list<TraceSpan> spans
}

struct KeepSpansReply {
}

service TraceService {
  /** The spans of a trace, as a tree. Those of a run that goes on come as they end. */
  Trace GetTrace(1: GetTraceRequest request) (api.get = "/api/traces/:id")
  /** Keep spans of a process that has no database. */
  KeepSpansReply KeepSpans(1: KeepSpansRequest request)
}
