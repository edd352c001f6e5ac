import { describe, expect, test } from "vitest";
import type { RunEvent } from "@/api/stream";
import { after, begun, figures, IDLE, type Run } from "./run";

const usage = (output_tokens: number) => ({
  input_tokens: 7,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens,
  reasoning_tokens: 0,
});
const delta = (text: string): RunEvent => ({ type: "delta", id: "", data: { text } });
const done: RunEvent = {
  type: "done",
  id: "",
  data: { finish_reason: "stop", usage: usage(5), duration_ms: 1, cost: 0.5 },
};

function ran(...events: [RunEvent, number][]): Run {
  return events.reduce((run, [event, at]) => after(run, event, at), begun(1000));
}

test("text and reasoning grow, each by its own events", () => {
  const run = ran([{ type: "reasoning", id: "", data: { text: "hm" } }, 1010], [delta("a"), 1020], [delta("b"), 1030]);
  expect(run).toMatchObject({ phase: "running", text: "ab", reasoning: "hm", packets: 3, firstAt: 1010, lastAt: 1030 });
});

test("tool calls are put together by index", () => {
  const piece = (index: number, text: string, name?: string): RunEvent => ({
    type: "tool_call",
    id: "",
    data: { index, arguments: text, ...(name && { id: `id-${name}`, name }) },
  });
  const run = ran([piece(0, "", "find"), 1], [piece(0, '{"a"'), 2], [piece(1, "{}", "add"), 3], [piece(0, ":1}"), 4]);
  expect(run.toolCalls).toEqual([
    { id: "id-find", name: "find", arguments: '{"a":1}' },
    { id: "id-add", name: "add", arguments: "{}" },
  ]);
});

describe("the end", () => {
  test("done keeps the model's own count", () => {
    const run = ran([delta("a"), 1100], [done, 1500]);
    expect(run).toMatchObject({ phase: "done", endedAt: 1500, usage: { output_tokens: 5 } });
  });

  test.each([
    ["cancelled", "stopped"],
    ["upstream_cut", "failed"],
  ] as const)("the error %s leaves the text and is %s", (kind, phase) => {
    const error = { code: 1, class: kind, phase: "mid_stream", message: "", retryable: false } as const;
    const run = ran([delta("half"), 1100], [{ type: "error", id: "", data: error }, 1200]);
    expect(run).toMatchObject({ phase, text: "half", error });
  });
});

describe("figures", () => {
  test("of nothing are empty", () => {
    expect(figures(IDLE, 5)).toEqual({ tokens: 0, exact: true });
  });

  test("of a run that waits only count time", () => {
    expect(figures(begun(1000), 1250)).toEqual({ elapsed: 250, tokens: 0, exact: false });
  });

  test("while it types count packets, and the rate falls when it stalls", () => {
    const run = ran([delta("a"), 1200], [delta("b"), 1300], [delta("c"), 1400]);
    expect(figures(run, 1400)).toMatchObject({ firstToken: 200, tokens: 3, exact: false, perSecond: 10 });
    expect(figures(run, 2200).perSecond).toBe(2);
  });

  test("never show fewer tokens than packets while running", () => {
    const run = ran([delta("a"), 1200], [delta("b"), 1300], [{ type: "usage", id: "", data: usage(1) }, 1300]);
    expect(figures(run, 1300)).toMatchObject({ tokens: 2, exact: false, input: 7 });
  });

  test("give no rate to an answer that came at once", () => {
    const run = ran([delta("a"), 1200], [delta("b"), 1201], [done, 1202]);
    expect(figures(run, 1300).perSecond).toBeUndefined();
  });

  test("at the end are the model's, and no longer depend on the clock", () => {
    const run = ran([delta("a"), 1200], [delta("b"), 1600], [done, 1700]);
    expect(figures(run, 9999)).toEqual({
      firstToken: 200,
      elapsed: 700,
      tokens: 5,
      exact: true,
      perSecond: 10,
      input: 7,
      cost: 0.5,
    });
  });
});
