import { expect, test } from "vitest";
import { editOf } from "./draft";
import { prompt } from "./draft.fixture";
import { answered, EMPTY, guided, withGuided } from "./guide";

test("the form of a chat is about its system message", () => {
  const edit = editOf(prompt());
  expect(guided(edit, "chat")).toBe("Be {{mood}}.");
  const changed = withGuided(edit, "chat", "# Role\nA clerk");
  expect(changed.lines.map(({ message }) => message.content)).toEqual([
    "# Role\nA clerk",
    "history",
    "About {{topic}}, {{mood}}",
  ]);
});

test("a chat without a system message gets one, at the top", () => {
  const edit = editOf(prompt());
  const without = { ...edit, lines: edit.lines.slice(1) };
  expect(guided(without, "chat")).toBe("");
  expect(withGuided(without, "chat", "new").lines.map(({ message }) => message.role)).toEqual([
    "system",
    "placeholder",
    "user",
  ]);
});

test("the form of a text is about all of it", () => {
  const edit = { ...editOf(prompt()), lines: [] };
  expect(withGuided(edit, "text", "one").lines.map(({ message }) => message)).toEqual([
    { role: "user", content: "one" },
  ]);
});

test("what was added and not filled in is no answer", () => {
  const form = {
    ...EMPTY,
    steps: ["a", " "],
    rules: [""],
    examples: [
      { input: "", output: "" },
      { input: "i", output: "" },
    ],
  };
  expect(answered(form)).toEqual({ ...EMPTY, steps: ["a"], examples: [{ input: "i", output: "" }] });
});
