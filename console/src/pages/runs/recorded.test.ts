import { expect, test } from "vitest";
import type { RunRecord } from "@/api/records";
import { figures } from "../prompts/run";
import { recorded } from "./recorded";

const USAGE = { input_tokens: 3, cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: 11, reasoning_tokens: 0 };
const BASE: RunRecord = {
  id: "run_1",
  status: "done",
  started_at: "2026-11-26T10:00:00Z",
  trace_id: "t",
  person: "",
  key: "",
  scenario: "",
  excerpt: "",
  cut: [],
};

test("a run that is kept is shown with the figures its reader saw", () => {
  const run = recorded({
    ...BASE,
    finish_reason: "stop",
    usage: USAGE,
    ttft_ms: 100,
    duration_ms: 1100,
    answer: { role: "assistant", content: "hi" },
  });
  expect(run.phase).toBe("done");
  expect(run.text).toBe("hi");
  expect(figures(run, 9_999_999)).toMatchObject({ firstToken: 100, elapsed: 1100, tokens: 11, perSecond: 10 });
});

test("one that failed says why, one that was stopped is no failure, one that goes on says nothing yet", () => {
  const error = { code: 1, class: "internal", phase: "connect", message: "x", retryable: false } as const;
  expect(recorded({ ...BASE, status: "failed", error }).phase).toBe("failed");
  expect(recorded({ ...BASE, status: "cancelled", error: { ...error, class: "cancelled" } }).phase).toBe("stopped");
  expect(recorded({ ...BASE, status: "running" }).phase).toBe("idle");
});

test("a run with tools has its rounds above the last answer", () => {
  const result = { index: 0, id: "c", name: "weather", content: "sun", source: "mock" } as const;
  const reply = { ...result, is_error: false, duration_ms: 2, proposed: false };
  const call = { id: "c", name: "weather", arguments: "{}" };
  const said = { role: "assistant", content: "Wait. ", reasoning: "hm", tool_calls: [call] } as const;
  const run = recorded({
    ...BASE,
    rounds: [{ said: { ...said, tool_calls: [call] }, results: [reply] }],
    answer: { role: "assistant", content: "Wait. Sun.", reasoning: "hm" },
  });
  expect(run.rounds).toEqual([{ text: "Wait. ", reasoning: "hm", toolCalls: [{ ...call, result: reply }] }]);
  expect([run.text, run.reasoning, run.toolCalls]).toEqual(["Sun.", "", []]);
});

test("an answer that was cut before its last step is shown as it is", () => {
  const round = { said: { role: "assistant", content: "Long ago. " } as const, results: [] };
  const run = recorded({ ...BASE, rounds: [round], answer: { role: "assistant", content: "Long… (7 left out)" } });
  expect(run.text).toBe("Long… (7 left out)");
});
