import { expect, test } from "vitest";
import { groupOf, readable, rowsOf } from "./difference";

test("of a line that changed only the changed words are marked", () => {
  const rows = rowsOf([
    { kind: "same", text: "Be kind.\n" },
    { kind: "removed", text: "Answer in three lines." },
    { kind: "added", text: "Answer in five lines." },
    { kind: "added", text: "\nThank you." },
  ]);
  expect(rows.map(({ kind, pieces }) => [kind, pieces.filter((it) => it.changed).map((it) => it.text)])).toEqual([
    ["same", []],
    ["removed", ["three"]],
    ["added", ["five"]],
    ["added", ["\nThank you."]],
  ]);
});

test("a line after which another follows now is the same line", () => {
  const rows = rowsOf([
    { kind: "removed", text: "a" },
    { kind: "added", text: "a\n" },
    { kind: "added", text: "b" },
  ]);
  expect(rows.map(({ kind }) => kind)).toEqual(["same", "added"]);
});

test("what is put together again is what was there", () => {
  const rows = rowsOf([
    { kind: "removed", text: "a\n" },
    { kind: "removed", text: "b\n" },
    { kind: "added", text: "a!\n" },
  ]);
  const text = (kind: string) =>
    rows.filter((row) => row.kind === kind).flatMap((row) => row.pieces.map((it) => it.text));
  expect([text("removed").join(""), text("added").join("")]).toEqual(["a\nb\n", "a!\n"]);
});

test("a path leads into a part of the prompt", () => {
  expect(["messages[0].content", "tools[f].name", "tool_choice", "model", "parameters.seed"].map(groupOf)).toEqual([
    "messages",
    "tools",
    "tools",
    "other",
    "parameters",
  ]);
});

test("a text is read as it is, anything else as JSON", () => {
  expect([readable("a"), readable(1), readable({ a: 1 })]).toEqual(["a", "1", '{\n  "a": 1\n}']);
});
