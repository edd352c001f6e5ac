import { expect, test } from "vitest";
import type { Finding } from "@/api/authoring";
import { editOf } from "./draft";
import { prompt } from "./draft.fixture";
import { canMend, marksOf, mended, unitsAt } from "./findings";

const edit = editOf(
  prompt({ draft: { ...prompt().draft, messages: [{ role: "user", content: "😀 one {{two three" }] } }),
);
const finding = (change: Partial<Finding>): Finding => ({
  rule: "r",
  severity: "error",
  message: "m",
  why: "w",
  edits: [],
  ...change,
});

test("characters are counted in units, and never beyond the text", () => {
  expect([unitsAt("😀a", 0), unitsAt("😀a", 1), unitsAt("😀a", 2), unitsAt("😀a", 9)]).toEqual([0, 2, 3, 3]);
});

test("a finding is marked in its own message, and one of the whole draft in none", () => {
  const found = [finding({ span: { message: 0, start: 6, end: 11 } }), finding({})];
  expect(marksOf({ edit, found }, 0)).toEqual([{ from: 7, to: 12, severity: "error", text: "m. w" }]);
  expect("😀 one {{two three".slice(7, 12)).toBe("{{two");
  expect(marksOf({ edit, found }, 1)).toEqual([]);
});

test("several edits are made without shifting one another", () => {
  const edits = [
    { span: { message: 0, start: 0, end: 1 }, text: "" },
    { span: { message: 0, start: 11, end: 11 }, text: "}}" },
  ];
  const whole = finding({ edits });
  expect(canMend(whole)).toBe(true);
  expect(mended(edit, whole).lines[0]?.message.content).toBe(" one {{two}} three");
});

test("what has no edits, or edits in a part, is not mended here", () => {
  expect(canMend(finding({}))).toBe(false);
  expect(canMend(finding({ edits: [{ span: { message: 0, part: 1, start: 0, end: 1 }, text: "" }] }))).toBe(false);
  const elsewhere = finding({ edits: [{ span: { message: 7, start: 0, end: 1 }, text: "x" }] });
  expect(mended(edit, elsewhere)).toBe(edit);
});
