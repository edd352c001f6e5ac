// The place for what a model's parameters may be. What is not set is the vendor's default and is not sent.
import type { Parameters, Simulate } from "@/api/client";

export interface Range {
  least: number;
  most?: number;
  whole?: boolean;
}

type Numbers<T> = { [K in keyof T]-?: NonNullable<T[K]> extends number ? K : never }[keyof T];
export type NumberName = Numbers<Parameters>;
export type SimulateName = Numbers<Simulate>;

export const NUMBERS: readonly (readonly [NumberName, Range])[] = [
  ["temperature", { least: 0, most: 2 }],
  ["top_p", { least: 0, most: 1 }],
  ["max_tokens", { least: 1, whole: true }],
  ["seed", { least: Number.MIN_SAFE_INTEGER, whole: true }],
  ["reasoning_budget", { least: 0, whole: true }],
  ["presence_penalty", { least: -2, most: 2 }],
  ["frequency_penalty", { least: -2, most: 2 }],
];

export const SIMULATE: readonly (readonly [SimulateName, Range])[] = [
  ["tokens", { least: 0, most: 1_000_000, whole: true }],
  ["interval_ms", { least: 0, most: 60_000 }],
  ["first_ms", { least: 0, most: 600_000 }],
  ["reasoning_tokens", { least: 0, most: 1_000_000, whole: true }],
  ["tool_rounds", { least: 0, most: 100, whole: true }],
  ["seed", { least: Number.MIN_SAFE_INTEGER, whole: true }],
];

export type FaultKind = NonNullable<Simulate["fault"]>["kind"];

export const FAULTS: readonly FaultKind[] = [
  "permission",
  "rate_limit",
  "token_limit",
  "overloaded",
  "slow_first",
  "stall",
  "cut",
  "garbage",
  "moderation",
  "crash",
];

/** The number `text` says, undefined when it says none, or "bad" when it is out of range. */
export function numberIn(text: string, range: Range): number | undefined | "bad" {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const value = Number(trimmed);
  const fits = value >= range.least && value <= (range.most ?? Number.MAX_SAFE_INTEGER);
  return fits && (!range.whole || Number.isInteger(value)) ? value : "bad";
}

/** `settings` with one of them changed; undefined takes it away, and nothing is left of an empty whole. */
export function withSetting<T extends object, K extends keyof T>(
  settings: T | undefined,
  name: K,
  value: T[K] | undefined,
): T | undefined {
  const { [name]: _, ...rest } = settings ?? ({} as T);
  const changed = value === undefined ? rest : { ...rest, [name]: value };
  return Object.keys(changed).length > 0 ? (changed as T) : undefined;
}

/** How many are set. */
export function setCount(settings: object | undefined): number {
  return Object.values(settings ?? {}).filter((value) => value !== undefined).length;
}
