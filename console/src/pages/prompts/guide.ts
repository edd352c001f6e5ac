// The place for a system message as the answers to a few questions: which message that is, and how a form changes it.
import type { Form } from "@/api/authoring";
import { type Edit, line, withAdded, withLine } from "./draft";

export const TEXTS = ["role", "goal", "audience"] as const;
export const LISTS = ["steps", "rules"] as const;

export const EMPTY: Form = {
  role: "",
  goal: "",
  audience: "",
  steps: [],
  rules: [],
  output: "",
  examples: [],
  rest: "",
};

/** The text that the form is about: the system message of a chat, the one text of anything else. */
export function guided(edit: Edit, kind: string): string {
  return lineOf(edit, kind)?.message.content ?? "";
}

/** `edit` with that text changed; a chat without a system message gets one. */
export function withGuided(edit: Edit, kind: string, text: string): Edit {
  const found = lineOf(edit, kind);
  if (found) return withLine(edit, found.uid, { content: text });
  const made = line({ role: kind === "chat" ? "system" : "user", content: text });
  const first = withAdded({ ...edit, lines: [] }, made);
  return { ...edit, lines: [...first.lines, ...edit.lines] };
}

/** What is written of a form: an item that was added and not filled in yet is no answer. */
export function answered(form: Form): Form {
  const said = (items: readonly string[]) => items.filter((it) => it.trim() !== "");
  return {
    ...form,
    steps: said(form.steps ?? []),
    rules: said(form.rules ?? []),
    examples: (form.examples ?? []).filter(({ input, output }) => input?.trim() || output?.trim()),
  };
}

function lineOf(edit: Edit, kind: string) {
  return kind === "chat" ? edit.lines.find(({ message }) => message.role === "system") : edit.lines[0];
}
