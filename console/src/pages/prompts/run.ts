// The place for what is known of one run while its events come in. All pure: event and time in, state out.
import type { ErrorObject, Events, RunEvent, Usage } from "@/api/stream";

/** `queued`: others have their turn first. */
export type RunPhase = "idle" | "queued" | "running" | "done" | "failed" | "stopped";

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
  /** A vendor's seal, to be sent back. */
  signature?: string;
  result?: Events["tool_result"];
}

/** What the model said at one time, with the tools it called and what they replied. */
export interface Round {
  text: string;
  reasoning: string;
  signature?: string;
  toolCalls: readonly ToolCall[];
}

/** Times are milliseconds of one clock, the page's. */
export interface Run extends Round {
  phase: RunPhase;
  /** The rounds before this one. */
  rounds: readonly Round[];
  /** How many calls earlier rounds of this stream made: indexes go on counting. */
  called: number;
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

export const IDLE: Run = {
  phase: "idle",
  text: "",
  reasoning: "",
  toolCalls: [],
  packets: 0,
  begunAt: 0,
  rounds: [],
  called: 0,
};

export const QUEUED: Run = { ...IDLE, phase: "queued" };

/** Whether there is something to stop. */
export function isActive({ phase }: Run): boolean {
  return phase === "queued" || phase === "running";
}

/** A run that goes on after `rounds`, if there were any. */
export function begun(at: number, rounds: readonly Round[] = []): Run {
  return { ...IDLE, phase: "running", begunAt: at, rounds };
}

/** What was said so far, as the model is told it. */
export function roundOf({ text, reasoning, signature, toolCalls }: Round): Round {
  return { text, reasoning, toolCalls, ...(signature !== undefined && { signature }) };
}

/** The run in a new round, when all calls of this one have their replies. */
function turned(run: Run): Run {
  const answered = run.toolCalls.some(({ result }) => result && !result.proposed);
  if (!answered) return run;
  const { signature: _, ...rest } = run;
  const called = run.called + run.toolCalls.length;
  return { ...rest, text: "", reasoning: "", toolCalls: [], rounds: [...run.rounds, roundOf(run)], called };
}

export function after(run: Run, event: RunEvent, at: number): Run {
  switch (event.type) {
    case "start":
      return { ...run, start: event.data };
    case "delta":
      return said(turned(run), { text: event.data.text }, at);
    case "reasoning":
      return said(turned(run), { reasoning: event.data.text, signature: event.data.signature }, at);
    case "tool_call": {
      const now = written(turned(run), at);
      return { ...now, toolCalls: extended(now.toolCalls, event.data, now.called) };
    }
    case "tool_result":
      return { ...run, toolCalls: replied(run.toolCalls, event.data, run.called) };
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

function said(run: Run, more: { text?: string; reasoning?: string; signature?: string | undefined }, at: number): Run {
  const { text = "", reasoning = "", signature } = more;
  const grown = { text: run.text + text, reasoning: run.reasoning + reasoning };
  return { ...written(run, at), ...grown, ...(signature !== undefined && { signature }) };
}

function extended(calls: readonly ToolCall[], said: Events["tool_call"], called: number): ToolCall[] {
  const { index, id, name, arguments: text, signature } = said;
  const known = calls[index - called] ?? { id: "", name: "", arguments: "" };
  const grown = {
    ...known,
    id: id ?? known.id,
    name: name ?? known.name,
    arguments: known.arguments + (text ?? ""),
    ...(signature !== undefined && { signature }),
  };
  const all = [...calls];
  all[index - called] = grown;
  return all;
}

function replied(calls: readonly ToolCall[], result: Events["tool_result"], called: number): ToolCall[] {
  return calls.map((call, at) => (at === result.index - called ? { ...call, result } : call));
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
