// The place where what is on the screen becomes a request: the prompt or a version of it, with the values given.
import { useState } from "react";
import type { Message, Simulate } from "@/api/client";
import type { Draft } from "./autosave";
import { contentOf, type Slot } from "./draft";
import type { Pane } from "./panes";
import { type ToolsMode, toolsOf } from "./tools/tools";
import { filled, keepValues, keptValues, type Problem, type Values } from "./values";
import { variableField } from "./variables";

/** A run, as it is sent. */
export interface Request {
  path: string;
  body: RunBody;
}

export interface RunBody extends Pane {
  variables: Record<string, unknown>;
  draft?: ReturnType<typeof contentOf>;
  messages?: Message[];
  simulate?: Simulate;
  tools_mode?: ToolsMode;
}

/** What can be started and stopped: one answer, several side by side, a conversation. */
export interface Runs {
  start: () => void;
  stop: () => void;
}

export interface Trial {
  values: Values;
  problems: Readonly<Record<string, Problem>>;
  setValue: (name: string, value: string) => void;
  setValues: (values: Values) => void;
  /** What is sent for a pane, with `messages` after the prompt's own; undefined when it cannot run yet. */
  request: (pane: Pane, messages?: readonly Message[]) => Request | undefined;
  /** Whether calls stop a run until a person replies. */
  stepping: boolean;
  /** The body of such a request, whether it can run or not. */
  body: (pane: Pane) => RunBody;
}

/** The values a person gives for `slots`, and requests for runs with them. `context` follows the prompt's messages. */
export function useTrial(
  draft: Draft,
  slots: readonly Slot[],
  simulate: Simulate | undefined,
  context: readonly Message[],
  toolsMode: ToolsMode,
): Trial {
  const { key } = draft.base;
  const [values, show] = useState(() => keptValues(key));
  const [problems, setProblems] = useState<Readonly<Record<string, Problem>>>({});
  const { edit } = draft;

  const bodyOf = (pane: Pane, messages: readonly Message[], given: Record<string, unknown>): RunBody => {
    const model = pane.model ?? (isCommitted(pane) ? "" : edit.settings.model);
    return {
      variables: given,
      ...(!isCommitted(pane) && { draft: contentOf(edit) }),
      ...pane,
      ...(messages.length > 0 && { messages: [...messages] }),
      ...(simulate && model.startsWith("simulated/") && { simulate }),
    };
  };
  const fill = () => filled(slots, values, edit.settings.variables);
  const request: Trial["request"] = (pane, messages = context) => {
    const { values: given, problems: found } = fill();
    // A version may need less than the draft does; what it misses the server says.
    const wrong = Object.keys(found).filter((name) => !isCommitted(pane) || found[name] !== "missing");
    setProblems(found);
    if (wrong[0] !== undefined) {
      document.getElementById(variableField(wrong[0]))?.focus();
      return undefined;
    }
    const mode = isCommitted(pane) || toolsOf(edit).length > 0 ? { tools_mode: toolsMode } : {};
    return { path: `/api/prompts/${encodeURIComponent(key)}/run`, body: { ...bodyOf(pane, messages, given), ...mode } };
  };
  const body: Trial["body"] = (pane) => bodyOf(pane, context, fill().values);
  const setValues = (changed: Values) => {
    show(changed);
    keepValues(key, changed);
    setProblems((found) =>
      Object.fromEntries(Object.entries(found).filter(([name]) => changed[name] === values[name])),
    );
  };
  const setValue = (name: string, value: string) => setValues({ ...values, [name]: value });
  const stepping = toolsMode === "step" && toolsOf(edit).length > 0;
  return { values, problems, setValue, setValues, request, stepping, body };
}

function isCommitted({ version, label }: Pane): boolean {
  return version !== undefined || label !== undefined;
}
