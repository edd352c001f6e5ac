// The place for the values a person gives the variables of a prompt, and what a run makes of them.
import type { Variable } from "@/api/client";
import type { Slot } from "./draft";

export type Values = Readonly<Record<string, string>>;
export type Problem = "missing" | "not messages";

/** What is sent, or what is wrong with which variable. A field left empty takes the variable's default. */
export interface Filled {
  values: Record<string, unknown>;
  problems: Record<string, Problem>;
}

export function filled(slots: readonly Slot[], typed: Values, known: readonly Variable[]): Filled {
  const result: Filled = { values: {}, problems: {} };
  for (const { name, placeholder } of slots) {
    const text = typed[name] ?? "";
    if (text === "") {
      if (known.find((variable) => variable.name === name)?.default === undefined) result.problems[name] = "missing";
    } else if (placeholder) {
      const messages = parsed(text);
      if (Array.isArray(messages)) result.values[name] = messages;
      else result.problems[name] = "not messages";
    } else result.values[name] = text;
  }
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON value as a person reads it: a text as itself. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function keptValues(key: string): Values {
  try {
    return JSON.parse(localStorage.getItem(`promptwire.values.${key}`) ?? "{}") as Values;
  } catch {
    return {};
  }
}

export function keepValues(key: string, values: Values): void {
  try {
    localStorage.setItem(`promptwire.values.${key}`, JSON.stringify(values));
  } catch {
    // Storage is closed: the values last as long as the page.
  }
}
