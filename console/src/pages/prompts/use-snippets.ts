// The snippets that a prompt may include: all but itself.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { listSnippets } from "@/api/authoring";
import type { Includable } from "@/editor/includes";

const snippetsQuery = queryOptions({
  queryKey: ["snippets"],
  queryFn: ({ signal }) => listSnippets(signal),
  staleTime: 5_000,
});

const NONE: readonly Includable[] = [];

export function useSnippets(key: string): readonly Includable[] {
  const { data } = useQuery({ ...snippetsQuery, select: (all) => includable(all, key) });
  return data ?? NONE;
}

function includable(all: Awaited<ReturnType<typeof listSnippets>>, own: string): readonly Includable[] {
  return all
    .filter(({ key }) => key !== own)
    .map(({ name = "", versions = [], ...rest }) => ({ ...rest, name, versions }));
}
