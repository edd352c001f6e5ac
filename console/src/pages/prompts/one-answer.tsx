// One run of the prompt and its answer.
import { type Ref, useEffect, useImperativeHandle } from "react";
import { Answer } from "./answer";
import type { Edit } from "./draft";
import { isActive } from "./run";
import { shapeOf } from "./tools/format";
import type { DraftActions } from "./use-draft";
import { useSteps } from "./use-steps";
import type { Runs, Trial } from "./use-trial";

export interface RunsProps {
  ref: Ref<Runs>;
  trial: Trial;
  onRunning: (running: boolean) => void;
}

/** Of runs that may stop at a call, whose replies are mocks of the draft. */
export interface SteppedProps extends RunsProps {
  edit: Edit;
  actions: DraftActions;
}

export function OneAnswer({ ref, trial, onRunning, edit, actions }: SteppedProps) {
  const { run, begin, goOn, stop } = useSteps(trial);
  useImperativeHandle(ref, () => ({ start: begin, stop }));
  const running = isActive(run);
  useEffect(() => onRunning(running), [running, onRunning]);
  return <Answer run={run} onAgain={begin} shape={shapeOf(edit)} stepping={{ edit, actions, onGoOn: goOn }} />;
}
