// The steps of a run with tools: each call with its reply, and the place where a person replies and goes on.
import { useMutation } from "@tanstack/react-query";
import { ArrowRight, Bookmark, Plug } from "lucide-react";
import { useState } from "react";
import type { Message } from "@/api/client";
import type { Events } from "@/api/stream";
import { callTool } from "@/api/tools";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { duration } from "@/parts/figure";
import { useText } from "@/text/text";
import type { Edit } from "./draft";
import type { Round, Run, ToolCall } from "./run";
import { bindingOf, kindOf, serverOf, withRecording } from "./tools/tools";
import type { DraftActions } from "./use-draft";

export type Reply = Events["tool_result"];

export interface Stepping {
  edit: Edit;
  /** Where a reply can be recorded; absent where what runs is no draft. */
  actions?: DraftActions;
  onGoOn: (replies: readonly Reply[]) => void;
}

/** The conversation a run has been so far, with `replies` to its last calls: what is sent to go on. */
export function saidIn(run: Run, replies: readonly Reply[]): Message[] {
  const last = run.toolCalls.map((call, at) => ({ ...call, ...(replies[at] && { result: replies[at] }) }));
  return [...run.rounds, { ...run, toolCalls: last }].flatMap(messagesOf);
}

/** What a run that is over adds to a conversation: its steps, each call with its reply, and what was said last. */
export function spokenIn({ rounds, text, phase }: Run): Message[] {
  const said = rounds.flatMap(messagesOf);
  return text !== "" || phase === "done" ? [...said, { role: "assistant", content: text }] : said;
}

/** Whether it ended with calls that nobody has answered. */
export function waitsForReplies({ phase, done, toolCalls }: Run): boolean {
  return phase === "done" && done?.finish_reason === "tool_calls" && toolCalls.length > 0;
}

function messagesOf({ text, reasoning, signature, toolCalls }: Round): Message[] {
  const calls = toolCalls.map(({ id, name, arguments: args, signature: seal }) => ({
    id,
    name,
    arguments: args,
    ...(seal !== undefined && { signature: seal }),
  }));
  const said: Message = {
    role: "assistant",
    content: text,
    tool_calls: calls,
    ...(reasoning && { reasoning }),
    ...(signature !== undefined && { reasoning_signature: signature }),
  };
  const replies = toolCalls.map(
    ({ id, name, result }): Message => ({ role: "tool", name, tool_call_id: id, content: result?.content ?? "" }),
  );
  return [said, ...replies];
}

/** A call as it was made, and what came back. */
export function ToolCallCard({ call }: { call: ToolCall }) {
  const say = useText();
  const { result } = call;
  return (
    <div
      data-call={call.name}
      className="mb-3 rounded-lg border border-line bg-sheet px-4 py-3 font-mono text-[12.5px]"
    >
      <p className="text-blue">{call.name}</p>
      <pre className="mt-1 whitespace-pre-wrap break-words text-soft">{call.arguments}</pre>
      {result && !result.proposed && (
        <div className="mt-2 border-line border-t pt-2">
          <p className={result.is_error ? "font-sans text-red text-xs" : "font-sans text-faint text-xs"}>
            {say(result.is_error ? "tools.failed" : "tools.replied", { source: say(`tools.source.${result.source}`) })}
            {result.duration_ms > 0 && ` · ${duration(result.duration_ms)}`}
          </p>
          <pre className="mt-1 whitespace-pre-wrap break-words">{result.content}</pre>
        </div>
      )}
    </div>
  );
}

/** A reply to each call of the last round, to be edited before the run goes on. */
export function Replies({ run, stepping }: { run: Run; stepping: Stepping }) {
  const say = useText();
  const [replies, setReplies] = useState<readonly Reply[]>(() => run.toolCalls.map(firstReply));
  const change = (at: number, reply: Reply) => setReplies((all) => all.with(at, reply));
  return (
    <form
      aria-label={say("steps.title")}
      className="font-sans"
      onSubmit={(event) => {
        event.preventDefault();
        stepping.onGoOn(replies);
      }}
    >
      {run.toolCalls.map((call, at) => {
        const reply = replies[at];
        return (
          reply && (
            <ReplyEditor
              key={call.id}
              call={call}
              reply={reply}
              stepping={stepping}
              onChange={(changed) => change(at, changed)}
            />
          )
        );
      })}
      <Button type="submit" look="ink">
        <ArrowRight /> {say("steps.goOn")}
      </Button>
    </form>
  );
}

function firstReply(call: ToolCall, index: number): Reply {
  const { id, name, result } = call;
  const content = result?.content ?? "";
  const source = result ? "mock" : "person";
  return { index, id, name, content, source, is_error: result?.is_error ?? false, duration_ms: 0, proposed: false };
}

interface ReplyEditorProps {
  call: ToolCall;
  reply: Reply;
  stepping: Stepping;
  onChange: (reply: Reply) => void;
}

function ReplyEditor({ call, reply, stepping: { edit, actions }, onChange }: ReplyEditorProps) {
  const say = useText();
  const binding = bindingOf(edit, call.name);
  const server = serverOf(edit, binding);
  const calling = useMutation({
    mutationFn: () => callTool({ binding, arguments: call.arguments, mock: false, ...(server && { server }) }),
    onSuccess: (got) => got && onChange({ ...reply, ...got }),
  });
  const record = () =>
    actions?.edit((now) => withRecording(now, call.name, call.arguments, reply.content, reply.is_error));
  return (
    <div data-call={call.name} className="mb-4 rounded-lg border border-line bg-sheet px-4 py-3">
      <p className="font-mono text-[12.5px] text-blue">{call.name}</p>
      <pre className="mt-1 mb-3 whitespace-pre-wrap break-words font-mono text-[12.5px] text-soft">
        {call.arguments}
      </pre>
      <TextArea
        aria-label={say("steps.reply", { name: call.name })}
        placeholder={say("steps.reply.hint")}
        className="font-mono text-[12.5px]"
        value={reply.content}
        onChange={(event) => onChange({ ...reply, content: event.target.value, source: "person", is_error: false })}
      />
      {calling.error && <p className="mt-1 text-red text-xs">{calling.error.message}</p>}
      <div className="mt-2 flex flex-wrap items-center gap-1">
        {kindOf(binding) !== "function" && (
          <Button look="ghost" size="small" disabled={calling.isPending} onClick={() => calling.mutate()}>
            <Plug /> {say("steps.call")}
          </Button>
        )}
        {actions && (
          <Button look="ghost" size="small" onClick={record}>
            <Bookmark /> {say("steps.record")}
          </Button>
        )}
        <span className={reply.is_error ? "ml-auto text-red text-xs" : "ml-auto text-faint text-xs"}>
          {say(reply.is_error ? "tools.failed" : "tools.replied", { source: say(`tools.source.${reply.source}`) })}
        </span>
      </div>
    </div>
  );
}
