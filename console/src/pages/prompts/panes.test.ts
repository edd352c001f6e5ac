import { expect, test } from "vitest";
import { against, firstPanes, MOST_PANES, panesIn, referenceWithout, withChoice } from "./panes";

test("an address names panes, or there are none", () => {
  expect(panesIn(undefined)).toBeUndefined();
  expect(panesIn("simulated/echo")).toBeUndefined();
  expect(panesIn([])).toBeUndefined();
  expect(panesIn(["a", 3, null, "b"])).toEqual([{ model: "a" }, { model: "b" }]);
  expect(panesIn(Array(20).fill("a"))).toHaveLength(MOST_PANES);
});

test("a pane is a version or label, a model and parameters, as far as they are named", () => {
  const pane = { version: "1.0.0", model: "m", parameters: { temperature: 0 } };
  expect(panesIn([pane, { label: "production" }, {}, { model: "" }])).toEqual([pane, { label: "production" }, {}, {}]);
  expect(panesIn([{ version: 3, other: true }])).toEqual([{ version: "3" }]);
  expect(withChoice(pane, { version: undefined, label: "beta" })).toEqual({
    label: "beta",
    model: "m",
    parameters: { temperature: 0 },
  });
});

test("a comparison begins with the prompt as it is and another model", () => {
  expect(firstPanes("a", ["a", "b"])).toEqual([{}, { model: "b" }]);
  expect(firstPanes("a", ["a"])).toEqual([{}, {}]);
});

test("the reference stays the same pane when another goes", () => {
  expect([referenceWithout(2, 0), referenceWithout(2, 2), referenceWithout(1, 2)]).toEqual([1, 0, 1]);
});

test("what the reference does not say is marked, what it says more is counted", () => {
  const { pieces, missing } = against("a red house", "a blue house");
  expect(pieces.filter(({ fresh }) => fresh).map(({ text }) => text)).toEqual(["blue"]);
  expect(missing).toBe(1);
  expect(against("same", "same")).toEqual({ pieces: [{ text: "same", fresh: false }], missing: 0 });
});
