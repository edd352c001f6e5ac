import { expect, test } from "vitest";
import { variablesIn } from "./variables";

test.each([
  ["{{a}} and {{ b_2 }} and {{a}}", ["a", "b_2"]],
  ['{"json": {"x": 1}} {{{c}}}', ["c"]],
  ["{{名字}} {{étage-2}}", ["名字", "étage-2"]],
  ["{{}} {{2x}} {{a b}} {a} {{a\n}} {{-a}}", []],
])("%s", (text, names) => {
  expect(variablesIn(text)).toEqual(names);
});
