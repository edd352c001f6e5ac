// The place where what is on the screen meets what is saved: texts in fields there, typed values here. All pure.
import type { Message, Variable } from "@/api/client";
import type { Input } from "@/api/inputs";
import type { Slot } from "./draft";
import { read, shown, type Values, variableOf, Wrong } from "./values";

/** What a person tries the prompt with. */
export interface Tried {
  values: Record<string, unknown>;
  messages: readonly Message[];
}

/** What would be saved. A text that is no value of its type yet is kept as it is. */
export function tried(
  slots: readonly Slot[],
  typed: Values,
  known: readonly Variable[],
  messages: readonly Message[],
): Tried {
  const values: Record<string, unknown> = {};
  for (const slot of slots) {
    const text = typed[slot.name] ?? "";
    if (text === "") continue;
    const value = read(variableOf(slot, known).type, text);
    values[slot.name] = value instanceof Wrong ? text : value;
  }
  return { values, messages };
}

/** What the fields show of a saved input; fields it does not name are emptied. */
export function typedOf(input: Pick<Input, "values">, typed: Values): Values {
  const emptied = Object.fromEntries(Object.keys(typed).map((name) => [name, ""]));
  const filled = Object.entries(input.values ?? {}).map(([name, value]) => [name, shown(value)]);
  return { ...emptied, ...Object.fromEntries(filled) };
}

/** Whether saving would change something. */
export function differs(input: Pick<Input, "values" | "messages">, now: Tried): boolean {
  return canonical({ values: input.values ?? {}, messages: input.messages ?? [] }) !== canonical(now);
}

function canonical({ values, messages }: Tried): string {
  const said = messages.map(({ content, ...rest }) => ({ content: content ?? "", ...rest }));
  return JSON.stringify([values, said], (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** Which saved input the fields of this browser were last filled from; empty: none, undefined: never any. */
export function keptSet(key: string): string | undefined {
  try {
    return localStorage.getItem(place(key)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepSet(key: string, id: string): void {
  try {
    localStorage.setItem(place(key), id);
  } catch {
    // Storage is closed: the address still says which it is.
  }
}

function place(key: string): string {
  return `promptwire.set.${key}`;
}
