// A conversation with the prompt: each answer becomes a turn, and the next message is written beneath it.
import { Check, ChevronLeft, ChevronRight, GitBranch, Pencil, RefreshCw, Send, Trash2, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { keys } from "@/parts/keys";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { Answer } from "./answer";
import {
  awaitsAnswer,
  branched,
  type Conversation,
  EMPTY,
  messagesOf,
  onBranch,
  rewritten,
  type Turn,
  turn,
  turnsOf,
  withoutBranch,
  withoutTurn,
  withTurn,
} from "./conversation";
import type { RunsProps } from "./one-answer";
import { isActive } from "./run";
import { useRun } from "./use-run";

interface TalkProps extends RunsProps {
  conversation: Conversation;
  onChange: (conversation: Conversation) => void;
}

export function Talk({ ref, trial, onRunning, conversation, onChange }: TalkProps) {
  const say = useText();
  const [typed, setTyped] = useState("");
  const { ask, run, stop } = useAnswers(trial, onChange);
  const composer = useRef<HTMLTextAreaElement>(null);
  const running = isActive(run);
  const send = () => {
    if (running) return;
    if (typed.trim() === "" && !awaitsAnswer(conversation)) return composer.current?.focus();
    const asked = typed.trim() === "" ? conversation : withTurn(conversation, turn({ role: "user", content: typed }));
    if (ask(asked)) setTyped("");
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
              onRewrite={(content) => onChange(rewritten(conversation, it.uid, { content }))}
              onDelete={() => onChange(withoutTurn(conversation, it.uid))}
              onBranch={() => branch(it.uid)}
              {...(it.message.role === "assistant" && { onRegenerate: () => regenerate(it.uid) })}
            />
          ))}
        </ol>
        {(run.phase !== "idle" || turns.length === 0) && (
          <div className="mt-4 flex min-h-72 flex-col">
            <Answer run={run} title={say("talk.answer")} onAgain={() => ask(conversation)} />
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
    if (run.phase !== "done" && !(run.phase === "stopped" && run.text)) return;
    const message = { role: "assistant" as const, content: run.text };
    answered.current(withTurn(asked.current, turn(message)));
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
  return { run, stop, ask };
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

interface TurnRowProps {
  turn: Turn;
  busy: boolean;
  onRewrite: (content: string) => void;
  onDelete: () => void;
  onBranch: () => void;
  onRegenerate?: () => void;
}

function TurnRow({ turn: { message }, busy, onRewrite, onDelete, onBranch, onRegenerate }: TurnRowProps) {
  const say = useText();
  const [text, setText] = useState<string>();
  const role = say(`role.${message.role}`);
  const keep = () => {
    if (text !== undefined) onRewrite(text);
    setText(undefined);
  };
  const acts = text === undefined && (
    <div className="flex opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
      <Act label={say("talk.edit")} onAct={() => setText(message.content)} disabled={busy} icon={<Pencil />} />
      {onRegenerate && <Act label={say("talk.again")} onAct={onRegenerate} disabled={busy} icon={<RefreshCw />} />}
      <Act label={say("talk.branch")} onAct={onBranch} disabled={busy} icon={<GitBranch />} />
      <Act label={say("talk.delete")} onAct={onDelete} disabled={busy} icon={<Trash2 />} />
    </div>
  );
  return (
    <li data-turn={message.role} className="group grid grid-cols-[5.5rem_1fr] gap-x-3 border-line border-b py-3">
      <span className="pt-0.5 font-medium text-[13px] text-soft">{role}</span>
      <div className="min-w-0">
        {text === undefined ? (
          <p className="whitespace-pre-wrap break-words font-serif text-[17px] leading-[1.6]">{message.content}</p>
        ) : (
          <div className="grid gap-2">
            <TextArea
              autoFocus
              aria-label={say("talk.text", { role })}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <div className="flex gap-1">
              <Button size="small" onClick={keep}>
                <Check /> {say("talk.keep")}
              </Button>
              <Button look="ghost" size="small" onClick={() => setText(undefined)}>
                <X /> {say("form.cancel")}
              </Button>
            </div>
          </div>
        )}
        {acts}
      </div>
    </li>
  );
}

interface ActProps {
  label: string;
  onAct: () => void;
  disabled: boolean;
  icon: ReactNode;
}

function Act({ label, onAct, disabled, icon }: ActProps) {
  return (
    <Hint text={label}>
      <Button look="ghost" size="tiny" aria-label={label} disabled={disabled} onClick={onAct}>
        {icon}
      </Button>
    </Hint>
  );
}

interface ComposerProps {
  ref: { current: HTMLTextAreaElement | null };
  value: string;
  busy: boolean;
  onChange: (value: string) => void;
  onSend: () => void;
}

function Composer({ ref, value, busy, onChange, onSend }: ComposerProps) {
  const say = useText();
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing)
      return;
    event.preventDefault();
    onSend();
  };
  return (
    <div className="flex items-end gap-2 border-line border-t pt-3">
      <TextArea
        ref={ref}
        value={value}
        aria-label={say("talk.next")}
        placeholder={say("talk.next.hint")}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={press}
      />
      <Hint text={say("talk.send")} keys={keys("Enter")}>
        <Button size="icon" className="size-9" aria-label={say("talk.send")} disabled={busy} onClick={onSend}>
          <Send />
        </Button>
      </Hint>
    </div>
  );
}
