// A turn of a conversation: what was said with its pictures, what was called or replied, and what can be done with it.
import { Check, GitBranch, Pencil, RefreshCw, Trash2, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Message } from "@/api/client";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { TextArea } from "@/parts/field";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { Attach } from "./attach";
import type { Part, Refused } from "./attachments";
import type { Turn } from "./conversation";
import { PartList } from "./part-list";
import { PartsShown } from "./parts-shown";
import { RefusedNote } from "./refused-note";
import { ToolCallCard } from "./steps";

interface TurnRowProps {
  turn: Turn;
  busy: boolean;
  onRewrite: (change: Pick<Message, "content" | "parts">) => void;
  onDelete: () => void;
  onBranch: () => void;
  onRegenerate?: () => void;
}

export function TurnRow({ turn: { message }, busy, onRewrite, onDelete, onBranch, onRegenerate }: TurnRowProps) {
  const say = useText();
  const [editing, setEditing] = useState(false);
  return (
    <li data-turn={message.role} className="group grid grid-cols-[5.5rem_1fr] gap-x-3 border-line border-b py-3">
      <span className="pt-0.5 font-medium text-[13px] text-soft">{say(`role.${message.role}`)}</span>
      <div className="min-w-0">
        {editing ? (
          <TurnForm
            message={message}
            onKeep={(change) => {
              onRewrite(change);
              setEditing(false);
            }}
            onLeave={() => setEditing(false)}
          />
        ) : (
          <>
            <Said message={message} />
            <div className="flex opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
              <Act label={say("talk.edit")} onAct={() => setEditing(true)} disabled={busy} icon={<Pencil />} />
              {onRegenerate && (
                <Act label={say("talk.again")} onAct={onRegenerate} disabled={busy} icon={<RefreshCw />} />
              )}
              <Act label={say("talk.branch")} onAct={onBranch} disabled={busy} icon={<GitBranch />} />
              <Act label={say("talk.delete")} onAct={onDelete} disabled={busy} icon={<Trash2 />} />
            </div>
          </>
        )}
      </div>
    </li>
  );
}

function Said({ message }: { message: Message }) {
  const { role, name, content, parts, tool_calls: calls = [] } = message;
  const tool = role === "tool";
  return (
    <>
      {tool && <span className="font-mono text-[12.5px] text-blue">{name}</span>}
      {(content !== "" || (calls.length === 0 && !parts)) && (
        <p
          className={cn(
            "whitespace-pre-wrap break-words",
            tool ? "font-mono text-[12.5px] text-soft" : "font-serif text-[17px] leading-[1.6]",
          )}
        >
          {content}
        </p>
      )}
      {parts && <PartsShown parts={parts} />}
      {calls.map((call) => (
        <ToolCallCard key={call.id} call={call} />
      ))}
    </>
  );
}

interface TurnFormProps {
  message: Message;
  onKeep: (change: Pick<Message, "content" | "parts">) => void;
  onLeave: () => void;
}

function TurnForm({ message, onKeep, onLeave }: TurnFormProps) {
  const say = useText();
  const [text, setText] = useState(message.content);
  const [parts, setParts] = useState<readonly Part[]>(message.parts ?? []);
  const [refused, setRefused] = useState<Refused>();
  const keep = () => onKeep({ content: text, ...((parts.length > 0 || message.parts) && { parts: [...parts] }) });
  return (
    <div className="grid gap-2">
      <TextArea
        autoFocus
        aria-label={say("talk.text", { role: say(`role.${message.role}`) })}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <PartList parts={parts} onChange={setParts} />
      <RefusedNote refused={refused} />
      <div className="flex gap-1">
        <Button size="small" onClick={keep}>
          <Check /> {say("talk.keep")}
        </Button>
        <Button look="ghost" size="small" onClick={onLeave}>
          <X /> {say("form.cancel")}
        </Button>
        {message.role === "user" && (
          <Attach said className="ml-auto" onAdd={(added) => setParts([...parts, ...added])} onRefused={setRefused} />
        )}
      </div>
    </div>
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
