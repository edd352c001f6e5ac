// The place for what the page remembers of the server, and under which name.
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { getPrompt, listModels, listPrompts, type Prompt } from "@/api/client";

export const promptKey = (key: string) => ["prompts", key] as const;

export const promptsQuery = queryOptions({ queryKey: ["prompts"], queryFn: ({ signal }) => listPrompts(signal) });

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

/** Show `prompt` wherever it is shown, without asking again. */
export function rememberPrompt(queries: QueryClient, prompt: Prompt): void {
  queries.setQueryData(promptQuery(prompt.key).queryKey, prompt);
  queries.setQueryData(promptsQuery.queryKey, (all) => {
    if (!all) return all;
    return [prompt, ...all.filter(({ key }) => key !== prompt.key)];
  });
}
