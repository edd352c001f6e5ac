// The place where a run that is kept becomes one that can be shown like a run of this page. All pure.
import type { RunRecord } from "@/api/records";
import type { Events } from "@/api/stream";
import { IDLE, type Round, type Run, type RunPhase } from "../prompts/run";

/** The run as its reader saw it at its end. */
export function recorded(record: RunRecord): Run {
  const { answer, error } = record;
  const rounds = (record.rounds ?? []).map(roundOf);
  const ended = record.duration_ms;
  return {
    ...IDLE,
    phase: phaseOf(record),
    rounds,
    text: rest(answer?.content, rounds.map(({ text }) => text).join("")),
    reasoning: rest(answer?.reasoning, rounds.map(({ reasoning }) => reasoning).join("")),
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

function phaseOf({ status, error }: RunRecord): RunPhase {
  if (status === "done") return "done";
  if (status === "cancelled") return "stopped";
  return error ? "failed" : "idle";
}

/** A step that is over, each call with its reply. */
function roundOf({ said, results }: NonNullable<RunRecord["rounds"]>[number]): Round {
  return {
    text: said.content ?? "",
    reasoning: said.reasoning ?? "",
    toolCalls: (said.tool_calls ?? []).map((call) => {
      const result = results.find(({ id }) => id === call.id);
      return { ...call, ...(result && { result }) };
    }),
  };
}

/** What was said after the rounds: the answer that is kept is all that was said. */
function rest(all = "", before: string): string {
  return all.startsWith(before) ? all.slice(before.length) : all;
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
