// Two edits become one: what both changed differently is decided by a person, then the merge is committed.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { updateDraft } from "@/api/client";
import { commitVersion, type Decision, type MergeConflict } from "@/api/versions";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { TextArea } from "@/parts/field";
import { useText } from "@/text/text";
import { useOpenDraft } from "../open-draft";
import { MessageField, NumberField } from "./commit-dialog";
import { Difference } from "./diff-view";
import { readable } from "./difference";
import { headOf } from "./lineage";
import { mergeQuery, useDoing, useVersions } from "./use-versions";

interface MergeViewProps {
  /** What is merged into which branch; the same twice: the draft with its branch. */
  merge: string;
  into: string;
  onDone: (version: string) => void;
  onCancel: () => void;
}

export function MergeView({ merge, into, onDone, onCancel }: MergeViewProps) {
  const say = useText();
  const [draft] = useOpenDraft();
  const { key, revision } = draft.base;
  const ours = merge === into ? "draft" : into;
  const { branches } = useVersions(key);
  // What is merged is what is committed or kept as the draft's base: a version, not wherever the branch goes meanwhile.
  const theirs = headOf(branches, merge) ?? merge;
  const [decisions, setDecisions] = useState<Decision[]>([]);
  const open = useQuery(mergeQuery(key, ours, theirs, [], revision));
  const settled = useQuery(mergeQuery(key, ours, theirs, decisions, revision));
  if (open.error) {
    return (
      <p role="alert" className="text-red">
        {open.error.message}
      </p>
    );
  }
  if (!open.data) return <p className="text-faint">{say("app.loading")}</p>;
  const { conflicts, base } = open.data;
  const decide = (decision: Decision) =>
    setDecisions((all) => [...all.filter(({ path }) => path !== decision.path), decision]);
  const left = settled.data?.conflicts.length ?? conflicts.length;
  return (
    <section aria-label={say("merge.title", { theirs: merge, ours: name(ours, say("states.draft")) })}>
      <h2 className="font-serif text-[22px]">
        {say("merge.title", { theirs: merge, ours: name(ours, say("states.draft")) })}
      </h2>
      <p className="mt-1 text-soft">
        {base ? say("merge.over", { version: base }) : say("merge.overNothing")}{" "}
        {conflicts.length === 0 ? say("merge.clean") : say("merge.conflicts", { n: conflicts.length })}
      </p>
      {conflicts.map((conflict) => (
        <ConflictCard
          key={conflict.path}
          conflict={conflict}
          decision={decisions.find(({ path }) => path === conflict.path)}
          onDecide={decide}
        />
      ))}
      {settled.error && (
        <p role="alert" className="mt-4 rounded-lg bg-red-wash px-3 py-2 text-[13px] text-red">
          {settled.error.message}
        </p>
      )}
      <MergeForm
        merge={merge}
        into={into}
        content={left === 0 && !settled.error && !settled.isPlaceholderData ? settled.data?.content : undefined}
        left={left}
        onDone={onDone}
        onCancel={onCancel}
      />
      {base && (
        <div className="mt-9">
          <h3 className="font-serif text-[18px]">{say("merge.theirs", { theirs: merge, version: base })}</h3>
          <Difference promptKey={key} before={base} after={merge} revision={revision} />
        </div>
      )}
    </section>
  );
}

function name(ours: string, draft: string): string {
  return ours === "draft" ? draft : ours;
}

interface ConflictCardProps {
  conflict: MergeConflict;
  decision: Decision | undefined;
  onDecide: (decision: Decision) => void;
}

