import { expect, test } from "vitest";
import { benchSearch, inMode, modeOf } from "./bench-search";

test("an address says one mode, and what does not belong to it is left out", () => {
  expect(benchSearch({})).toEqual({});
  expect(benchSearch({ panes: ["m"], runs: 3, talk: true, set: "a" })).toEqual({ panes: [{ model: "m" }], set: "a" });
  expect(benchSearch({ runs: 3, at: 2, reference: 1 })).toEqual({ runs: 3, at: 2 });
  expect(benchSearch({ talk: true, at: 1 })).toEqual({ talk: true });
  expect(modeOf(benchSearch({ talk: true }))).toBe("talk");
  expect(modeOf(benchSearch({ runs: 2 }))).toBe("runs");
  expect(modeOf(benchSearch({ panes: [{}] }))).toBe("panes");
  expect(modeOf({})).toBe("one");
});

test("a number that fits nothing is left out", () => {
  for (const runs of [1, 11, 2.5, "3", null]) expect(benchSearch({ runs })).toEqual({});
  expect(benchSearch({ panes: [{}, {}], reference: 2 })).toEqual({ panes: [{}, {}] });
  expect(benchSearch({ panes: [{}, {}], reference: 1 })).toEqual({ panes: [{}, {}], reference: 1 });
  expect(benchSearch({ runs: 3, at: 3 })).toEqual({ runs: 3 });
});

test("a saved input stays in every mode", () => {
  expect(inMode({ set: "a", runs: 3 }, { talk: true })).toEqual({ set: "a", talk: true });
  expect(inMode({ runs: 3 }, {})).toEqual({});
  expect(inMode({ runs: 3, form: true }, { talk: true })).toEqual({ form: true, talk: true });
  expect(benchSearch({ set: 12 })).toEqual({ set: "12" });
});
