import { expect, test } from "vitest";
import { difference } from "./editor";

test.each([
  ["", "abc"],
  ["abc", ""],
  ["a dog runs", "a cat runs"],
  ["aaa", "aa"],
  ["aa", "aaaa"],
  ["x", "y"],
])("the change from %j to %j is applied as one replacement", (from, to) => {
  const change = difference(from, to);
  expect(change && from.slice(0, change.from) + change.insert + from.slice(change.to)).toBe(to);
});

test("leaves alone what is equal at both ends", () => {
  expect(difference("a dog runs", "a cat runs")).toEqual({ from: 2, to: 5, insert: "cat" });
  expect(difference("same", "same")).toBeUndefined();
});