function ConflictCard({ conflict, decision, onDecide }: ConflictCardProps) {
  const say = useText();
  const { path, base, ours, theirs } = conflict;
  const [choice, setChoice] = useState<"ours" | "theirs" | "edited">();
  const texts = typeof ours === "string" || typeof theirs === "string";
  const [typed, setTyped] = useState(() =>
    [ours, theirs]
      .filter((it) => it !== undefined)
      .map(readable)
      .join("\n"),
  );
  const bad = choice === "edited" && !texts && parsed(typed) === undefined;
  const decide = (chosen: "ours" | "theirs" | "edited", text = typed) => {
    setChoice(chosen);
    const value = chosen === "ours" ? ours : chosen === "theirs" ? theirs : texts ? text : parsed(text);
    if (chosen !== "edited" || value !== undefined) onDecide({ path, ...(value !== undefined && { value }) });
  };
  return (
    <fieldset className="mt-5 rounded-xl border border-line p-4" data-decided={decision !== undefined}>
      <legend className="px-1 font-mono text-[12px] text-faint">{path}</legend>
      {base !== undefined && (
        <p className="mb-3 whitespace-pre-wrap text-[13px] text-faint line-through">{readable(base)}</p>
      )}
      <div className="grid gap-2 md:grid-cols-2">
        {(["ours", "theirs"] as const).map((side) => (
          <label
            key={side}
            className={cn(
              "block cursor-pointer rounded-lg border p-3 has-focus-visible:outline-2 has-focus-visible:outline-blue",
              choice === side ? "border-blue bg-blue-wash" : "border-line hover:border-edge",
            )}
          >
            <span className="flex items-center gap-2 font-medium text-[13px]">
              <input type="radio" name={path} checked={choice === side} onChange={() => decide(side)} />
              {say(`merge.${side}.label`)}
            </span>
            <span className="mt-1.5 block whitespace-pre-wrap break-words">
              {conflict[side] === undefined ? say("merge.gone") : readable(conflict[side])}
            </span>
          </label>
        ))}
      </div>
      <label className="mt-2 flex items-center gap-2 font-medium text-[13px]">
        <input type="radio" name={path} checked={choice === "edited"} onChange={() => decide("edited")} />
        {say("merge.edited.label")}
      </label>
      {choice === "edited" && (
        <TextArea
          className="mt-2"
          aria-label={say("merge.edited.label")}
          aria-invalid={bad}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            decide("edited", event.target.value);
          }}
        />
      )}
    </fieldset>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface MergeFormProps {
  merge: string;
  into: string;
  /** What is committed; undefined while something is open. */
  content: Parameters<typeof commitVersion>[1]["content"] | undefined;
  left: number;
  onDone: (version: string) => void;
  onCancel: () => void;
}

function MergeForm({ merge, into, content, left, onDone, onCancel }: MergeFormProps) {
  const say = useText();
  const navigate = useNavigate();
  const [draft, actions] = useOpenDraft();
  const { key, base } = draft.base;
  const { branches } = useVersions(key);
  const { attempt, problem, busy } = useDoing(key);
  const [message, setMessage] = useState(() => say("merge.message", { theirs: merge, ours: into }));
  const [number, setNumber] = useState("");
  const ofDraft = merge === into;

  const commit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await attempt(async () => {
      const stored = await actions.kept();
      if (!content || !stored) throw new Error(say("commit.unsaved"));
      const other = ofDraft ? base : headOf(branches, merge);
      const made = await commitVersion(key, {
        message,
        branch: into,
        content,
        base: headOf(branches, into) ?? "",
        ...(number && { version: number }),
        ...(other && { merged: other }),
      });
      const version = made.version.version;
      if (ofDraft) await updateDraft(stored, { draft: content, revision: stored.revision, base: version });
      return version;
    });
    if (made) onDone(made);
  };
  const keep = async () => {
    const head = headOf(branches, into);
    const kept = await attempt(async () => {
      const stored = await actions.kept();
      if (!content || !stored || !head) throw new Error(say("commit.unsaved"));
      return updateDraft(stored, { draft: content, revision: stored.revision, base: head });
    });
    if (kept) void navigate({ to: "/prompts/$key", params: { key } });
  };
  return (
    <form onSubmit={(event) => void commit(event)} className="mt-6 grid gap-4 rounded-xl bg-well/60 p-4">
      <MessageField value={message} onChange={setMessage} />
      <NumberField value={number} onChange={setNumber} />
      {problem && (
        <p role="alert" className="text-[13px] text-red">
          {problem}
        </p>
      )}
      <div className="flex items-center justify-end gap-2">
        {left > 0 && <span className="mr-auto text-[13px] text-soft">{say("merge.left", { n: left })}</span>}
        <Button look="ghost" onClick={onCancel}>
          {say("form.cancel")}
        </Button>
        {ofDraft && (
          <Button disabled={busy || !content} onClick={() => void keep()}>
            {say("merge.keep")}
          </Button>
        )}
        <Button look="ink" type="submit" disabled={busy || !content}>
          {say("merge.commit")}
        </Button>
      </div>
    </form>
  );
}
