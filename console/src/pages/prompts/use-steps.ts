// The place where a run of the prompt stops at calls that a person answers, and goes on with their replies.
import { useRef } from "react";
import type { Pane } from "./panes";
import { type Run, roundOf } from "./run";
import { type Reply, saidIn } from "./steps";
import { useRun } from "./use-run";
import type { Request, Trial } from "./use-trial";

export interface Steps {
  run: Run;
  begin: (pane?: Pane) => void;
  /** With a reply to each call of the last round. */
  goOn: (replies: readonly Reply[]) => void;
  stop: () => void;
}

export function useSteps(trial: Trial): Steps {
  const { run, start, stop } = useRun();
  const sent = useRef<{ pane: Pane; asked: Request }>(undefined);
  const begin = (pane: Pane = {}) => {
    const asked = trial.request(pane);
    sent.current = asked && { pane, asked };
    if (asked) start(asked.path, asked.body);
  };
  const goOn = (replies: readonly Reply[]) => {
    // Each step is sent after the messages of the first: what it brought is in the rounds.
    const { pane = {}, asked: first } = sent.current ?? {};
    const asked = trial.request(pane, [...(first?.body.messages ?? []), ...saidIn(run, replies)]);
    if (!asked) return;
    const calls = run.toolCalls.map((call, at) => ({ ...call, ...(replies[at] && { result: replies[at] }) }));
    start(asked.path, asked.body, [...run.rounds, { ...roundOf(run), toolCalls: calls }]);
  };
  return { run, begin, goOn, stop };
}
