import { expect, test } from "vitest";
import type { Trace, TraceSpan } from "@/api/records";
import { bars, runOf } from "./waterfall";

function span(id: string, started_us: number, duration_us: number, more: Partial<TraceSpan> = {}): TraceSpan {
  const plain = { trace_id: "t", name: id, kind: "internal", process: "p", status: "unset", message: "" } as const;
  return { ...plain, id, started_us, duration_us, attributes: {}, events: [], depth: 0, ...more };
}

const TRACE: Trace = {
  id: "t",
  started_us: 1000,
  duration_us: 200,
  spans: [
    span("a", 1000, 200, { attributes: { "promptwire.run.id": "run_1", "error.type": "cancelled" } }),
    span("b", 1100, 50, { status: "error" }),
    span("c", 1200, 0),
  ],
};

test("bars stand where their spans were, and the smallest can be seen", () => {
  expect(bars(TRACE).map(({ left, width }) => [left, width])).toEqual([
    [0, 100],
    [50, 25],
    [99.6, expect.closeTo(0.4)],
  ]);
});

test("what failed and what was cancelled are told apart", () => {
  expect(bars(TRACE).map(({ failed, cancelled }) => [failed, cancelled])).toEqual([
    [false, true],
    [true, false],
    [false, false],
  ]);
});

test("a trace leads to its run", () => {
  expect(runOf(TRACE)).toBe("run_1");
  expect(runOf({ ...TRACE, spans: [] })).toBeUndefined();
});
