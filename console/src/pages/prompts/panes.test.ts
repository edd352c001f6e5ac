import { expect, test } from "vitest";
import { against, firstPanes, MOST_PANES, panesIn } from "./panes";

test("an address names panes, or none", () => {
  expect(panesIn(["a", "b"])).toEqual(["a", "b"]);
  expect([panesIn(undefined), panesIn("a"), panesIn([]), panesIn([1])]).toEqual(Array(4).fill(undefined));
  expect(panesIn(Array(30).fill("a"))).toHaveLength(MOST_PANES);
});

test("comparing begins with the prompt's model and another", () => {
  expect(firstPanes("a", ["a", "b"])).toEqual(["a", "b"]);
  expect(firstPanes("a", ["a"])).toEqual(["a", "a"]);
});

test("a text is set against its reference word by word, and is whole", () => {
  const { pieces, missing } = against("the quick brown fox", "the slow fox");
  expect(pieces.map(({ text }) => text).join("")).toBe("the slow fox");
  expect(pieces.filter(({ fresh }) => fresh).map(({ text }) => text.trim())).toEqual(["slow"]);
  expect(missing).toBe(2);
  expect(against("same", "same")).toEqual({ pieces: [{ text: "same", fresh: false }], missing: 0 });
});
