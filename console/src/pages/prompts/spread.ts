// The place for how much the answers to one and the same request differ. All pure.
import { figures, type Run } from "./run";

/** Answers that say the same, spaces at their ends aside. `runs` are their places. */
export interface Group {
  text: string;
  runs: readonly number[];
}

/** The least, the middle and the greatest of a figure, of the answers that have it. */
export interface Span {
  least: number;
  median: number;
  most: number;
}

export interface Spread {
  /** The most common answer first. */
  groups: readonly Group[];
  complete: number;
  /** The part of the complete answers that say what the most of them say. */
  agreement?: number;
  characters?: Span;
  tokens?: Span;
  firstToken?: Span;
  elapsed?: Span;
  cost?: Span;
}

export function spread(runs: readonly Run[]): Spread {
  const complete = runs.filter(({ phase }) => phase === "done");
  const groups = grouped(runs);
  const largest = groups[0]?.runs.length;
  const shown = complete.map((run) => figures(run, 0));
  return {
    groups,
    complete: complete.length,
    ...(largest !== undefined && { agreement: largest / complete.length }),
    ...spans({
      characters: complete.map(({ text }) => [...text.trim()].length),
      tokens: shown.map(({ tokens }) => tokens),
      firstToken: shown.map(({ firstToken }) => firstToken),
      elapsed: shown.map(({ elapsed }) => elapsed),
      cost: shown.map(({ cost }) => cost),
    }),
  };
}

/** Which group the run at this place belongs to; undefined while it is not complete. */
export function groupOf({ groups }: Spread, at: number): number | undefined {
  const found = groups.findIndex(({ runs }) => runs.includes(at));
  return found < 0 ? undefined : found;
}

function grouped(runs: readonly Run[]): Group[] {
  const places = new Map<string, number[]>();
  runs.forEach((run, at) => {
    if (run.phase !== "done") return;
    const text = run.text.trim();
    places.set(text, [...(places.get(text) ?? []), at]);
  });
  const groups = [...places].map(([text, found]) => ({ text, runs: found }));
  return groups.sort((one, other) => other.runs.length - one.runs.length); // Stable: of equals the earlier is first.
}

function spans<K extends string>(figures: Record<K, readonly (number | undefined)[]>): Partial<Record<K, Span>> {
  const found: Partial<Record<K, Span>> = {};
  for (const name of Object.keys(figures) as K[]) {
    const span = spanOf(figures[name].filter((value) => value !== undefined));
    if (span) found[name] = span;
  }
  return found;
}

function spanOf(values: readonly number[]): Span | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  const upper = sorted[sorted.length >> 1] ?? most;
  const lower = sorted[(sorted.length - 1) >> 1] ?? least;
  return { least, median: (lower + upper) / 2, most };
}
