// What a run would send, and what it costs in tokens, while the prompt is written.
import { ChevronRight } from "lucide-react";
import { useId } from "react";
import type { PreviewReply } from "@/api/authoring";
import { cn } from "@/parts/cn";
import { useText } from "@/text/text";
import { share, tokens } from "./preview";
import type { Preview } from "./use-preview";

interface PreviewPanelProps {
  preview: Preview;
  open: boolean;
  onOpen: (open: boolean) => void;
}

export function PreviewPanel({ preview: { reply, problem }, open, onOpen }: PreviewPanelProps) {
  const say = useText();
  const id = useId();
  return (
    <section aria-label={say("preview.title")} className="mt-8 border-line border-t pt-3">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => onOpen(!open)}
        className="flex w-full items-center gap-2 rounded-md text-left"
      >
        <ChevronRight className={cn("size-3.5 text-faint transition-transform", open && "rotate-90")} />
        <h2 className="eyebrow">{say("preview.title")}</h2>
        <span data-tokens className="figure ml-auto text-[13px] text-soft">
          {reply && <Total reply={reply} />}
        </span>
      </button>
      <div id={id} hidden={!open} className="mt-3">
        {problem && <p className="text-[13px] text-red">{problem}</p>}
        {reply && <Blocks reply={reply} />}
      </div>
    </section>
  );
}

function Total({ reply: { tokens: counted } }: { reply: PreviewReply }) {
  const say = useText();
  const part = share(counted);
  return (
    <>
      {say("preview.tokens", { tokens: tokens(counted.total, counted.exact) })}
      {part !== undefined && (
        <span className="text-faint"> · {say("preview.share", { share: part.share, context: part.context })}</span>
      )}
      {!counted.exact && <span className="text-faint"> · {say("preview.estimate")}</span>}
    </>
  );
}

function Blocks({ reply: { messages, missing, tokens: counted } }: { reply: PreviewReply }) {
  const say = useText();
  return (
    <>
      {missing.length > 0 && (
        <p className="mb-2 text-[13px] text-amber">{say("preview.missing", { names: missing.join(", ") })}</p>
      )}
      <ol aria-label={say("preview.messages")}>
        {messages.map((message, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a rendered message has no name of its own.
            key={at}
            className="grid grid-cols-[6rem_1fr_auto] gap-x-3 border-line border-t py-2.5 text-[13.5px] first:border-t-0"
          >
            <span className="text-[13px] text-soft">{say(`role.${message.role}`)}</span>
            <div className="min-w-0">
              <p className="max-h-80 overflow-y-auto whitespace-pre-wrap break-words">{message.content}</p>
              {(message.parts ?? []).map((part, number) => (
                <p
                  // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name of its own.
                  key={number}
                  className="mt-1 flex gap-3 whitespace-pre-wrap break-words text-soft"
                >
                  <span className="min-w-0 flex-1">
                    {part.text ?? say(part.file ? "preview.file" : "preview.picture")}
                  </span>
                  <Figure value={counted.messages[at]?.parts?.[number]} exact={counted.exact} />
                </p>
              ))}
            </div>
            <Figure value={counted.messages[at]?.tokens} exact={counted.exact} />
          </li>
        ))}
      </ol>
      {(counted.tools ?? 0) > 0 && (
        <p className="flex justify-between border-line border-t py-2.5 text-[13px] text-soft">
          {say("preview.tools")} <Figure value={counted.tools} exact={counted.exact} />
        </p>
      )}
    </>
  );
}

function Figure({ value, exact }: { value: number | undefined; exact: boolean }) {
  return (
    <span className="figure shrink-0 text-[12.5px] text-faint">{value !== undefined && tokens(value, exact)}</span>
  );
}
