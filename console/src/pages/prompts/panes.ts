// The place for several answers to one prompt, side by side: what each runs, and how one text differs from another.
import { diffWordsWithSpace } from "diff";
import type { Parameters } from "@/api/client";

export const LEAST_PANES = 2;
export const MOST_PANES = 10;

/** What one pane runs: the draft unless a version or label is named; a model and parameters in place of its own. */
export interface Pane {
  version?: string;
  label?: string;
  model?: string;
  parameters?: Parameters;
}

/** The panes an address names; undefined when it names none. A text is a model that the draft runs on. */
export function panesIn(found: unknown): Pane[] | undefined {
  if (!Array.isArray(found)) return undefined;
  const panes = found.map(paneIn).filter((pane) => pane !== undefined);
  return panes.length > 0 ? panes.slice(0, MOST_PANES) : undefined;
}

function paneIn(found: unknown): Pane | undefined {
  if (typeof found === "string") return found ? { model: found } : {};
  if (typeof found !== "object" || found === null || Array.isArray(found)) return undefined;
  const { version, label, model, parameters } = found as Record<string, unknown>;
  return {
    ...(isName(version) && { version: String(version) }),
    ...(isName(label) && { label: String(label) }),
    ...(isName(model) && { model: String(model) }),
    ...(typeof parameters === "object" && parameters !== null && { parameters: parameters as Parameters }),
  };
}

/** An address holds a version like 3 as a number. */
function isName(found: unknown): boolean {
  return (typeof found === "string" && found !== "") || typeof found === "number";
}

/** Two panes to begin with: what the prompt runs on, and another model when there is one. */
export function firstPanes(model: string, known: readonly string[]): Pane[] {
  const other = known.find((id) => id !== model);
  return [{}, other === undefined ? {} : { model: other }];
}

/** `pane` with what is named put in the place of what was there; undefined takes it away. */
export function withChoice(pane: Pane, change: { [K in keyof Pane]: Pane[K] | undefined }): Pane {
  const entries = Object.entries({ ...pane, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Pane;
}

/** The pane that others are set against after `at` was taken away. */
export function referenceWithout(reference: number, at: number): number {
  if (at === reference) return 0;
  return at < reference ? reference - 1 : reference;
}

/** A piece of a text that is also in the reference, or is not. */
export interface Piece {
  text: string;
  fresh: boolean;
}

/** `text` in pieces, each in the reference or not; what the reference has beyond it is counted. */
export function against(reference: string, text: string): { pieces: Piece[]; missing: number } {
  const changes = diffWordsWithSpace(reference, text);
  const pieces = changes.filter(({ removed }) => !removed).map(({ value, added }) => ({ text: value, fresh: added }));
  const removed = changes.filter((change) => change.removed).map(({ value }) => value);
  return { pieces, missing: removed.join(" ").match(/\S+/g)?.length ?? 0 };
}
