// The place for the life of an edit between the screen and the server: saved, waiting, saving, conflict, failed.
//
// Pure: what happened goes in, the next state comes out. `use-draft.ts` does what the state asks for. An edit is never
// dropped: whatever replaces it on the screen puts it on the list that undo walks.
import type { Prompt } from "@/api/client";
import type { ErrorObject } from "@/api/stream";
import { canonical, type Edit, editOf, same } from "./draft";

export type Phase = "saved" | "waiting" | "saving" | "conflict" | "failed";

export interface Draft {
  phase: Phase;
  /** The stored prompt that the edit was made on. */
  base: Prompt;
  edit: Edit;
  /** What is on its way to the server. */
  sent?: Edit | undefined;
  /** What somebody else stored meanwhile. */
  theirs?: Prompt | undefined;
  error?: ErrorObject | undefined;
  /** How often in a row saving failed. */
  failures: number;
  past: readonly Edit[];
  future: readonly Edit[];
  /** When and where the last change was made, so that typing a word is undone as one. */
  stroke?: { what: string; at: number } | undefined;
}

export type Happening =
  | { type: "edited"; edit: Edit; what: string; at: number }
  | { type: "undone" }
  | { type: "redone" }
  | { type: "sent" }
  | { type: "stored"; prompt: Prompt }
  | { type: "refused"; error: ErrorObject }
  | { type: "arrived"; prompt: Prompt }
  | { type: "kept mine" }
  | { type: "took theirs" };

const ONE_STROKE_MS = 1_000;
const LONGEST_PAST = 200;

export function opened(prompt: Prompt): Draft {
  return { phase: "saved", base: prompt, edit: editOf(prompt), failures: 0, past: [], future: [] };
}

export function next(draft: Draft, happening: Happening): Draft {
  switch (happening.type) {
    case "edited":
      return edited(draft, happening);
    case "undone":
      return stepped(draft, draft.past, draft.future, "past");
    case "redone":
      return stepped(draft, draft.future, draft.past, "future");
    case "sent":
      return { ...draft, phase: "saving", sent: draft.edit };
    case "stored":
      return stored(draft, happening.prompt);
    case "refused":
      return refused(draft, happening.error);
    case "arrived":
      return arrived(draft, happening.prompt);
    case "kept mine":
      return draft.theirs
        ? { ...draft, phase: "waiting", base: draft.theirs, theirs: undefined, error: undefined }
        : draft;
    case "took theirs":
      return draft.theirs ? { ...replaced(draft, editOf(draft.theirs)), ...settled(draft.theirs) } : draft;
  }
}

function edited(draft: Draft, { edit, what, at }: { edit: Edit; what: string; at: number }): Draft {
  if (edit === draft.edit) return draft;
  const { stroke } = draft;
  const goesOn = what !== "" && stroke?.what === what && at - stroke.at < ONE_STROKE_MS;
  const after = goesOn ? { ...draft, edit, future: [] } : replaced(draft, edit);
  return { ...after, phase: unsettled(draft.phase), stroke: { what, at } };
}

/** The edit put in the place of another, which undo brings back. */
function replaced(draft: Draft, edit: Edit): Draft {
  const past = [...draft.past.slice(-LONGEST_PAST + 1), draft.edit];
  return { ...draft, edit, past, future: [], stroke: undefined };
}

function stepped(draft: Draft, from: readonly Edit[], to: readonly Edit[], direction: "past" | "future"): Draft {
  const edit = from.at(-1);
  if (!edit) return draft;
  const lists = direction === "past" ? ["past", "future"] : ["future", "past"];
  const moved = { [lists[0] as string]: from.slice(0, -1), [lists[1] as string]: [...to, draft.edit] };
  return { ...draft, ...moved, edit, phase: unsettled(draft.phase), stroke: undefined };
}

/** The phase after a change: a conflict stays one until a person decides, and what is on its way stays on its way. */
function unsettled(phase: Phase): Phase {
  return phase === "conflict" || phase === "saving" ? phase : "waiting";
}

function settled(base: Prompt): Partial<Draft> {
  return { phase: "saved", base, sent: undefined, theirs: undefined, error: undefined, failures: 0 };
}

function stored(draft: Draft, prompt: Prompt): Draft {
  const phase = draft.sent && same(draft.sent, draft.edit) ? "saved" : "waiting";
  return { ...draft, ...settled(prompt), phase };
}

function refused(draft: Draft, error: ErrorObject): Draft {
  const phase = error.class === "conflict" ? "conflict" : "failed";
  return { ...draft, phase, error, sent: undefined, failures: draft.failures + 1 };
}

/** The stored prompt was read again. */
function arrived(draft: Draft, prompt: Prompt): Draft {
  const { phase, base } = draft;
  if (phase === "conflict") return met(draft, prompt);
  if (phase === "saving" || prompt.revision < base.revision || prompt.about_revision < base.about_revision)
    return draft;
  const moved = prompt.revision > base.revision || prompt.about_revision > base.about_revision;
  if (phase === "saved") {
    if (same(editOf(prompt), draft.edit)) return { ...draft, base: prompt };
    // What nobody has kept yet is begun anew when there is something newer to begin with.
    return moved || prompt.revision === 0 ? { ...replaced(draft, editOf(prompt)), ...settled(prompt) } : draft;
  }
  return moved ? met(draft, prompt) : draft;
}

/** Mine and theirs meet: what only one of us changed is taken, and what both changed differently is a conflict. */
function met(draft: Draft, theirs: Prompt): Draft {
  const edit = merged(editOf(draft.base), draft.edit, editOf(theirs));
  if (!edit) return { ...draft, phase: "conflict", theirs };
  return { ...draft, ...settled(theirs), edit, phase: same(edit, editOf(theirs)) ? "saved" : "waiting" };
}

/** One edit of two, name, description and draft each as a whole; undefined when both changed the same one. */
function merged(base: Edit, mine: Edit, theirs: Edit): Edit | undefined {
  const draft = one(text(base), text(mine), text(theirs));
  const name = one(base.name, mine.name, theirs.name);
  const description = one(base.description, mine.description, theirs.description);
  if (draft === undefined || name === undefined || description === undefined) return undefined;
  return { ...(draft === text(mine) ? mine : theirs), name, description };
}

function one(base: string, mine: string, theirs: string): string | undefined {
  if (mine === theirs || theirs === base) return mine;
  return mine === base ? theirs : undefined;
}

function text(edit: Edit): string {
  return canonical({ ...edit, name: "", description: "" });
}
