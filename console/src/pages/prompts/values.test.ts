import { describe, expect, test } from "vitest";
import type { Variable } from "@/api/client";
import { filled, listIn, shown, variableOf } from "./values";

const slot = (name: string, type: "string" | "messages" | "parts" = "string") => ({ name, type });
const known = (change: Partial<Variable>): Variable => ({
  name: "a",
  description: "",
  type: "string",
  needed: true,
  ...change,
});

test("a variable nobody described is a text that is needed, or what its place says", () => {
  expect(variableOf(slot("a"), [])).toEqual(known({}));
  expect(variableOf(slot("h", "messages"), []).type).toBe("messages");
  expect(variableOf(slot("a"), [known({ type: "integer" })]).type).toBe("integer");
});

describe("a field left empty", () => {
  test("takes the default, and without one is missing", () => {
    const variables = [known({ default: "d" })];
    expect(filled([slot("a"), slot("b")], { a: "" }, variables)).toEqual({ values: {}, problems: { b: "missing" } });
  });

  test("is left out when it is not needed", () => {
    expect(filled([slot("a")], {}, [known({ needed: false })])).toEqual({ values: {}, problems: {} });
  });
});

test.each([
  ["string", " 1 ", " 1 "],
  ["integer", " -12 ", -12],
  ["number", "1.5", 1.5],
  ["boolean", "True", true],
  ["boolean", "false", false],
  ["object", '{"x":1}', { x: 1 }],
  ["strings", '["x"]', ["x"]],
  ["messages", '[{"role":"user"}]', [{ role: "user" }]],
] as const)("a %s is read from %j", (type, text, value) => {
  expect(filled([slot("a")], { a: text }, [known({ type })])).toEqual({ values: { a: value }, problems: {} });
});

test.each([
  ["integer", "1.5", "integer"],
  ["number", "warm", "number"],
  ["boolean", "yes", "boolean"],
  ["object", "[1]", "object"],
  ["object", "null", "object"],
  ["strings", "{}", "list"],
  ["messages", "[", "json"],
] as const)("a %s is not %j", (type, text, problem) => {
  expect(filled([slot("a")], { a: text }, [known({ type })])).toEqual({ values: {}, problems: { a: problem } });
});

test("a default is shown as a person would write it", () => {
  expect([shown("a b"), shown(3), shown({ x: 1 })]).toEqual(["a b", "3", '{"x":1}']);
});

test("a list is told from other text", () => {
  expect([listIn(""), listIn("[1]"), listIn("{}"), listIn("[")]).toEqual([[], [1], undefined, undefined]);
});
