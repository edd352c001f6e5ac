// The place where a draft is read by the server, a moment after the last change.
import { queryOptions } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { lint } from "@/api/authoring";
import type { Content } from "@/api/client";
import { usePreferences } from "@/preferences";
import { told } from "@/text/findings";
import { contentOf, type Edit } from "./draft";
import type { Findings } from "./findings";
import { slim } from "./slim";

const PAUSE_MS = 300;

/** What is said of `edit`, a draft of the prompt `key`, in the language of the page. */
export function useFindings(edit: Edit, key: string): Findings {
  const { language } = usePreferences();
  const [findings, setFindings] = useState<Findings>({ edit, found: [] });
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(() => {
      const content = contentOf(edit);
      lint(slim(content), key, left.signal).then(
        (reply) => !left.signal.aborted && setFindings({ edit, found: isBlank(content) ? [] : reply.findings, reply }),
        () => undefined, // Help that does not come is no error of the person's.
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [edit, key]);
  return useMemo(
    () => ({ ...findings, found: findings.found.map((finding) => told(finding, language)) }),
    [findings, language],
  );
}

/** Whether nothing is written yet, and so nothing could be better. */
function isBlank({ messages }: Content): boolean {
  return messages.every(({ content, parts, tool_calls }) => content.trim() === "" && !parts && !tool_calls);
}

/** What is said of a content that nobody edits. */
export const readingQuery = (key: string, content: Content) =>
  queryOptions({
    queryKey: ["prompts", key, "reading", content],
    queryFn: ({ signal }) => lint(slim(content), key, signal),
  });
