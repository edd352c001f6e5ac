import { expect, test } from "vitest";
import { IDLE, type Run } from "./run";
import { groupOf, spread } from "./spread";

function answer(text: string, ms = 100, tokens = 10): Run {
  const usage = {
    input_tokens: 1,
    output_tokens: tokens,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
  };
  return { ...IDLE, phase: "done", text, packets: 1, begunAt: 0, firstAt: ms / 2, lastAt: ms, endedAt: ms, usage };
}

test("equal answers are one, and the most common is the first", () => {
  const found = spread([answer("b"), answer("a\n"), answer("a"), { ...answer("c"), phase: "failed" }]);
  expect(found.groups).toEqual([
    { text: "a", runs: [1, 2] },
    { text: "b", runs: [0] },
  ]);
  expect([found.complete, found.agreement]).toEqual([3, 2 / 3]);
  expect([0, 1, 2, 3].map((at) => groupOf(found, at))).toEqual([1, 0, 0, undefined]);
});

test("figures have a least, a middle and a most", () => {
  const found = spread([answer("one", 10, 1), answer("three", 30, 3), answer("two!", 20, 2)]);
  expect(found.elapsed).toEqual({ least: 10, median: 20, most: 30 });
  expect(found.firstToken).toEqual({ least: 5, median: 10, most: 15 });
  expect(found.tokens).toEqual({ least: 1, median: 2, most: 3 });
  expect(found.characters).toEqual({ least: 3, median: 4, most: 5 });
  expect(found.cost).toBeUndefined();
  expect(spread([answer("a", 10), answer("a", 20)]).elapsed?.median).toBe(15);
});

test("of nothing there is nothing to say", () => {
  expect(spread([IDLE])).toEqual({ groups: [], complete: 0 });
});
