// The place for what the address of the page says: how the prompt is run, with what, and which answer is looked at.
import { type Pane, panesIn } from "./panes";
import { type View, viewIn } from "./view";

export const LEAST_RUNS = 2;
export const MOST_RUNS = 10;

export interface BenchSearch extends View {
  /** What is compared side by side. */
  panes?: Pane[];
  /** Which pane the others are set against; the first when absent. */
  reference?: number;
  /** How often the same is run. */
  runs?: number;
  /** Which of the runs is looked at; the first when absent. */
  at?: number;
  /** The answers are a conversation. */
  talk?: true;
  /** The saved input that is tried. */
  set?: string;
}

export type Mode = "one" | "panes" | "runs" | "talk";

export function benchSearch(found: Record<string, unknown>): BenchSearch {
  const panes = panesIn(found["panes"]);
  const runs = whole(found["runs"], LEAST_RUNS, MOST_RUNS);
  const set = found["set"];
  const mode: Mode = panes ? "panes" : runs !== undefined ? "runs" : found["talk"] ? "talk" : "one";
  const reference = whole(found["reference"], 1, (panes?.length ?? 1) - 1);
  const at = whole(found["at"], 1, (runs ?? 1) - 1);
  return {
    ...viewIn(found),
    ...(mode === "panes" && panes && { panes, ...(reference !== undefined && { reference }) }),
    ...(mode === "runs" && runs !== undefined && { runs, ...(at !== undefined && { at }) }),
    ...(mode === "talk" && { talk: true as const }),
    ...((typeof set === "string" || typeof set === "number") && set !== "" && { set: String(set) }),
  };
}

export function modeOf(search: BenchSearch): Mode {
  if (search.panes) return "panes";
  if (search.runs !== undefined) return "runs";
  return search.talk ? "talk" : "one";
}

/** The same page in another mode: the saved input stays, and how the prompt is written. */
export function inMode(search: BenchSearch, mode: Omit<BenchSearch, "set">): BenchSearch {
  return { ...viewIn({ ...search }), ...(search.set !== undefined && { set: search.set }), ...mode };
}

function whole(found: unknown, least: number, most: number): number | undefined {
  return typeof found === "number" && Number.isInteger(found) && found >= least && found <= most ? found : undefined;
}
