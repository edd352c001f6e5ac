// The place for what the page remembers of a prompt's versions, and for what changes them.
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { reasonOf } from "@/api/client";
import {
  type Decision,
  diffOf,
  fetchVersion,
  listBranches,
  listLabels,
  listMoves,
  listVersions,
  mergeOf,
} from "@/api/versions";
import { promptKey } from "../../queries";

const under = (key: string) => [...promptKey(key), "versions"] as const;
const REFRESH_MS = 10_000;

export const versionsQuery = (key: string) =>
  queryOptions({
    queryKey: [...under(key), "list"],
    queryFn: ({ signal }) => listVersions(key, signal),
    refetchInterval: REFRESH_MS,
  });

/** What a version, or the version a label points at, says. */
export const committedQuery = (key: string, { version, label }: { version?: string; label?: string }) =>
  queryOptions({
    queryKey: [...promptKey(key), "committed", version ?? null, label ?? null],
    queryFn: ({ signal }) => fetchVersion(key, { ...(version === undefined ? { label } : { version }) }, signal),
  });

const branchesQuery = (key: string) =>
  queryOptions({
    queryKey: [...under(key), "branches"],
    queryFn: ({ signal }) => listBranches(key, signal),
    refetchInterval: REFRESH_MS,
  });

export const labelsQuery = (key: string) =>
  queryOptions({ queryKey: [...under(key), "labels"], queryFn: ({ signal }) => listLabels(key, signal) });

export const movesQuery = (key: string) =>
  queryOptions({ queryKey: [...under(key), "moves"], queryFn: ({ signal }) => listMoves(key, signal) });

export const versionQuery = (key: string, version: string) =>
  queryOptions({
    queryKey: [...under(key), "one", version],
    queryFn: ({ signal }) => fetchVersion(key, { version }, signal),
    staleTime: Number.POSITIVE_INFINITY, // A version never changes.
  });

export const diffQuery = (key: string, before: string, after: string, revision: number) =>
  queryOptions({
    queryKey: [...under(key), "diff", before, after, revision],
    queryFn: ({ signal }) => diffOf(key, before, after, signal),
  });

export const mergeQuery = (key: string, ours: string, theirs: string, decisions: Decision[], revision: number) =>
  queryOptions({
    queryKey: [...under(key), "merge", ours, theirs, decisions, revision],
    queryFn: ({ signal }) => mergeOf(key, ours, theirs, decisions, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** The versions and branches of a prompt, as far as they are known. */
export function useVersions(key: string) {
  const { data: versions = [] } = useQuery(versionsQuery(key));
  const { data: branches = [] } = useQuery(branchesQuery(key));
  return { versions, branches };
}

/** Does something to a prompt's versions, shows what came of it, and says why when nothing did. */
export function useDoing(key: string) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const attempt = useCallback(
    async <T>(action: () => Promise<T>): Promise<T | undefined> => {
      setBusy(true);
      setProblem("");
      try {
        const made = await action();
        await queries.invalidateQueries({ queryKey: promptKey(key) });
        return made;
      } catch (failure) {
        setProblem(reasonOf(failure));
        return undefined;
      } finally {
        setBusy(false);
      }
    },
    [queries, key],
  );
  return { attempt, problem, busy };
}
