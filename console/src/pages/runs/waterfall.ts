// The place where the spans of a trace become bars: where each begins and how long it is. All pure.
import type { Trace, TraceSpan } from "@/api/records";

export interface Bar {
  span: TraceSpan;
  /** Per cent of the whole trace. */
  left: number;
  width: number;
  failed: boolean;
  cancelled: boolean;
}

/** A bar that is there can be seen. */
const LEAST = 0.4;

export function bars(trace: Trace): Bar[] {
  const whole = Math.max(1, trace.duration_us);
  return trace.spans.map((span) => {
    const left = Math.min(100 - LEAST, ((span.started_us - trace.started_us) / whole) * 100);
    const width = Math.min(100 - left, Math.max(LEAST, (span.duration_us / whole) * 100));
    const cancelled = span.attributes["error.type"] === "cancelled";
    return { span, left, width, failed: span.status === "error", cancelled };
  });
}

/** The run that a trace is of, if a span says so. */
export function runOf(trace: Trace): string | undefined {
  const ids = trace.spans.map(({ attributes }) => attributes["promptwire.run.id"]);
  return ids.find((id): id is string => typeof id === "string");
}
