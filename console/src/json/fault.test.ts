import { expect, test } from "vitest";
import { faultIn } from "./fault";

test.each(["", "  \n", "{}", '[1, "a"]\n', "null"])("nothing is wrong with %j", (text) => {
  expect(faultIn(text)).toBeUndefined();
});

test.each([
  ['{"a": 1,\n "b": oops}', { at: 15, unfinished: false, line: 2, column: 7 }],
  ["[1 2]", { at: 3, unfinished: false, line: 1, column: 4 }],
  ['{"a": [1,\n', { at: 9, unfinished: true, line: 1, column: 10 }],
  ['{"a": 1}}', { at: 8, unfinished: false, line: 1, column: 9 }],
])("%j has one, and it is said where", (text, fault) => {
  expect(faultIn(text)).toEqual(fault);
});
