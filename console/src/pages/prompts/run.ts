// The place for what is known of one run while its events come in. All pure: event and time in, state out.
import type { ErrorObject, Events, RunEvent, Usage } from "@/api/stream";

/** `queued`: others have their turn first. */
export type RunPhase = "idle" | "queued" | "running" | "done" | "failed" | "stopped";

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** Times are milliseconds of one clock, the page's. */
export interface Run {
  phase: RunPhase;
  text: string;
  reasoning: string;
  toolCalls: readonly ToolCall[];
  /** Events that carried something the model wrote. */
  packets: number;
  begunAt: number;
  firstAt?: number;
  lastAt?: number;
  endedAt?: number;
  start?: Events["start"];
  usage?: Usage;
  error?: ErrorObject;
  done?: Events["done"];
}

/** What a person watches while the answer is typed. Times in milliseconds. */
export interface Figures {
  firstToken?: number;
  elapsed?: number;
  tokens: number;
  /** Whether `tokens` is the model's count and not ours of packets. */
  exact: boolean;
  perSecond?: number;
  input?: number;
  cost?: number;
}

export const IDLE: Run = { phase: "idle", text: "", reasoning: "", toolCalls: [], packets: 0, begunAt: 0 };

export const QUEUED: Run = { ...IDLE, phase: "queued" };

/** Whether there is something to stop. */
export function isActive({ phase }: Run): boolean {
  return phase === "queued" || phase === "running";
}

export function begun(at: number): Run {
  return { ...IDLE, phase: "running", begunAt: at };
}

export function after(run: Run, event: RunEvent, at: number): Run {
  switch (event.type) {
    case "start":
      return { ...run, start: event.data };
    case "delta":
      return { ...written(run, at), text: run.text + event.data.text };
    case "reasoning":
      return { ...written(run, at), reasoning: run.reasoning + event.data.text };
    case "tool_call":
      return { ...written(run, at), toolCalls: extended(run.toolCalls, event.data) };
    case "tool_result":
      return run;
    case "usage":
      return { ...run, usage: event.data };
    case "error":
      return { ...run, phase: event.data.class === "cancelled" ? "stopped" : "failed", error: event.data, endedAt: at };
    case "done":
      return { ...run, phase: "done", done: event.data, usage: event.data.usage, endedAt: at };
  }
}

function written(run: Run, at: number): Run {
  return { ...run, packets: run.packets + 1, firstAt: run.firstAt ?? at, lastAt: at };
}

function extended(calls: readonly ToolCall[], { index, id, name, arguments: text }: Events["tool_call"]): ToolCall[] {
  const known = calls[index] ?? { id: "", name: "", arguments: "" };
  const grown = { id: id ?? known.id, name: name ?? known.name, arguments: known.arguments + (text ?? "") };
  const all = [...calls];
  all[index] = grown;
  return all;
}

/** The figures at the time `now`; a run that has ended no longer depends on it. */
export function figures(run: Run, now: number): Figures {
  if (run.phase === "idle" || run.phase === "queued") return { tokens: 0, exact: true };
  const until = run.endedAt ?? now;
  const counted = run.usage?.output_tokens;
  const running = run.phase === "running";
  const tokens = running ? Math.max(counted ?? 0, run.packets) : (counted ?? run.packets);
  const cost = run.done?.cost ?? run.usage?.cost;
  return {
    elapsed: until - run.begunAt,
    tokens,
    exact: !running && counted !== undefined,
    ...(run.firstAt !== undefined && { firstToken: run.firstAt - run.begunAt }),
    ...rate(run, tokens, running ? now : run.lastAt),
    ...(run.usage && { input: run.usage.input_tokens }),
    ...(cost !== undefined && { cost }),
  };
}

/** A shorter time than this says how the answer was packed, not how fast it was written. */
const LEAST_RATED_MS = 50;

/** Tokens after the first for each second since the first. */
function rate(run: Run, tokens: number, until = 0): { perSecond?: number } {
  if (run.firstAt === undefined || tokens < 2 || until - run.firstAt < LEAST_RATED_MS) return {};
  return { perSecond: (tokens - 1) / ((until - run.firstAt) / 1000) };
}
