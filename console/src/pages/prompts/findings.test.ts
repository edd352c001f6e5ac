import { expect, test } from "vitest";
import type { Finding } from "@/api/authoring";
import { editOf } from "./draft";
import { prompt } from "./draft.fixture";
import { marksOf, mended, slotsOf, unitsAt } from "./findings";

const edit = editOf(
  prompt({ draft: { ...prompt().draft, messages: [{ role: "user", content: "😀 one {{two three" }] } }),
);
const finding = (change: Partial<Finding>): Finding => ({
  rule: "r",
  severity: "error",
  message: "m",
  why: "w",
  edits: [],
  wording: "m",
  values: {},
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
  expect(mended(edit, whole).lines[0]?.message.content).toBe(" one {{two}} three");
});

test("a text among a message's parts is marked and mended in its own place", () => {
  const parts = [{ image_url: "https://example.org/a" }, { text: "to {{mend" }];
  const own = editOf(prompt({ draft: { ...prompt().draft, messages: [{ role: "user", content: "", parts }] } }));
  const span = { message: 0, part: 1, start: 9, end: 9 };
  const found = [finding({ span: { ...span, start: 3 }, edits: [{ span, text: "}}" }] })];
  expect(marksOf({ edit: own, found }, 0)).toEqual([]);
  expect(marksOf({ edit: own, found }, 0, 1)).toEqual([{ from: 3, to: 9, severity: "error", text: "m. w" }]);
  expect(mended(own, found[0] as Finding).lines[0]?.message.parts?.[1]).toEqual({ text: "to {{mend}}" });
});

test("what is no longer there is not mended", () => {
  const elsewhere = finding({ edits: [{ span: { message: 7, start: 0, end: 1 }, text: "x" }] });
  expect(mended(edit, elsewhere)).toBe(edit);
});

test("a run asks for what the server read, and until it has for what the page sees", () => {
  const plain = editOf(prompt());
  expect(slotsOf(undefined, plain).map(({ name }) => name)).toEqual(["mood", "history", "topic"]);
  const settings = { name: "mood", description: "how", type: "string", needed: true } as const;
  const slot = { name: "mood", type: "string", spans: [], certain: true, snippet: "tone", settings } as const;
  const reply = { findings: [], slots: [{ ...slot, spans: [] }], unused: [], snippets: [] };
  expect(slotsOf(reply, plain)).toEqual([{ name: "mood", type: "string", snippet: "tone", settings }]);
});
