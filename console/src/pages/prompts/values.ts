// The place for the values a person gives the variables of a prompt: text on the screen, typed on the wire.
import type { Variable } from "@/api/client";
import type { Slot } from "./draft";

export type Values = Readonly<Record<string, string>>;
export type Problem = "missing" | "integer" | "number" | "boolean" | "json" | "object" | "list";

/** What is sent, or what is wrong with which variable. A field left empty takes the variable's default. */
export interface Filled {
  values: Record<string, unknown>;
  problems: Record<string, Problem>;
}

export function filled(slots: readonly Slot[], typed: Values, known: readonly Variable[]): Filled {
  const result: Filled = { values: {}, problems: {} };
  for (const slot of slots) {
    const variable = variableOf(slot, known);
    const text = typed[slot.name] ?? "";
    if (text === "") {
      if (variable.needed && variable.default === undefined) result.problems[slot.name] = "missing";
      continue;
    }
    const value = read(variable.type, text);
    if (value instanceof Wrong) result.problems[slot.name] = value.problem;
    else result.values[slot.name] = value;
  }
  return result;
}

/** What is known of the variable in `slot`; one that nobody described is a text that is needed. */
export function variableOf(slot: Slot, known: readonly Variable[]): Variable {
  const described = known.find(({ name }) => name === slot.name) ?? slot.settings;
  const plain = { name: slot.name, description: "", type: slot.type, needed: true } as const;
  return { ...plain, ...described };
}

/** What a text is not. */
export class Wrong {
  readonly problem: Problem;

  constructor(problem: Problem) {
    this.problem = problem;
  }
}

/** The value of this type that `text` says, or what is wrong with it. */
export function read(type: Variable["type"], text: string): unknown {
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : new Wrong("integer");
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : new Wrong("number");
    case "boolean":
      return { true: true, false: false }[text.trim().toLowerCase()] ?? new Wrong("boolean");
    default:
      return readJson(type, text);
  }
}

function readJson(type: Variable["type"], text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Wrong("json");
  }
  if (type !== "object") return Array.isArray(value) ? value : new Wrong("list");
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : new Wrong("object");
}

/** The list that a text is as JSON, an empty one for nothing; undefined when it is something else. */
export function listIn(text: string): unknown[] | undefined {
  if (text.trim() === "") return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
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
