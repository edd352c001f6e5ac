// One run of the prompt and its answer.
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { Answer } from "./answer";
import type { Edit } from "./draft";
import { isActive, roundOf } from "./run";
import { type Reply, saidIn } from "./steps";
import { shapeOf } from "./tools/format";
import type { DraftActions } from "./use-draft";
import { useRun } from "./use-run";
import type { Request, Runs, Trial } from "./use-trial";

export interface RunsProps {
  ref: Ref<Runs>;
  trial: Trial;
  onRunning: (running: boolean) => void;
}

interface OneAnswerProps extends RunsProps {
  edit: Edit;
  actions: DraftActions;
}

export function OneAnswer({ ref, trial, onRunning, edit, actions }: OneAnswerProps) {
  const { run, start, stop } = useRun();
  const sent = useRef<Request>(undefined);
  const begin = () => {
    sent.current = trial.request({});
    if (sent.current) start(sent.current.path, sent.current.body);
  };
  const goOn = (replies: readonly Reply[]) => {
    const before = sent.current;
    const asked = trial.request({}, [...(before?.body.messages ?? []), ...saidIn(run, replies)]);
    if (!asked) return;
    const calls = run.toolCalls.map((call, at) => ({ ...call, ...(replies[at] && { result: replies[at] }) }));
    const rounds = [...run.rounds, { ...roundOf(run), toolCalls: calls }];
    // The next step is sent after the messages of the first: what it brought is in the rounds.
    sent.current = before;
    start(asked.path, asked.body, rounds);
  };
  useImperativeHandle(ref, () => ({ start: begin, stop }));
  const running = isActive(run);
  useEffect(() => onRunning(running), [running, onRunning]);
  return <Answer run={run} onAgain={begin} shape={shapeOf(edit)} stepping={{ edit, actions, onGoOn: goOn }} />;
}
