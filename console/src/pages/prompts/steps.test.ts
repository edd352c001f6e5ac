import { describe, expect, test } from "vitest";
import { after, begun, type Run } from "./run";
import { saidIn, spokenIn, waitsForReplies } from "./steps";

const DONE = { finish_reason: "tool_calls", usage: {}, duration_ms: 1 } as never;

function played(): Run {
  const events = [
    { type: "reasoning", data: { text: "hm", signature: "s" } },
    { type: "tool_call", data: { index: 0, id: "c1", name: "weather", arguments: "{}", signature: "seal" } },
    {
      type: "tool_result",
      data: { index: 0, id: "c1", name: "weather", content: "sun", source: "mock", proposed: false },
    },
    { type: "delta", data: { text: "And" } },
    { type: "tool_call", data: { index: 1, id: "c2", name: "time" } },
    { type: "tool_call", data: { index: 1, arguments: "{}" } },
    { type: "done", data: DONE },
  ];
  return events.reduce((run, event) => after(run, { id: "", ...event } as never, 1), begun(0));
}

describe("a run with tools", () => {
  test("is rounds: a reply ends one and what comes next begins another", () => {
    const run = played();
    expect(run.rounds.map(({ toolCalls }) => toolCalls.map(({ result }) => result?.content))).toEqual([["sun"]]);
    expect([run.text, run.toolCalls.map(({ name, arguments: args }) => [name, args])]).toEqual([
      "And",
      [["time", "{}"]],
    ]);
  });

  test("becomes turns of a conversation: each call with its reply, then what was said last", () => {
    const run = { ...played(), toolCalls: [], done: { ...(DONE as object), finish_reason: "stop" } as never };
    expect(spokenIn(run).map(({ role, content }) => [role, content])).toEqual([
      ["assistant", ""],
      ["tool", "sun"],
      ["assistant", "And"],
    ]);
    expect(waitsForReplies(run)).toBe(false);
    expect(waitsForReplies(played())).toBe(true);
    expect(spokenIn({ ...run, phase: "stopped", text: "", rounds: [] })).toEqual([]);
  });

  test("goes on from everything that was said, seals included", () => {
    const reply = { index: 0, id: "c2", name: "time", content: "noon", source: "person", is_error: false } as never;
    expect(saidIn(played(), [reply])).toEqual([
      {
        role: "assistant",
        content: "",
        reasoning: "hm",
        reasoning_signature: "s",
        tool_calls: [{ id: "c1", name: "weather", arguments: "{}", signature: "seal" }],
      },
      { role: "tool", name: "weather", tool_call_id: "c1", content: "sun" },
      { role: "assistant", content: "And", tool_calls: [{ id: "c2", name: "time", arguments: "{}" }] },
      { role: "tool", name: "time", tool_call_id: "c2", content: "noon" },
    ]);
  });
});
