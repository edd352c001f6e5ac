import { expect, test } from "vitest";
import { heat, newLimit, scopesOf, share, withScope } from "./scopes";

test("a scope is set, listed in order, and taken away by an empty text", () => {
  const limit = withScope(withScope(newLimit(), "key", " * "), "model", "m");
  expect(scopesOf(limit)).toEqual([
    { scope: "model", value: "m" },
    { scope: "key", value: "*" },
  ]);
  expect(withScope(withScope(limit, "key", " "), "model", "")).toEqual(newLimit());
});

test.each([
  [0, 10, 0, "calm"],
  [8, 10, 0.8, "warm"],
  [12, 10, 1, "full"],
  [-1, 10, 0, "calm"],
  [0, 0, 1, "full"],
])("%d of %d is %d and %s", (used, amount, full, hot) => {
  expect(share(used, amount)).toBe(full);
  expect(heat(share(used, amount))).toBe(hot);
});
