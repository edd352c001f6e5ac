import { expect, test } from "vitest";
import { filled, shown } from "./values";

const plain = (name: string) => ({ name, placeholder: false });
const list = (name: string) => ({ name, placeholder: true });

test("a value that was typed is sent as text", () => {
  expect(filled([plain("a")], { a: "1", other: "x" }, [])).toEqual({ values: { a: "1" }, problems: {} });
});

test("a field left empty takes the default, and without one is missing", () => {
  const known = [{ name: "a", description: "", default: "d" }];
  expect(filled([plain("a"), plain("b")], { a: "" }, known)).toEqual({ values: {}, problems: { b: "missing" } });
});

test("a placeholder takes a JSON list", () => {
  const typed = { a: '[{"role":"user","content":"x"}]', b: "{}", c: "[" };
  expect(filled([list("a"), list("b"), list("c")], typed, [])).toEqual({
    values: { a: [{ role: "user", content: "x" }] },
    problems: { b: "not messages", c: "not messages" },
  });
});

test("a default is shown as a person would write it", () => {
  expect([shown("a b"), shown(3), shown({ x: 1 })]).toEqual(["a b", "3", '{"x":1}']);
});
