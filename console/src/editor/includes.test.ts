import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { includable } from "./includes";

const SNIPPETS = [{ key: "tone", name: "Tone", floats_at: "2", text: "Be kind.", versions: ["2", "1.0.0"] }];

function suggested(typed: string, after = "") {
  const state = EditorState.create({ doc: typed + after });
  const found = includable(new CompletionContext(state, typed.length, false), SNIPPETS);
  return found && { from: typed.slice(found.from), applied: found.options.map(({ apply }) => apply) };
}

test.each([
  ["Say {{>", "", { from: "", applied: [" tone}}"] }],
  ["Say {{> to", "", { from: "to", applied: ["tone}}"] }],
  ["Say {{>to", "}}", { from: "to", applied: ["tone"] }],
  ["{{> tone@", "", { from: "", applied: ["2}}", "1.0.0}}"] }],
  ["{{> other@1", "", { from: "1", applied: [] }],
])("after %j%j", (typed, after, expected) => {
  expect(suggested(typed, after)).toEqual(expected);
});

test("no snippet is suggested anywhere else", () => {
  expect([suggested("{{"), suggested("a > b"), suggested("{{> a b ")]).toEqual([null, null, null]);
});
