// The place where rows are read and written, and everything that shows models hears of it.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import {
  deleteModel,
  deleteProvider,
  listHealth,
  listModelRows,
  listProviders,
  type ModelRow,
  type Provider,
  putModel,
  putProvider,
} from "@/api/catalogue";

export const providersQuery = queryOptions({
  queryKey: ["catalogue", "providers"],
  queryFn: ({ signal }) => listProviders(signal),
});

export const rowsQuery = queryOptions({
  queryKey: ["catalogue", "rows"],
  queryFn: ({ signal }) => listModelRows(signal),
});

export const healthQuery = queryOptions({
  queryKey: ["catalogue", "health"],
  queryFn: ({ signal }) => listHealth(signal),
  refetchInterval: 5_000,
});

type Change =
  | { put: "provider"; row: Provider }
  | { put: "model"; row: ModelRow }
  | { drop: "provider" | "model"; id: string };

async function perform(change: Change): Promise<unknown> {
  if ("drop" in change) return change.drop === "provider" ? deleteProvider(change.id) : deleteModel(change.id);
  return change.put === "provider" ? putProvider(change.row) : putModel(change.row);
}

/** Writes rows; `onDone` is called after one was written. */
export function useSaving(onDone?: () => void) {
  const queries = useQueryClient();
  const { mutate, error } = useMutation({
    mutationFn: perform,
    onSuccess: async () => {
      onDone?.();
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["catalogue"] }),
        queries.invalidateQueries({ queryKey: ["models"] }),
      ]);
    },
  });
  return {
    saveProvider: (row: Provider) => mutate({ put: "provider", row }),
    saveModel: (row: ModelRow) => mutate({ put: "model", row }),
    dropProvider: (id: string) => mutate({ drop: "provider", id }),
    dropModel: (id: string) => mutate({ drop: "model", id }),
    problem: error?.message ?? "",
  };
}
