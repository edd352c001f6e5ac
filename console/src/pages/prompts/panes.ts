// The place for several answers to one prompt, side by side: which models, and how one text differs from another.
import { diffWordsWithSpace } from "diff";

export const LEAST_PANES = 2;
export const MOST_PANES = 10;

/** The panes an address names; undefined when it names none. */
export function panesIn(found: unknown): string[] | undefined {
  if (!Array.isArray(found)) return undefined;
  const models = found.filter((model): model is string => typeof model === "string");
  return models.length > 0 ? models.slice(0, MOST_PANES) : undefined;
}

/** Two panes to begin with: what the prompt runs on, and another model when there is one. */
export function firstPanes(model: string, known: readonly string[]): string[] {
  return [model, known.find((id) => id !== model) ?? model];
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
