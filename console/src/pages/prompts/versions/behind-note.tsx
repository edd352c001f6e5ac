// Says that the draft is behind its branch, and brings it up to date where it is.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { GitMerge } from "lucide-react";
import { updateDraft } from "@/api/client";
import { mergeOf } from "@/api/versions";
import { Button } from "@/parts/button";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { rememberPrompt } from "../../queries";
import { useOpenDraft } from "../open-draft";
import { behind } from "./lineage";
import { useDoing, useVersions } from "./use-versions";

export function BehindNote() {
  const say = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, { kept }] = useOpenDraft();
  const { key, base } = draft.base;
  const { versions, branches } = useVersions(key);
  const { attempt, problem, busy } = useDoing(key);
  const found = behind(versions, branches, base);
  if (!found) return null;
  const { branch, head } = found;
  const update = async () => {
    const stored = await kept();
    if (!stored) throw new Error(say("commit.unsaved"));
    const { content, conflicts } = await mergeOf(key, "draft", head, []);
    if (conflicts.length > 0) {
      await navigate({ to: "/prompts/$key/versions", params: { key }, search: { merge: branch, into: branch } });
    } else {
      rememberPrompt(queries, await updateDraft(stored, { draft: content, revision: stored.revision, base: head }));
    }
  };
  return (
    <>
      {problem && (
        <span role="alert" className="truncate text-[13px] text-red" title={problem}>
          {problem}
        </span>
      )}
      <Hint text={say("draft.behind", { branch, version: head })}>
        <Button look="ghost" size="small" className="text-amber" disabled={busy} onClick={() => void attempt(update)}>
          <GitMerge /> {say("draft.update", { version: head })}
        </Button>
      </Hint>
    </>
  );
}
