import { expect, test } from "vitest";
import { en } from "@/text/en";
import { fill, type Say } from "@/text/text";
import { diagnostics } from "./json-editor";

const english: Say = (word, values) => fill(en[word], values ?? {});

test("a fault is marked at its place and says line and column", () => {
  const [found] = diagnostics('{\n  "a": oops\n}', english);
  expect(found).toMatchObject({ from: 9, to: 10, severity: "error" });
  expect(found?.message).toContain("line 2, column 8");
});

test("what only ends too early is marked at its last character", () => {
  const [found] = diagnostics('{"a": 1', english);
  expect(found).toMatchObject({ from: 6, to: 7 });
  expect(diagnostics('{"a": 1}', english)).toEqual([]);
});
