// The place where an edit is kept: in this tab at once, on the server a moment later.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { ApiFailure, getPrompt, type Prompt, updateDraft } from "@/api/client";
import type { ErrorObject } from "@/api/stream";
import { promptKey, rememberPrompt } from "../queries";
import { type Draft, next, opened } from "./autosave";
import { contentOf, type Edit, editOf, same } from "./draft";
import { forgetUnsaved, keepUnsaved, unsaved } from "./unsaved";

const PAUSE_MS = 600;
const LONGEST_PAUSE_MS = 30_000;

export interface DraftActions {
  /** `what` names the place of the change; changes of one place in quick succession are undone as one. */
  edit: (change: (edit: Edit) => Edit, what?: string) => void;
  undo: () => void;
  redo: () => void;
  keepMine: () => void;
  takeTheirs: () => void;
  save: () => void;
  /** Everything is kept: the prompt as stored, or undefined when a conflict or a failure is in the way. */
  kept: () => Promise<Prompt | undefined>;
}

/** The edit of `prompt`, which is what the server last said is stored. */
export function useDraft(prompt: Prompt): [Draft, DraftActions] {
  const queries = useQueryClient();
  const [draft, happen] = useReducer(next, prompt, (first) => restored(first));
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
  });

  const sending = useRef<Promise<Prompt>>(null);
  const save = useCallback(() => {
    const { base, edit, phase } = latest.current;
    if (phase !== "waiting" && phase !== "failed") return;
    happen({ type: "sent" });
    sending.current = updateDraft(base, request(base, edit));
    sending.current.then(
      (stored) => {
        happen({ type: "stored", prompt: stored });
        rememberPrompt(queries, stored);
      },
      (failure: unknown) => happen({ type: "refused", error: errorOf(failure) }),
    );
  }, [queries]);

  useEffect(() => happen({ type: "arrived", prompt }), [prompt]);
  useSaving(draft, save);
  useKeeping(draft, latest, sending, (stored) => rememberPrompt(queries, stored));

  const { phase, theirs, base } = draft;
  useEffect(() => {
    if (phase !== "conflict" || theirs) return;
    void queries.fetchQuery({ queryKey: promptKey(base.key), queryFn: () => getPrompt(base.key), staleTime: 0 }).then(
      (found) => happen({ type: "arrived", prompt: found }),
      () => undefined, // The next reading of the prompt brings it.
    );
  }, [phase, theirs, base.key, queries]);

  const kept = useKept(draft, save);
  const edit = useCallback<DraftActions["edit"]>((change, what = "") => {
    const edited = change(latest.current.edit);
    latest.current = { ...latest.current, edit: edited };
    happen({ type: "edited", edit: edited, what, at: performance.now() });
  }, []);
  return [
    draft,
    {
      edit,
      undo: () => happen({ type: "undone" }),
      redo: () => happen({ type: "redone" }),
      keepMine: () => happen({ type: "kept mine" }),
      takeTheirs: () => happen({ type: "took theirs" }),
      save,
      kept,
    },
  ];
}

/** A function that saves now and waits until it is known how that ended. */
function useKept(draft: Draft, save: () => void): DraftActions["kept"] {
  const waiting = useRef<((stored: Prompt | undefined) => void)[]>([]);
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
    if (draft.phase === "waiting" || draft.phase === "saving") return;
    const stored = draft.phase === "saved" ? draft.base : undefined;
    for (const tell of waiting.current.splice(0)) tell(stored);
  }, [draft]);
  return useCallback(async () => {
    if (latest.current.phase === "saved") return latest.current.base;
    if (latest.current.phase === "conflict") return undefined;
    return new Promise((tell) => {
      waiting.current.push(tell);
      save();
    });
  }, [save]);
}

/** The prompt as stored, or with what this tab could not store before it was reloaded. */
function restored(prompt: Prompt): Draft {
  const kept = unsaved(prompt);
  if (!kept) return opened(prompt);
  const edited = next(opened(kept.base), { type: "edited", edit: kept.edit, what: "", at: 0 });
  return next(edited, { type: "arrived", prompt });
}

/** Saves a moment after the last change, and again, ever later, while that fails. */
function useSaving({ phase, edit, failures }: Draft, save: () => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further edit starts the pause anew.
  useEffect(() => {
    if (phase !== "waiting" && phase !== "failed") return;
    const pause = phase === "waiting" ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures);
    const timer = setTimeout(save, pause);
    window.addEventListener("online", save);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", save);
    };
  }, [phase, edit, failures, save]);
}

/** Keeps in this tab what is not stored, and stores it when the person goes elsewhere. */
function useKeeping(
  draft: Draft,
  latest: { current: Draft },
  sending: { current: Promise<Prompt> | null },
  remember: (stored: Prompt) => void,
): void {
  const { phase, edit, base } = draft;
  useEffect(() => {
    if (phase === "saved") forgetUnsaved(base);
    else keepUnsaved({ base, edit });
  }, [phase, edit, base]);

  const finish = useRef(remember);
  useEffect(() => {
    finish.current = remember;
  });
  useEffect(() => {
    const finishSaving = async () => {
      const { phase: last, base: known, edit: mine } = latest.current;
      if (last === "saved" || last === "conflict") return;
      const on = last === "saving" ? ((await sending.current) ?? known) : known;
      const stored = same(editOf(on), mine) ? on : await updateDraft(on, request(on, mine), true);
      forgetUnsaved(on);
      finish.current(stored);
    };
    const leave = () => void finishSaving().catch(() => undefined); // What is not stored is kept in this tab.
    const warn = (event: BeforeUnloadEvent) => {
      if (latest.current.phase === "conflict" || latest.current.phase === "failed") event.preventDefault();
    };
    window.addEventListener("pagehide", leave);
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("beforeunload", warn);
      leave();
    };
  }, [latest, sending]);
}

/** What changed, and what it was made on. */
function request({ draft, ...base }: Prompt, edit: Edit) {
  const stored = editOf({ ...base, draft });
  const content = contentOf(edit);
  const rewritten = !same({ ...stored, name: "", description: "" }, { ...edit, name: "", description: "" });
  // The first edit that is kept says what it began with: that may have moved on meanwhile.
  const begun = base.base ? { base: base.base } : { origin: draft };
  return {
    ...(rewritten && { draft: content, revision: base.revision, ...(base.revision === 0 && begun) }),
    ...(edit.name !== stored.name && { name: edit.name }),
    ...(edit.description !== stored.description && { description: edit.description }),
    about_revision: base.about_revision,
  };
}

function errorOf(failure: unknown): ErrorObject {
  if (failure instanceof ApiFailure) return failure.error;
  return { code: 50000, class: "internal", phase: "connect", message: String(failure), retryable: true };
}
