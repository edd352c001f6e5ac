// Where the next message of a conversation is written, with pictures and files: chosen, dropped, pasted or by address.
import { Send } from "lucide-react";
import { type KeyboardEvent, type Ref, useState } from "react";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { keys } from "@/parts/keys";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { Attach, taken } from "./attach";
import type { Part, Refused } from "./attachments";
import { PartList } from "./part-list";
import { RefusedNote } from "./refused-note";

export interface Typed {
  content: string;
  parts: readonly Part[];
}

export const NOTHING: Typed = { content: "", parts: [] };

interface ComposerProps {
  ref: Ref<HTMLTextAreaElement>;
  value: Typed;
  busy: boolean;
  onChange: (change: (value: Typed) => Typed) => void;
  onSend: () => void;
}

export function Composer({ ref, value, busy, onChange, onSend }: ComposerProps) {
  const say = useText();
  const [refused, setRefused] = useState<Refused>();
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing)
      return;
    event.preventDefault();
    onSend();
  };
  const add = (added: Part[]) => onChange((now) => ({ ...now, parts: [...now.parts, ...added] }));
  const take = (files: FileList, event: { preventDefault: () => void }) => {
    if (files.length === 0) return;
    event.preventDefault();
    void taken([...files], add, setRefused);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped anywhere on it; the button does the same.
    <div
      className="border-line border-t pt-3"
      onPasteCapture={(event) => take(event.clipboardData.files, event)}
      onDragOver={(event) => event.preventDefault()}
      onDropCapture={(event) => take(event.dataTransfer.files, event)}
    >
      <div className="max-h-48 overflow-y-auto [&>ol]:mt-0 [&>ol]:mb-2">
        <PartList parts={value.parts} onChange={(parts) => onChange((now) => ({ ...now, parts }))} />
      </div>
      <RefusedNote refused={refused} />
      <div className="flex items-end gap-2">
        <Attach said className="mb-1.5" onAdd={add} onRefused={setRefused} />
        <TextArea
          ref={ref}
          value={value.content}
          aria-label={say("talk.next")}
          placeholder={say("talk.next.hint")}
          onChange={({ target }) => onChange((now) => ({ ...now, content: target.value }))}
          onKeyDown={press}
        />
        <Hint text={say("talk.send")} keys={keys("Enter")}>
          <Button size="icon" className="size-9" aria-label={say("talk.send")} disabled={busy} onClick={onSend}>
            <Send />
          </Button>
        </Hint>
      </div>
    </div>
  );
}
