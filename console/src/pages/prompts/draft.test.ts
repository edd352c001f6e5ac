import { describe, expect, test } from "vitest";
import type { Prompt } from "@/api/client";
import {
  canonical,
  contentOf,
  editOf,
  line,
  nextRole,
  same,
  slots,
  withAdded,
  withLine,
  withMoved,
  withoutLine,
  withSettings,
  withVariable,
} from "./draft";
import { prompt } from "./draft.fixture";

const roles = (edit: ReturnType<typeof editOf>) => edit.lines.map((it) => it.message.role);
const uid = (edit: ReturnType<typeof editOf>, at: number) => edit.lines[at]?.uid ?? "";

describe("an edit", () => {
  test("goes back to the content it came from", () => {
    expect(contentOf(editOf(prompt()))).toEqual(prompt().draft);
  });

  test("fills in what the server left out", () => {
    const bare = { ...prompt(), name: undefined, draft: { messages: [{ role: "user" }] } } as unknown as Prompt;
    expect(contentOf(editOf(bare))).toEqual({
      messages: [{ role: "user", content: "" }],
      model: "",
      variables: [],
      engine: "plain",
    });
  });

  test("is the same as another with the same content, whatever the order of members", () => {
    const one = editOf(prompt());
    const other = editOf(
      prompt({ draft: { engine: "plain", variables: [], model: "simulated/echo", messages: prompt().draft.messages } }),
    );
    expect(same(one, other)).toBe(true);
    expect(same(one, withLine(other, uid(other, 0), { content: "" }))).toBe(false);
    expect(canonical(one)).toBe(canonical(other));
  });
});

describe("lines", () => {
  const edit = editOf(prompt());

  test("are changed, removed and added without touching the others", () => {
    expect(withLine(edit, uid(edit, 0), { role: "user" }).lines.slice(1)).toEqual(edit.lines.slice(1));
    expect(roles(withoutLine(edit, uid(edit, 1)))).toEqual(["system", "user"]);
    const added = line({ role: "tool", content: "" });
    expect(roles(withAdded(edit, added, uid(edit, 0)))).toEqual(["system", "tool", "placeholder", "user"]);
    expect(roles(withAdded(edit, added)).at(-1)).toBe("tool");
  });

  test("move as far as there is room and keep their identity", () => {
    expect(roles(withMoved(edit, uid(edit, 0), 1))).toEqual(["placeholder", "system", "user"]);
    expect(uid(withMoved(edit, uid(edit, 2), -9), 0)).toBe(uid(edit, 2));
    expect(withMoved(edit, uid(edit, 0), -1)).toBe(edit);
    expect(withMoved(edit, "unknown", 1)).toBe(edit);
  });

  test("suggest the role that comes next", () => {
    expect(nextRole([])).toBe("system");
    expect(nextRole(edit.lines)).toBe("assistant");
    expect(nextRole(edit.lines.slice(0, 1))).toBe("user");
  });
});

test("slots are named once, in order, placeholders among them", () => {
  expect(slots(editOf(prompt()))).toEqual([
    { name: "mood", type: "string" },
    { name: "history", type: "messages" },
    { name: "topic", type: "string" },
  ]);
});

test("what is known of a variable replaces what was known, and what has no value is left out", () => {
  const variable = { name: "mood", description: "d", type: "string", needed: true } as const;
  const once = withVariable(editOf(prompt()), { ...variable, default: undefined });
  const twice = withVariable(once, { ...variable, name: "topic" });
  expect(withVariable(twice, { ...variable, default: 1 }).settings.variables).toEqual([
    { ...variable, default: 1 },
    { ...variable, name: "topic" },
  ]);
  expect(once.settings.variables).toEqual([variable]);
});

test("settings change one by one", () => {
  const changed = withSettings(editOf(prompt()), { parameters: { temperature: 0.2 } });
  expect(contentOf(changed)).toEqual({ ...prompt().draft, parameters: { temperature: 0.2 } });
});
