// The place where a draft is looked at by the linter, a moment after the last change.
import { useEffect, useState } from "react";
import { lint } from "@/api/authoring";
import { contentOf, type Edit } from "./draft";
import type { Findings } from "./findings";

const PAUSE_MS = 400;

export function useFindings(edit: Edit): Findings {
  const [findings, setFindings] = useState<Findings>({ edit, found: [] });
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(() => {
      lint(contentOf(edit), left.signal).then(
        (found) => !left.signal.aborted && setFindings({ edit, found }),
        () => undefined, // Help that does not come is no error of the person's.
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [edit]);
  return findings;
}
