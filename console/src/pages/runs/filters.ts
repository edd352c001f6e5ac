// The place for which runs a person looks for, as it stands in the address. All pure.
import type { RunStatus, RunsAsked } from "@/api/records";

export const STATUSES = ["done", "failed", "cancelled", "running", "lost"] as const satisfies readonly RunStatus[];

/** How far back: an hour, a day, a week; absent is everything that is kept. */
const SPANS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

export interface RunFilters {
  status?: RunStatus;
  version?: string;
  person?: string;
  model?: string;
  within?: keyof typeof SPANS;
  text?: string;
}

/** The filters in an address; what is no filter is left out. */
export function filtersIn(search: Record<string, unknown>): RunFilters {
  const found: RunFilters = {};
  const status = STATUSES.find((it) => it === search["status"]);
  if (status) found.status = status;
  for (const name of ["version", "person", "model", "text"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") found[name] = value;
    else if (typeof value === "number") found[name] = String(value);
  }
  const within = search["within"];
  if (within === "hour" || within === "day" || within === "week") found.within = within;
  return found;
}

/** `filters` with `name` at `value`; an empty value takes it away. */
export function withFilter<K extends keyof RunFilters>(filters: RunFilters, name: K, value: string): RunFilters {
  const { [name]: _, ...rest } = filters;
  return filtersIn(value === "" ? rest : { ...rest, [name]: value });
}

/** What the server is asked at the time `now`. */
export function asked(filters: RunFilters, now: number): RunsAsked {
  const { status, within, ...plain } = filters;
  return {
    ...plain,
    ...(status && { status: [status] }),
    ...(within && { since: new Date(now - SPANS[within]).toISOString() }),
  };
}
