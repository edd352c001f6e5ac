// What the linter found in the draft: what, why it matters, and a button where a machine can mend it.

import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useText } from "@/text/text";
import type { Edit } from "./draft";
import { type Findings, mended } from "./findings";
import type { DraftActions } from "./use-draft";

const DOTS = { error: "bg-red", warning: "bg-amber", info: "bg-blue" } as const;

interface FindingListProps {
  edit: Edit;
  findings: Findings;
  actions: DraftActions;
}

export function FindingList({ edit, findings: { edit: seen, found }, actions }: FindingListProps) {
  const say = useText();
  if (found.length === 0) return null;
  return (
    <section aria-label={say("findings.title")} className="mt-8">
      <h2 className="eyebrow mb-2">{say("findings.title")}</h2>
      <ul>
        {found.map((finding, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: one rule may find the same twice.
            key={at}
            className="grid grid-cols-[auto_1fr_auto] items-baseline gap-x-3 border-line border-t py-2 text-[13px]"
          >
            <span
              role="img"
              aria-label={say(`severity.${finding.severity}`)}
              className={cn("size-1.5 -translate-y-px rounded-full", DOTS[finding.severity])}
            />
            <p>
              {finding.message}
              <span className="ml-2 text-faint">{finding.why}</span>
            </p>
            {finding.edits.length > 0 && (
              <Button
                size="small"
                disabled={edit !== seen}
                onClick={() => actions.edit((now) => (now === seen ? mended(now, finding) : now))}
              >
                {finding.fix ?? say("findings.fix")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
