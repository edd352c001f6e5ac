import { expect, test } from "vitest";
import type { Variable } from "@/api/client";
import { differs, tried, typedOf } from "./saved-input";

const slots = [
  { name: "topic", type: "string" as const },
  { name: "n", type: "string" as const },
  { name: "empty", type: "string" as const },
];
const known: Variable[] = [{ name: "n", description: "", type: "integer", needed: true }];

test("values are saved in their types and shown as they were typed", () => {
  const now = tried(slots, { topic: "3", n: "3", empty: "", other: "x" }, known, []);
  expect(now).toEqual({ values: { topic: "3", n: 3 }, messages: [] });
  expect(typedOf(now, { topic: "old", gone: "x" })).toEqual({ topic: "3", n: "3", gone: "" });
  expect(tried(slots, { n: "thr" }, known, []).values).toEqual({ n: "thr" });
});

test("the same in another order is no difference", () => {
  const saved = { values: { n: 3, topic: { b: 1, a: 2 } }, messages: [{ role: "user" as const, content: "" }] };
  const now = { values: { topic: { a: 2, b: 1 }, n: 3 }, messages: [{ role: "user" as const, content: "" }] };
  expect(differs(saved, now)).toBe(false);
  expect(differs(saved, { ...now, messages: [] })).toBe(true);
  expect(differs(saved, { ...now, values: {} })).toBe(true);
});
