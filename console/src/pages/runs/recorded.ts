// The place where a run that is kept becomes one that can be shown like a run of this page. All pure.
import type { RunRecord } from "@/api/records";
import type { Events } from "@/api/stream";
import { IDLE, type Run } from "../prompts/run";

/** The run as its reader saw it at its end. */
export function recorded(record: RunRecord): Run {
  const { answer, error } = record;
  const ended = record.duration_ms;
  return {
    ...IDLE,
    phase: record.status === "done" ? "done" : error ? "failed" : "idle",
    text: answer?.content ?? "",
    reasoning: answer?.reasoning ?? "",
    toolCalls: answer?.tool_calls ?? [],
    start: {
      run_id: record.id,
      trace_id: record.trace_id,
      model: record.model ?? "",
      ...(record.attempts && { attempts: record.attempts }),
    },
    ...(record.ttft_ms !== undefined && { firstAt: record.ttft_ms }),
    ...(ended !== undefined && { endedAt: ended, lastAt: ended }),
    ...(record.usage && { usage: record.usage }),
    ...(error && { error }),
    ...doneOf(record),
  };
}

function doneOf(record: RunRecord): { done?: Events["done"] } {
  const { finish_reason, usage, ttft_ms, duration_ms, cost } = record;
  if (!finish_reason || !usage || duration_ms === undefined) return {};
  const reason = finish_reason as Events["done"]["finish_reason"];
  return {
    done: {
      finish_reason: reason,
      usage,
      duration_ms,
      ...(ttft_ms !== undefined && { ttft_ms }),
      ...(cost !== undefined && { cost }),
    },
  };
}
