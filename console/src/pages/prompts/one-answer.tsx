// One run of the prompt and its answer.
import { type Ref, useEffect, useImperativeHandle } from "react";
import { Answer } from "./answer";
import { isActive } from "./run";
import { useRun } from "./use-run";
import type { Runs, Trial } from "./use-trial";

export interface RunsProps {
  ref: Ref<Runs>;
  trial: Trial;
  onRunning: (running: boolean) => void;
}

export function OneAnswer({ ref, trial, onRunning }: RunsProps) {
  const { run, start, stop } = useRun();
  const begin = () => {
    const asked = trial.request({});
    if (asked) start(asked.path, asked.body);
  };
  useImperativeHandle(ref, () => ({ start: begin, stop }));
  const running = isActive(run);
  useEffect(() => onRunning(running), [running, onRunning]);
  return <Answer run={run} onAgain={begin} />;
}
