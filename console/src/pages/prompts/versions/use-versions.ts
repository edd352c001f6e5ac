// The place for what the page remembers of a prompt's versions, and under which names.
import { queryOptions } from "@tanstack/react-query";
import { listVersions } from "@/api/versions";
import { promptKey } from "../../queries";

export const versionsQuery = (key: string) =>
  queryOptions({
    queryKey: [...promptKey(key), "versions"],
    queryFn: ({ signal }) => listVersions(key, signal),
  });
