// The place for what the page remembers of a prompt's versions, and under which names.
import { queryOptions } from "@tanstack/react-query";
import { fetchVersion, listVersions } from "@/api/versions";
import { promptKey } from "../../queries";

export const versionsQuery = (key: string) =>
  queryOptions({
    queryKey: [...promptKey(key), "versions"],
    queryFn: ({ signal }) => listVersions(key, signal),
  });

/** What a version, or the version a label points at, says. */
export const committedQuery = (key: string, { version, label }: { version?: string; label?: string }) =>
  queryOptions({
    queryKey: [...promptKey(key), "committed", version ?? null, label ?? null],
    queryFn: ({ signal }) => fetchVersion(key, { ...(version === undefined ? { label } : { version }) }, signal),
  });
