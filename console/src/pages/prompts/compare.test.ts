import { expect, test } from "vitest";
import { compared } from "./compare";
import { editOf, line, withAdded, withLine, withSettings } from "./draft";
import { prompt } from "./draft.fixture";

const edit = editOf(prompt());

test("equal edits have no rows", () => {
  expect(compared(edit, editOf(prompt()))).toEqual([]);
});

test("each difference is one row, also where one side has nothing", () => {
  const changed = withLine(edit, edit.lines[0]?.uid ?? "", { content: "Be quick." });
  const longer = withAdded(changed, line({ role: "user", content: "more" }));
  const other = withSettings({ ...longer, name: "New" }, { parameters: { temperature: 0.1 } });
  expect(compared(edit, other)).toEqual([
    { what: "name", one: "Demo", other: "New" },
    { what: "messages[0]", one: "system: Be {{mood}}.", other: "system: Be quick." },
    { what: "messages[3]", one: undefined, other: "user: more" },
    { what: "temperature", one: undefined, other: "0.1" },
  ]);
});
