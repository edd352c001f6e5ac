// The place for what the page remembers of the server, and under which name.
import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { getPrompt, listModels, type Prompt } from "@/api/client";
import { listShelves, type Sought, searchPrompts } from "@/api/library";

export const promptKey = (key: string) => ["prompts", key] as const;

/** Everything that is known of prompts among many. */
const LIBRARY = "library";

export const searchQuery = (sought: Sought) =>
  queryOptions({
    queryKey: [LIBRARY, "search", sought],
    queryFn: ({ signal }) => searchPrompts(sought, signal),
    placeholderData: keepPreviousData,
  });

export const shelvesQuery = queryOptions({
  queryKey: [LIBRARY, "shelves"],
  queryFn: ({ signal }) => listShelves(signal),
});

/** Prompts were made, renamed, moved or deleted. */
export function refreshLibrary(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: [LIBRARY] });
}

export const promptQuery = (key: string) =>
  queryOptions({
    queryKey: promptKey(key),
    queryFn: ({ signal }) => getPrompt(key, signal),
    // Two people on one prompt see each other's work soon, and meet in a conflict early.
    refetchInterval: 5_000,
  });

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => listModels(signal),
  staleTime: 60_000,
});

/** Show `prompt` wherever it is shown; lists are read again when they show something else of it. */
export function rememberPrompt(queries: QueryClient, prompt: Prompt): void {
  const before = queries.getQueryData(promptQuery(prompt.key).queryKey);
  queries.setQueryData(promptQuery(prompt.key).queryKey, prompt);
  if (before?.name !== prompt.name || before.draft.model !== prompt.draft.model) void refreshLibrary(queries);
}
