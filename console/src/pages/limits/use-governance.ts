// The place where limits, budgets and rules are read, watched and written.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { listBudgets, listLevels, listLimits, listRuleSets, listSpending } from "@/api/governance";

const LIVE_MS = 1_000;

export const limitsQuery = queryOptions({
  queryKey: ["governance", "limits"],
  queryFn: ({ signal }) => listLimits(signal),
});

export const levelsQuery = queryOptions({
  queryKey: ["governance", "levels"],
  queryFn: ({ signal }) => listLevels(signal),
  refetchInterval: LIVE_MS,
});

export const budgetsQuery = queryOptions({
  queryKey: ["governance", "budgets"],
  queryFn: ({ signal }) => listBudgets(signal),
});

export const spendingQuery = queryOptions({
  queryKey: ["governance", "spending"],
  queryFn: ({ signal }) => listSpending(signal),
  refetchInterval: LIVE_MS,
});

export const ruleSetsQuery = queryOptions({
  queryKey: ["governance", "rules"],
  queryFn: ({ signal }) => listRuleSets(signal),
});

/** Writes with `write`; everything about governance is then read again. `onDone` is called after it was written. */
export function useWriting<T>(write: (value: T) => Promise<void>, onDone?: () => void) {
  const queries = useQueryClient();
  const { mutate, error } = useMutation({
    mutationFn: write,
    onSuccess: async () => {
      onDone?.();
      await queries.invalidateQueries({ queryKey: ["governance"] });
    },
  });
  return { write: mutate, problem: error?.message ?? "" };
}
