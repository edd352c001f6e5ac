import { expect, test } from "vitest";
import type { Parameters } from "@/api/client";
import { numberIn, setCount, withSetting } from "./parameters";

test.each([
  ["", undefined],
  [" 0.7 ", 0.7],
  ["0", 0],
  ["2", 2],
  ["2.1", "bad"],
  ["-1", "bad"],
  ["warm", "bad"],
])("the temperature %j is %j", (text, value) => {
  expect(numberIn(text, { least: 0, most: 2 })).toBe(value);
});

test("a whole number has no fraction", () => {
  expect(numberIn("1.5", { least: 1, whole: true })).toBe("bad");
  expect(numberIn("12", { least: 1, whole: true })).toBe(12);
});

test("a setting is set, changed and taken away, and nothing is left of an empty whole", () => {
  const one = withSetting<Parameters, "seed">(undefined, "seed", 1);
  expect(one).toEqual({ seed: 1 });
  expect(withSetting(one, "top_p", 0.5)).toEqual({ seed: 1, top_p: 0.5 });
  expect(withSetting(one, "seed", undefined)).toBeUndefined();
  expect([setCount(undefined), setCount({ seed: 1, top_p: undefined })]).toEqual([0, 1]);
});
