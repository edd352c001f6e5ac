// The place for what the page remembers of runs and traces, and under which name.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getRun, getTrace, listPromptRuns } from "@/api/records";
import { asked, type RunFilters } from "./filters";

const FRESH_MS = 3_000;

export const runsQuery = (key: string, filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ["runs", key, filters],
    queryFn: ({ signal, pageParam }) =>
      listPromptRuns(key, { ...asked(filters, Date.now()), ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    refetchInterval: FRESH_MS,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => getRun(id, signal),
    refetchInterval: ({ state }) => (state.data?.status === "running" ? 1_000 : false),
  });

export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ["trace", id],
    queryFn: ({ signal }) => getTrace(id, signal),
    // The spans of a run that goes on, and of other processes, come as they end.
    refetchInterval: FRESH_MS,
  });
