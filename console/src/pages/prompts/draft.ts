// The place for what a person edits: a prompt's name and draft, and the small changes made to them. All pure.
import type { Content, Message, Prompt, Role, Variable } from "@/api/client";
import { variablesIn } from "@/editor/variables";

/** A message with an identity of its own, so that moving it moves what is on the screen. */
export interface Line {
  uid: string;
  message: Message;
}

export interface Edit {
  name: string;
  description: string;
  lines: readonly Line[];
  settings: Omit<Content, "messages">;
}

/** A variable as the draft uses it: in a text, in the place of messages, or in the place of parts. */
export interface Slot {
  name: string;
  type: "string" | "messages" | "parts";
  /** The snippet that asks for it. */
  snippet?: string;
  /** What is declared of it, here or by a snippet. */
  settings?: Variable;
}

export function line(message: Message): Line {
  return { uid: Math.random().toString(36).slice(2), message };
}

/** What is edited, from what is stored. The server leaves out what has its plain default. */
export function editOf(prompt: Partial<Pick<Prompt, "name" | "description">> & Pick<Prompt, "draft">): Edit {
  const { messages, ...settings } = prompt.draft;
  return {
    name: prompt.name ?? "",
    description: prompt.description ?? "",
    lines: (messages ?? []).map((message) => line({ ...message, content: message.content ?? "" })),
    settings: {
      ...settings,
      model: settings.model ?? "",
      variables: settings.variables ?? [],
      engine: settings.engine ?? "plain",
    },
  };
}

/** What is stored, from what is edited. */
export function contentOf(edit: Edit): Content {
  return { ...edit.settings, messages: edit.lines.map(({ message }) => message) };
}

/** Whether two edits would be stored as the same. */
export function same(one: Edit, other: Edit): boolean {
  return one === other || canonical(one) === canonical(other);
}

/** Text of an edit that is equal for equal edits, whatever order its members came in. */
export function canonical(edit: Edit): string {
  return JSON.stringify([edit.name, edit.description, contentOf(edit)], sorted);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function withLine(edit: Edit, uid: string, change: Partial<Message>): Edit {
  const lines = edit.lines.map((it) => (it.uid === uid ? { uid, message: { ...it.message, ...change } } : it));
  return { ...edit, lines };
}

export function withoutLine(edit: Edit, uid: string): Edit {
  return { ...edit, lines: edit.lines.filter((it) => it.uid !== uid) };
}

/** `added` after the line `uid`, or at the end. */
export function withAdded(edit: Edit, added: Line, uid?: string): Edit {
  const found = edit.lines.findIndex((it) => it.uid === uid);
  const at = found < 0 ? edit.lines.length : found + 1;
  return { ...edit, lines: [...edit.lines.slice(0, at), added, ...edit.lines.slice(at)] };
}

/** The line `uid` moved by `by` places, as far as there are places. */
export function withMoved(edit: Edit, uid: string, by: number): Edit {
  const from = edit.lines.findIndex((it) => it.uid === uid);
  const to = Math.max(0, Math.min(edit.lines.length - 1, from + by));
  if (from < 0 || from === to) return edit;
  const lines = [...edit.lines];
  lines.splice(to, 0, ...lines.splice(from, 1));
  return { ...edit, lines };
}

export function withSettings(edit: Edit, change: Partial<Edit["settings"]>): Edit {
  return { ...edit, settings: { ...edit.settings, ...change } };
}

/** What is known of a variable, put in the place of what was known; members without a value are left out. */
export function withVariable(edit: Edit, variable: Variable): Edit {
  const known = JSON.parse(JSON.stringify(variable)) as Variable;
  const others = edit.settings.variables;
  const at = others.findIndex(({ name }) => name === variable.name);
  const variables = at < 0 ? [...others, known] : others.with(at, known);
  return withSettings(edit, { variables });
}

export function withoutVariable(edit: Edit, name: string): Edit {
  return withSettings(edit, { variables: edit.settings.variables.filter((it) => it.name !== name) });
}

/** The role a person most likely wants next. */
export function nextRole(lines: readonly Line[]): Role {
  const role = lines.at(-1)?.message.role;
  if (role === undefined) return "system";
  return role === "user" ? "assistant" : "user";
}

/** The values a run asks for as far as the page can see, in order of appearance; the server knows better, and soon. */
export function slots(edit: Edit): Slot[] {
  const found = new Map<string, Slot>();
  const add = (name: string, type: Slot["type"]) => {
    if (name !== "" && !found.has(name)) found.set(name, { name, type });
  };
  for (const { message } of edit.lines) {
    if (message.role === "placeholder") add(message.content, "messages");
    else {
      for (const name of variablesIn(message.content)) add(name, "string");
      for (const { text, variable } of message.parts ?? []) {
        for (const name of variablesIn(text ?? "")) add(name, "string");
        add(variable ?? "", "parts");
      }
    }
  }
  return [...found.values()];
}
