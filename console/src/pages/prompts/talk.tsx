// A conversation with the prompt: each answer becomes a turn, and the next message is written beneath it.
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "@/parts/button";
import { useText } from "@/text/text";
import { Answer } from "./answer";
import { Composer, NOTHING, type Typed } from "./composer";
import {
  awaitsAnswer,
  branched,
  type Conversation,
  EMPTY,
  messagesOf,
  onBranch,
  rewritten,
  turn,
  turnsOf,
  withoutBranch,
  withoutTurn,
  withTurn,
} from "./conversation";
import type { SteppedProps } from "./one-answer";
import { isActive } from "./run";
import { type Reply, saidIn, spokenIn, waitsForReplies } from "./steps";
import { TurnRow } from "./turn-row";
import { useRun } from "./use-run";

interface TalkProps extends SteppedProps {
  conversation: Conversation;
  onChange: (conversation: Conversation) => void;
}

export function Talk({ ref, trial, onRunning, edit, actions, conversation, onChange }: TalkProps) {
  const say = useText();
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const { ask, goOn, run, stop } = useAnswers(trial, onChange);
  const composer = useRef<HTMLTextAreaElement>(null);
  const running = isActive(run);
  const send = () => {
    if (running) return;
    const { content, parts } = typed;
    const empty = content.trim() === "" && parts.length === 0;
    if (empty && !awaitsAnswer(conversation)) return composer.current?.focus();
    const said = turn({ role: "user", content, ...(parts.length > 0 && { parts: [...parts] }) });
    if (ask(empty ? conversation : withTurn(conversation, said))) setTyped(NOTHING);
  };
  useImperativeHandle(ref, () => ({ start: send, stop }));
  useEffect(() => onRunning(running), [running, onRunning]);

  const turns = turnsOf(conversation);
  const branch = (uid: string) => onChange(branched(conversation, uid, "with"));
  const regenerate = (uid: string) => ask(branched(conversation, uid, "before"));
  return (
    <section aria-label={say("talk.title")} className="flex min-h-0 flex-1 flex-col">
      <Head conversation={conversation} busy={running} onChange={onChange} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <ol>
          {turns.map((it) => (
            <TurnRow
              key={it.uid}
              turn={it}
              busy={running}
              onRewrite={(change) => onChange(rewritten(conversation, it.uid, change))}
              onDelete={() => onChange(withoutTurn(conversation, it.uid))}
              onBranch={() => branch(it.uid)}
              {...(it.message.role === "assistant" && { onRegenerate: () => regenerate(it.uid) })}
            />
          ))}
        </ol>
        {(run.phase !== "idle" || turns.length === 0) && (
          <div className="mt-4 flex min-h-72 flex-col">
            <Answer
              run={run}
              title={say("talk.answer")}
              onAgain={() => ask(conversation)}
              stepping={{ edit, actions, onGoOn: goOn }}
            />
          </div>
        )}
      </div>
      <Composer ref={composer} value={typed} busy={running} onChange={setTyped} onSend={send} />
    </section>
  );
}

/** Asks, and puts what was answered at the end of the conversation it was asked in. */
function useAnswers(trial: TalkProps["trial"], onChange: TalkProps["onChange"]) {
  const { run, start, stop, clear } = useRun();
  const asked = useRef<Conversation>(EMPTY);
  const answered = useRef(onChange);
  useEffect(() => {
    answered.current = onChange;
  });
  useEffect(() => {
    if (run.phase !== "done" && run.phase !== "stopped") return;
    // Calls without replies are no turn yet: a person answers them first.
    const said = waitsForReplies(run) ? [] : spokenIn(run);
    if (said.length === 0) return;
    answered.current(withTurn(asked.current, ...said.map(turn)));
    clear();
  }, [run, clear]);
  const ask = (conversation: Conversation): boolean => {
    const request = trial.request({}, messagesOf(conversation));
    if (!request) return false;
    asked.current = conversation;
    onChange(conversation);
    start(request.path, request.body);
    return true;
  };
  const goOn = (replies: readonly Reply[]) => ask(withTurn(asked.current, ...saidIn(run, replies).map(turn)));
  return { run, stop, ask, goOn };
}

function Head({
  conversation,
  busy,
  onChange,
}: { conversation: Conversation; busy: boolean } & Pick<TalkProps, "onChange">) {
  const say = useText();
  const { branches, at } = conversation;
  return (
    <div className="flex h-8 items-center gap-1 border-line border-b pb-2">
      <h2 className="eyebrow">{say("talk.title")}</h2>
      <span className="ml-auto" />
      {branches.length > 1 && (
        <>
          <Button
            look="ghost"
            size="tiny"
            aria-label={say("talk.branch.before")}
            disabled={busy || at === 0}
            onClick={() => onChange(onBranch(conversation, at - 1))}
          >
            <ChevronLeft />
          </Button>
          <span className="figure text-soft text-xs">{say("talk.branch.at", { n: at + 1, m: branches.length })}</span>
          <Button
            look="ghost"
            size="tiny"
            aria-label={say("talk.branch.after")}
            disabled={busy || at === branches.length - 1}
            onClick={() => onChange(onBranch(conversation, at + 1))}
          >
            <ChevronRight />
          </Button>
        </>
      )}
      {(branches.length > 1 || turnsOf(conversation).length > 0) && (
        <Button look="ghost" size="small" disabled={busy} onClick={() => onChange(withoutBranch(conversation))}>
          {say(branches.length > 1 ? "talk.branch.drop" : "talk.clear")}
        </Button>
      )}
    </div>
  );
}
